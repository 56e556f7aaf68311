// A node of its own process, told by messages what to do: see nodes.ts.
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type Auth, handstamp, type Presented } from 'handstamp'
import { requireSession, session } from 'handstamp/node'
import { nodeOn } from './engines.ts'
import type { Asked, Opening, Told } from './nodes.ts'

let auth: Auth | null = null
let close = async (): Promise<void> => {}

/** Sessions that are tried again and again until they are refused. */
const watched = new Map<string, Presented>()
let tries = 0

function open(): Auth {
  if (auth === null) throw new Error('the node is not open')
  return auth
}

async function begin({ engine, url, secret, policy, isDeaf, overHttp }: Opening): Promise<void> {
  const node = nodeOn(engine, url)
  const { backend } = node
  const log = isDeaf ? { ...backend.log, onPoke: () => () => {} } : backend.log
  auth = handstamp({ backend: { ...backend, log }, secrets: secret, present: 'both', policy })
  await auth.ready()
  if (overHttp === true) check = await httpCheck(auth)
  close = async () => {
    await auth?.close()
    await node.close()
  }
}

/** CLOCK_MONOTONIC, which all processes of this machine share. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Whether a session is let in; null where that cannot be known. */
type Check = (presented: Presented) => Promise<boolean | null>

let check: Check = async (presented) => {
  const answer = await open()
    .validate(presented)
    .catch(() => null)
  return answer === null ? null : answer.ok
}

/** The same by a server of this node. */
async function httpCheck(auth: Auth): Promise<Check> {
  const guarded = requireSession()((_request, response) => {
    response.end()
  })
  const server = createServer(session(auth)(guarded))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  return (presented) =>
    new Promise((resolve) => {
      const headers = headersOf(presented)
      const sent = request({ port, agent, headers }, (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode === 503 ? null : answer.statusCode === 200))
      })
      sent.on('error', () => resolve(null))
      sent.end()
    })
}

function headersOf(presented: Presented): Record<string, string> {
  if ('accessToken' in presented) return { Authorization: `Bearer ${presented.accessToken}` }
  return { Cookie: `__Host-session=${presented.credential}; __Host-snapshot=${presented.snapshot}` }
}

/** One try of everything that is watched, each millisecond. */
async function watch(): Promise<void> {
  for (;;) {
    for (const [id, presented] of watched) {
      const at = now()
      tries++
      const isAccepted = await check(presented)
      // What cannot be known is neither accepted nor over.
      if (isAccepted === null) continue
      if (isAccepted) lastAccepted.set(id, at)
      else {
        watched.delete(id)
        tell({ kind: 'refused', id, lastAccepted: lastAccepted.get(id) ?? 0 })
        lastAccepted.delete(id)
      }
    }
    await setTimeout(1)
  }
}

const lastAccepted = new Map<string, number>()

function tell(told: Told): void {
  process.send?.(told)
}

async function carryOut(asked: Asked): Promise<unknown> {
  switch (asked.kind) {
    case 'open':
      await begin(asked.opening)
      void watch()
      return null
    case 'create': {
      const made = await open().create({ user: asked.user, present: asked.present })
      if (!made.ok) throw new Error(made.reason)
      const { session, credential, snapshot } = made.value
      return {
        id: session.id,
        presented: asked.present === 'token' ? { accessToken: snapshot } : { credential, snapshot },
      }
    }
    case 'validate': {
      const answer = await open().validate(asked.presented)
      return answer.ok ? 'accepted' : answer.reason
    }
    case 'watch':
      for (const [id, presented] of asked.sessions) watched.set(id, presented)
      return null
    case 'revoke': {
      const ended = await open().revoke(asked.id, { confirm: asked.confirm })
      return { ended, at: now() }
    }
    case 'revokeAll':
      await open().revokeAll(asked.whom)
      return now()
    case 'stall': {
      const end = now() + asked.ms
      while (now() < end);
      return null
    }
    case 'status':
      return { ...open().status(), tries }
    case 'close':
      await close()
      setImmediate(() => process.exit())
      return null
  }
}

process.on('message', async ({ number, asked }: { number: number; asked: Asked }) => {
  try {
    tell({ kind: 'answer', number, value: await carryOut(asked) })
  } catch (error) {
    const reason = error instanceof Error && 'kind' in error ? String(error.kind) : String(error)
    tell({ kind: 'failed', number, reason })
  }
})
