// A node of its own process, told by messages what to do: see nodes.ts.
import { setTimeout } from 'node:timers/promises'
import { type Auth, handstamp, type Presented } from 'handstamp'
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

async function begin({ engine, url, secret, policy, isDeaf, clockStep }: Opening): Promise<void> {
  const node = nodeOn(engine, url)
  const { backend } = node
  const log = isDeaf ? { ...backend.log, onPoke: () => () => {} } : backend.log
  const clock = { now: () => Date.now() + step, monotonic: () => performance.now() }
  step = clockStep ?? 0
  auth = handstamp({ backend: { ...backend, log }, secrets: secret, present: 'both', policy, clock })
  await auth.ready()
  close = async () => {
    await auth?.close()
    await node.close()
  }
}

let step = 0

/** CLOCK_MONOTONIC, which all processes of this machine share. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** One try of everything that is watched, each millisecond. */
async function watch(): Promise<void> {
  for (;;) {
    for (const [id, presented] of watched) {
      const at = now()
      tries++
      const answer = await open()
        .validate(presented)
        .catch(() => null)
      // What cannot be known is neither accepted nor over.
      if (answer === null) continue
      if (answer.ok) lastAccepted.set(id, at)
      else {
        watched.delete(id)
        tell({ kind: 'refused', id, lastAccepted: lastAccepted.get(id) ?? 0, reason: answer.reason })
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
    case 'step':
      step = asked.ms
      return null
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
