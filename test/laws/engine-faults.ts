import { setTimeout } from 'node:timers/promises'
import { second } from '../../src/base/clock.ts'
import { isFault } from '../../src/base/fault.ts'
import { type Auth, handstamp } from '../../src/http/auth.ts'
import { nodeOn, type SharedEngine } from '../support/engines.ts'
import { type Begun, nodeSecret, type RemoteNode, startNodes } from '../support/nodes.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'

/** R of these nodes, in milliseconds: short, so that a lease lapses while somebody waits. */
export const bound = second
/** Engines have this long to answer. */
export const deadline = second
const policy = { revocationBound: bound }

/** What was seen while an engine was out of reach. */
export interface Outage {
  /** For how long sessions were still let in, from the beginning. */
  readonly answeredFor: number
  /** How checks ended while the engine was away, by outcome. */
  readonly checks: Readonly<Record<string, number>>
  /** How logins, renewals and revocations ended, by outcome. */
  readonly writes: Readonly<Record<string, number>>
  /** The longest that anything took. */
  readonly slowest: number
  /** From the engine's return until checks, logins and revocations were as before. */
  readonly recovery: number
  /** Accepted although ended more than R before, or ended sessions that came back. */
  readonly wrong: number
}

interface Node {
  readonly auth: Auth
  close(): Promise<void>
}

export async function openNode(
  engine: SharedEngine,
  url = engine.server.url,
  step: () => number = () => 0,
): Promise<Node> {
  const { backend, close } = nodeOn(engine.name, url, deadline)
  const clock = { now: () => Date.now() + step(), monotonic: () => performance.now() }
  const auth = handstamp({ backend, secrets: nodeSecret, present: 'both', policy, clock })
  await auth.ready()
  return {
    auth,
    close: async () => {
      await auth.close()
      await close()
    },
  }
}

export async function begin({ auth }: Node, user: string, present: 'cookie' | 'token' = 'token'): Promise<Begun> {
  const made = await auth.create({ user, present })
  if (!made.ok) throw new Error(made.reason)
  const { session, credential, snapshot } = made.value
  return { id: session.id, presented: present === 'token' ? { accessToken: snapshot } : { credential, snapshot } }
}

async function outcomeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    const answer = await run()
    if (typeof answer !== 'object' || answer === null) return String(answer)
    return 'ok' in answer && answer.ok === true ? 'accepted' : 'reason' in answer ? String(answer.reason) : 'done'
  } catch (error) {
    return isFault(error) ? `503 ${error.kind}` : `failed: ${String(error)}`
  }
}

/** Lets an engine be out of reach for this long, while a node checks, logs in, renews and revokes. */
export async function outage(
  engine: SharedEngine,
  fail: () => Promise<void> | void,
  recover: () => Promise<void> | void,
  options: { readonly lasts?: number; readonly url?: string } = {},
): Promise<Outage> {
  const node = await openNode(engine, options.url)
  const [kept, ended] = [await begin(node, 'kept', 'cookie'), await begin(node, 'ended')]
  await node.auth.revoke(ended.id)
  const checks: Record<string, number> = {}
  const writes: Record<string, number> = {}
  let slowest = 0
  let wrong = 0
  let answeredFor = 0
  let isOver = false
  const timed = async (into: Record<string, number>, run: () => Promise<unknown>): Promise<string> => {
    const since = performance.now()
    const outcome = await outcomeOf(run)
    slowest = Math.max(slowest, performance.now() - since)
    into[outcome] = (into[outcome] ?? 0) + 1
    return outcome
  }
  try {
    await node.auth.validate(kept.presented)
    await fail()
    const since = performance.now()
    const running: Promise<unknown>[] = []
    while (performance.now() - since < (options.lasts ?? 2.5 * second)) {
      running.push(
        timed(checks, () => node.auth.validate(kept.presented)).then((outcome) => {
          if (outcome === 'accepted' && !isOver) answeredFor = Math.max(answeredFor, performance.now() - since)
        }),
        timed({}, () => node.auth.validate(ended.presented)).then((outcome) => {
          if (outcome === 'accepted') wrong++
        }),
        timed(writes, () => node.auth.create({ user: 'new' })),
        timed(writes, () => node.auth.revoke(ended.id)),
      )
      await setTimeout(100)
    }
    isOver = true
    await recover()
    const back = performance.now()
    await Promise.all(running)
    const recovery = await timeUntil(back, async () => {
      const fresh = await begin(node, 'fresh')
      return (
        (await node.auth.validate(kept.presented)).ok &&
        (await node.auth.revoke(fresh.id)) &&
        !(await node.auth.validate(fresh.presented)).ok &&
        node.auth.status()?.isCurrent === true
      )
    })
    if ((await node.auth.validate(ended.presented)).ok) wrong++
    return { answeredFor: Math.round(answeredFor), checks, writes, slowest: Math.round(slowest), recovery, wrong }
  } finally {
    await node.close()
  }
}

