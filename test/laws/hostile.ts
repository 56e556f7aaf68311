import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seededRandom } from '../support/random.ts'
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'

/** What hostile input did to a server in a process of its own. */
export interface HostileResult {
  readonly sent: number
  readonly byKind: Readonly<Record<string, number>>
  readonly statuses: Readonly<Record<string, number>>
  readonly accepted: readonly string[]
  readonly serverErrors: readonly string[]
  /** What the server printed on standard error after it was ready. */
  readonly complaints: string
  readonly alive: boolean
  /** Resident memory in MB after a tenth, half and all of the requests. */
  readonly memory: readonly number[]
}

interface Good {
  readonly session: string
  readonly snapshot: string
  readonly access: string
  readonly refresh: string
}

interface Hostile {
  readonly kind: string
  readonly bytes: Buffer
}

const batch = 64

/** Sends `count` mutated credentials, headers and bodies to a real server. None may be accepted, none may make it stumble. */
export async function hostile(count: number, seed: number, progress: (done: number) => void): Promise<HostileResult> {
  const data = mkdtempSync(join(tmpdir(), 'handstamp-hostile-'))
  const server = await startServerProcess(data)
  const tally = { byKind: {} as Record<string, number>, statuses: {} as Record<string, number> }
  const accepted: string[] = []
  const serverErrors: string[] = []
  const memory: number[] = []
  try {
    const good = await credentials(server)
    const dice = seededRandom(seed)
    let sent = 0
    const note = (of: Hostile, status: string): void => {
      tally.statuses[status] = (tally.statuses[status] ?? 0) + 1
      if (status === '200' || status === '303')
        accepted.push(`${of.kind}: ${of.bytes.toString('latin1').slice(0, 600)}`)
      if (status.startsWith('5') && status !== '503')
        serverErrors.push(`${status} ${of.kind}: ${of.bytes.toString('latin1').slice(0, 600)}`)
      if (status === '503') serverErrors.push(`503 ${of.kind}`)
    }
    while (sent < count) {
      const wave = Array.from({ length: Math.min(batch, count - sent) }, () => mutate(good, dice))
      for (const { kind } of wave) tally.byKind[kind] = (tally.byKind[kind] ?? 0) + 1
      await deliver(Number(new URL(server.url).port), wave, note)
      sent += wave.length
      if (memory.length < [count / 10, count / 2, count].filter((mark) => sent >= mark).length)
        memory.push(memoryOf(server.pid))
      progress(sent)
    }
    const alive =
      (await fetch(`${server.url}/session`, { headers: { authorization: `Bearer ${good.access}` } })).status === 200
    return { sent, ...tally, accepted, serverErrors, complaints: server.complaints(), alive, memory }
  } finally {
    await server.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

/** Resident memory in MB. */
function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

/** One connection, pipelined; where the server closes it, the rest goes over a new one. */
async function deliver(
  port: number,
  wave: readonly Hostile[],
  note: (of: Hostile, status: string) => void,
): Promise<void> {
  let rest = wave
  while (rest.length > 0) {
    const statuses = await exchange(connect(port, '127.0.0.1'), rest)
    for (const [index, status] of statuses.entries()) note(rest[index] as Hostile, status)
    if (statuses.length === 0) note(rest[0] as Hostile, 'closed')
    rest = rest.slice(Math.max(1, statuses.length))
  }
}

/** Sends all at once and reads the status lines until all are answered or the server has closed. */
function exchange(socket: Socket, wave: readonly Hostile[]): Promise<string[]> {
  return new Promise((resolve) => {
    const statuses: string[] = []
    let held = ''
    const done = (): void => {
      socket.destroy()
      resolve(statuses.slice(0, wave.length))
    }
    socket.setTimeout(20_000, done)
    socket.on('data', (chunk) => {
      const lines = (held + chunk.toString('latin1')).split('\r\n')
      held = lines.pop() ?? ''
      for (const line of lines) {
        const status = /HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]
        if (status !== undefined && status !== '100') statuses.push(status)
      }
      if (statuses.length >= wave.length) done()
    })
    socket.on('close', done)
    socket.on('error', done)
    socket.write(Buffer.concat(wave.map((one) => one.bytes)))
  })
}

function mutate(good: Good, dice: Random): Hostile {
  const pick = dice.below(12)
  if (pick < 3) return cookieRequest('session cookie', `__Host-session=${twist(good.session, dice)}`)
  if (pick < 4)
    return cookieRequest(
      'cookie pair',
      `__Host-session=${twist(good.session, dice)}; __Host-snapshot=${twist(good.snapshot, dice)}`,
    )
  if (pick < 5)
    return cookieRequest(
      'snapshot alone',
      `__Host-snapshot=${dice.below(2) === 0 ? good.snapshot : twist(good.snapshot, dice)}`,
    )
  if (pick < 6) return cookieRequest('cookie name', `${twist('__Host-session', dice)}=${good.session}`)
  if (pick < 7)
    return cookieRequest(
      'duplicate cookie',
      `__Host-session=${good.session}; a=b; __Host-session=${twist(good.session, dice)}`,
    )
  if (pick < 9) return request('access token', 'GET /session', `Authorization: Bearer ${twist(good.access, dice)}\r\n`)
  if (pick < 10) return request('authorization', 'GET /session', `Authorization: ${scheme(dice)}${good.access}\r\n`)
  if (pick < 11)
    return form(
      'refresh token',
      '/token',
      `grant_type=refresh_token&refresh_token=${encodeURIComponent(twist(good.refresh, dice))}`,
    )
  return form(
    'login body',
    '/login',
    twist('{"username":"demo","password":"none of your business","remember":true}', dice),
    'application/json',
  )
}

/** Anything but a spelling of `Bearer ` (RFC 9110 11.1: schemes ignore case). */
function scheme(dice: Random): string {
  const twisted = twist('Bearer ', dice)
  return twisted.trim().toLowerCase() === 'bearer' ? `${twisted.trim()}_ ` : twisted
}

function cookieRequest(kind: string, cookie: string): Hostile {
  return request(kind, 'GET /session', `Cookie: ${cookie}\r\n`)
}

function request(kind: string, line: string, headers: string): Hostile {
  return { kind, bytes: Buffer.from(`${line} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`, 'latin1') }
}

function form(kind: string, path: string, body: string, type = 'application/x-www-form-urlencoded'): Hostile {
  const bytes = Buffer.from(body, 'latin1')
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`
  return { kind, bytes: Buffer.concat([Buffer.from(head, 'latin1'), bytes]) }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
const hostileBytes = '\u0000\u0001\t "%\',/:;<=>?@[\\]^`{|}~\u007f\u0080\u00ff'

/** A text that is not the given one and does not hold it. */
function twist(text: string, dice: Random): string {
  for (;;) {
    let twisted = text
    for (let times = 1 + dice.below(3); times > 0; times--) twisted = twistOnce(twisted, dice)
    if (!twisted.includes(text) && !text.startsWith(twisted.trim().split(/[;,]/, 1)[0] as string)) return twisted
    if (text.length < 20 && twisted !== text && twisted.trim() !== text) return `${twisted}_`
  }
}

function twistOnce(text: string, dice: Random): string {
  const at = dice.below(text.length + 1)
  const character = (from: string): string => from.charAt(dice.below(from.length))
  switch (dice.below(9)) {
    case 0:
    case 1:
      return text.slice(0, at) + character(alphabet) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + character(hostileBytes) + text.slice(at + 1)
    case 3:
      return text.slice(0, at) + character(alphabet + hostileBytes) + text.slice(at)
    case 4:
      return text.slice(0, at) + text.slice(at + 1 + dice.below(4))
    case 5:
      return text.slice(at) + text.slice(0, at)
    case 6:
      return text.slice(0, at) + text.slice(at).toUpperCase()
    case 7:
      return text + character(alphabet).repeat(1 + dice.below(600))
    default:
      return text.slice(0, at) + Array.from({ length: text.length - at }, () => character(alphabet)).join('')
  }
}

async function credentials({ url, demo }: ServerProcess): Promise<Good> {
  const login = (present: string): Promise<Response> =>
    fetch(`${url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...demo, present }),
    })
  const cookies = (await login('cookie')).headers.getSetCookie()
  const cookieOf = (name: string): string =>
    cookies.find((line) => line.startsWith(`${name}=`))?.split(/[=;]/)[1] as string
  const tokens = (await (await login('token')).json()) as { access_token: string; refresh_token: string }
  return {
    session: cookieOf('__Host-session'),
    snapshot: cookieOf('__Host-snapshot'),
    access: tokens.access_token,
    refresh: tokens.refresh_token,
  }
}
