import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Attack } from '../attack.ts'
import type { Held } from '../client.ts'
import type { Stage } from '../stage.ts'
import { standards } from '../standards.ts'
import { asVictim, outcome, seenOf } from '../steps.ts'

export const sidejacking: Attack = {
  id: 'sidejacking',
  title: 'Sidejacking: a cookie or token read off the wire',
  aim: 'Somebody on the same network reads plain http along, and sends what the browser sent.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'https-only',
      title: 'No session over plain http',
      on: 'The default: on an origin without https, other than this machine, nobody is signed in; cookies are Secure',
      off: 'insecureHttp: true',
      rule: 'A login over plain http is refused before there is anything to read, and says how to mend it.',
      code: 'src/http/request-session.ts',
      standard: standards.sessionCookies,
    },
  ],
  inBrowser: false,
  others: 'requests',
  carryOut: async (stage) => {
    const insecureHttp = !stage.has('https-only')
    const target = await stage.open({ host: 'app.example', ...(insecureHttp && { insecureHttp }) })
    const wire = await tap(stage, target.port)
    const victim = stage.client('victim', { origin: target.origin, port: wire.port })
    const login = await victim.send('POST', '/login?user=ada')
    await victim.send('GET', '/me')
    const read = heldIn(wire.read())
    if (read === null) return outcome(false, `Nothing went over the wire: ${seenOf('POST /login', login)}.`)
    stage.tell('attacker', 'has read a cookie or token off the wire')
    const attacker = stage.client('attacker', target)
    attacker.take(read)
    return asVictim(attacker)
  },
}

interface Tap {
  readonly port: number
  /** All that went by. */
  read(): string
}

/** A wire that somebody reads along. */
async function tap(stage: Stage, port: number): Promise<Tap> {
  let text = ''
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    sockets.add(near).add(far)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
      })
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage.after(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, read: () => text }
}

function heldIn(wire: string): Held | null {
  const cookie = /^cookie: (.*)$/im.exec(wire)?.[1]?.trim()
  const access = /^authorization: bearer (\S+)/im.exec(wire)?.[1] ?? null
  if (cookie === undefined && access === null) return null
  const pairs = (cookie ?? '').split('; ').map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)] as const
  })
  return { cookies: new Map(cookie === undefined ? [] : pairs), access, refresh: null }
}