async function timeUntil(since: number, isSo: () => Promise<boolean>): Promise<number> {
  for (;;) {
    if (await isSo().catch(() => false)) return Math.round(performance.now() - since)
    if (performance.now() - since > 30 * second) return Number.POSITIVE_INFINITY
    await setTimeout(20)
  }
}

/** The engine stands still. */
export function paused({ server }: SharedEngine): readonly [() => void, () => void] {
  return [() => server.pause(), () => server.resume()]
}

/** kill -9, and started again on the same files. */
export function crashed({ server }: SharedEngine): readonly [() => Promise<void>, () => Promise<void>] {
  return [() => server.crash(), () => server.start()]
}

/** A connection that swallows everything. */
export async function halfOpen(engine: SharedEngine): Promise<Outage> {
  const proxy = await tcpProxy(engine.server.port)
  const url = engine.server.url.replace(`:${engine.server.port}`, `:${proxy.port}`)
  try {
    return await outage(engine, proxy.swallow, proxy.heal, { url })
  } finally {
    await proxy.close()
  }
}

export interface Restored {
  /** Ended between the copy and the restoring, and heard of by the node. */
  readonly ended: number
  /** Told again to the engine. */
  readonly reasserted: number
  /** Accepted by the node that had heard of it, at any time. */
  readonly acceptedByOld: number
  /** Accepted by a node that began after the engine was told again. */
  readonly acceptedByNew: number
  /** From the engine’s return until all was told again, and the node answered from memory. */
  readonly healed: number
}

/** The engine loses what was acknowledged: it is put back to an older copy of its files. One node has heard of it all. */
export async function restored(engine: SharedEngine, count: number): Promise<Restored> {
  const node = await openNode(engine)
  let after: Node | null = null
  try {
    const sessions: Begun[] = []
    for (let index = 0; index < count; index++) sessions.push(await begin(node, `lost ${index % 7}`))
    await engine.server.stop()
    const copy = engine.server.copy()
    await engine.server.start()
    await timeUntil(performance.now(), async () => node.auth.status()?.isCurrent === true)
    for (const { id } of sessions) await node.auth.revoke(id)
    let acceptedByOld = 0
    const countOld = async (): Promise<void> => {
      for (const { presented } of sessions)
        if ((await outcomeOf(() => node.auth.validate(presented))) === 'accepted') acceptedByOld++
    }
    await countOld()
    await engine.server.crash()
    engine.server.restore(copy)
    await engine.server.start()
    const back = performance.now()
    const told = node.auth.status()?.reasserted ?? 0
    const healed = await timeUntil(back, async () => {
      await countOld()
      const status = node.auth.status()
      return status?.isCurrent === true && status.reasserted >= told + count
    })
    await countOld()
    after = await openNode(engine)
    let acceptedByNew = 0
    for (const { presented } of sessions)
      if ((await outcomeOf(() => (after as Node).auth.validate(presented))) === 'accepted') acceptedByNew++
    const reasserted = node.auth.status()?.reasserted ?? 0
    return { ended: count, reasserted, acceptedByOld, acceptedByNew, healed }
  } finally {
    await node.close()
    await after?.close()
  }
}

