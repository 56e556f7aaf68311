import type { Clock } from '../base/clock.ts'
import type { Backend } from '../model/backend.ts'
import { genesis } from '../model/log.ts'
import type { Policy } from '../model/policy.ts'
import type { Emit } from './events.ts'
import type { Follow } from './follow.ts'
import { heal } from './heal.ts'
import { clockDrift, instantOf, type Leases } from './leases.ts'
import type { Picture } from './picture.ts'
import type { StoreClock } from './store-clock.ts'

/** What a node follows an engine with: all of it is moved on by its heartbeats. */
export interface Following {
  readonly backend: Pick<Backend, 'log' | 'store'>
  /** The store's time; set by the heartbeats. */
  readonly clock: StoreClock
  /** The machine's own clocks: leases are measured on them alone. */
  readonly machine: Clock
  readonly policy: Policy
  /** Random name of this node. */
  readonly node: string
  readonly emit: Emit
  readonly picture: Picture
  readonly leases: Leases
  readonly follow: Follow
}

/** A node's heartbeats: each asks the engine for its heads, catches up with them, and renews the leases from the instant of the asking. */
export interface Heartbeats {
  /** One now, or after the one under way. @throws Fault `store_unavailable` */
  beat(): Promise<void>
  /** One now, and then one in each interval. @throws as `beat` */
  start(): Promise<void>
  /** Until the one under way is over. */
  stop(): Promise<void>
  counts(): HeartbeatCounts
}

export interface HeartbeatCounts {
  readonly heartbeats: number
  readonly failedHeartbeats: number
  readonly lapses: number
  readonly adoptions: number
  readonly reasserted: number
}

export function createHeartbeats(following: Following): Heartbeats {
  const { policy, emit, clock, leases } = following
  const counts = { heartbeats: 0, failedHeartbeats: 0, lapses: 0, adoptions: 0, reasserted: 0 }
  let beating: Promise<void> | null = null
  let nextBeat: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let isLapsed = false
  let isStopped = false

  const adopt = createAdoption(following, (told) => {
    counts.adoptions++
    counts.reasserted += told
  })

  async function beatNow(): Promise<void> {
    try {
      await carryOut(following, adopt)
      counts.heartbeats++
    } catch (error) {
      counts.failedHeartbeats++
      throw error
    } finally {
      beating = null
      noteLapse()
    }
  }

  function beat(): Promise<void> {
    if (isStopped) return Promise.resolve()
    if (beating === null) {
      beating = beatNow()
      return beating
    }
    nextBeat ??= beating
      .catch(() => {})
      .then(() => {
        nextBeat = null
        return beat()
      })
    return nextBeat
  }

  function noteLapse(): void {
    const age = leases.age()
    const lapsed = age === null || age > policy.revocationBound * (1 - clockDrift)
    if (lapsed === isLapsed || isStopped) return
    isLapsed = lapsed
    if (lapsed) counts.lapses++
    emit({ kind: lapsed ? 'lease.lapsed' : 'lease.renewed', at: clock.now() })
  }

  /** One that takes longer than the interval is not joined by another. */
  function tick(): void {
    noteLapse()
    if (beating === null) beat().catch(() => {})
  }

  return {
    beat,
    start: async () => {
      await beat()
      if (isStopped) return
      timer ??= setInterval(tick, policy.heartbeat)
      timer.unref()
    },
    stop: async () => {
      isStopped = true
      if (timer !== null) clearInterval(timer)
      while (beating !== null) await beating.catch(() => {})
      await nextBeat?.catch(() => {})
    },
    counts: () => counts,
  }
}

type Adopt = (partition: number) => Promise<void>

async function carryOut(
  { backend, clock, machine, node, policy, follow, leases }: Following,
  adopt: Adopt,
): Promise<void> {
  const { log } = backend
  const off = Array.from({ length: log.partitions }, (_, partition) => partition).filter((one) => !follow.isOn(one))
  await Promise.all(off.map(adopt))
  const sent = instantOf(machine)
  const asked = follow.positions
  const { heads, at } = await log.heartbeat(node, asked, policy.revocationBound)
  clock.learn(at, sent.monotonic, machine.monotonic())
  await Promise.all(
    heads.map(async (head, partition) => {
      if (await follow.reach(partition, head, asked[partition] ?? genesis)) leases.renew(partition, sent)
    }),
  )
}

/** Begins with a partition; or begins anew, where the log goes on with another history: what this node remembers is made true again before it answers from memory (R4). */
function createAdoption(
  { backend, clock, policy, picture, follow, emit }: Following,
  onAdopted: (told: number) => void,
): Adopt {
  const known = new Set<number>()
  return async (partition) => {
    if (known.has(partition)) {
      const reasserted = await heal(backend.store, picture, partition, clock.now(), policy)
      picture.known.clear()
      onAdopted(reasserted)
      emit({ kind: 'log.adopted', partition, reasserted, at: clock.now() })
    }
    await follow.begin(partition)
    known.add(partition)
  }
}