/** Somebody sets the wall clock of a node, forth and back. */
export async function clockSteps(engine: SharedEngine, steps: readonly number[]): Promise<number> {
  let step = 0
  const [node, other] = [await openNode(engine, engine.server.url, () => step), await openNode(engine)]
  let wrong = 0
  try {
    const kept = await begin(node, 'kept', 'cookie')
    for (const next of steps) {
      const before = await begin(other, 'ended')
      if (!(await node.auth.validate(before.presented)).ok) wrong++
      step = next
      if (!(await node.auth.validate(kept.presented)).ok) wrong++
      const own = await begin(node, 'own')
      if (!(await node.auth.validate(own.presented)).ok || !(await other.auth.validate(own.presented)).ok) wrong++
      await other.auth.revoke(before.id, { confirm: true })
      if ((await node.auth.validate(before.presented)).ok) wrong++
      if (!(await node.auth.validate(kept.presented)).ok) wrong++
    }
    return wrong
  } finally {
    await node.close()
    await other.close()
  }
}

/** Everything arrives half a second later. */
export async function delayed(
  engine: SharedEngine,
  ms: number,
  rounds: number,
): Promise<{ readonly wrong: number; readonly accepted: number; readonly slowest: number }> {
  const proxy = await tcpProxy(engine.server.port)
  const node = await openNode(engine, engine.server.url.replace(`:${engine.server.port}`, `:${proxy.port}`))
  const other = await openNode(engine)
  let [wrong, accepted, slowest] = [0, 0, 0]
  try {
    const kept = await begin(node, 'kept', 'cookie')
    proxy.delay(ms / 2)
    for (let round = 0; round < rounds; round++) {
      const { id, presented } = await begin(other, 'ended')
      await outcomeOf(() => node.auth.validate(presented))
      await other.auth.revoke(id)
      const acknowledged = performance.now()
      while (performance.now() - acknowledged < 2 * bound) {
        const since = performance.now()
        const isIn = (await outcomeOf(() => node.auth.validate(presented))) === 'accepted'
        slowest = Math.max(slowest, performance.now() - since)
        if (isIn && since - acknowledged > bound) wrong++
        if ((await outcomeOf(() => node.auth.validate(kept.presented))) === 'accepted') accepted++
        await setTimeout(20)
      }
    }
    return { wrong, accepted, slowest: Math.round(slowest) }
  } finally {
    await node.close()
    await other.close()
    await proxy.close()
  }
}

/** A node’s event loop stands still while sessions are ended elsewhere: what does it say first when it goes on? */
export async function stalled(
  engine: SharedEngine,
  ms: number,
  rounds: number,
): Promise<{ readonly wrong: number; readonly rounds: number }> {
  const opening = { engine: engine.name, url: engine.server.url, policy, isDeaf: false } as const
  const [node, other] = (await startNodes(2, opening)) as [RemoteNode, RemoteNode]
  let wrong = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const { id, presented } = await other.ask<Begun>({ kind: 'create', user: `stalled ${round}`, present: 'token' })
      await node.ask({ kind: 'validate', presented })
      const standing = node.ask({ kind: 'stall', ms })
      // Asked while it stands still, and so answered by the very next turn of its loop.
      await other.ask({ kind: 'revoke', id, confirm: false })
      const first = node.ask<string>({ kind: 'validate', presented })
      await standing
      if ((await first.catch(() => '503')) === 'accepted') wrong++
    }
    return { wrong, rounds }
  } finally {
    await Promise.all([node.close(), other.close()])
  }
}
