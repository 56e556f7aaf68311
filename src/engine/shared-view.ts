import type { Poke } from '../model/log.ts'
import { partitionOfSid } from '../model/partition.ts'
import { partitionOfScope, type Scope, scopeKey } from '../model/revocation.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { allApplied } from './confirm.ts'
import { createFollow, type Follow } from './follow.ts'
import { createHeartbeats, type Following } from './heartbeats.ts'
import { clockDrift, createLeases } from './leases.ts'
import { applyRevocation, emptyPicture, judge, know, prunePicture, sizeOf } from './picture.ts'
import type { View, ViewStatus } from './view.ts'

export type SharedViewOptions = Omit<Following, 'picture' | 'leases' | 'follow'>

/**
 * The view on an engine that many nodes share: follows the log, and may answer from memory for as long as its lease lasts, counted from the sending of a heartbeat whose heads it has applied.
 *
 * @see protocol sections 2 and 3.1
 */
export function createSharedView(options: SharedViewOptions): View {
  const { backend, clock, machine, policy, node } = options
  const { log } = backend
  const bound = policy.revocationBound
  const picture = emptyPicture()
  const leases = createLeases(log.partitions, machine)
  const follow = createFollow({
    log,
    apply: (entry) => applyRevocation(picture, entry.revocation, clock.now()),
    onDiverged: (partition) => {
      leases.drop(partition)
      beat().catch(ignore)
    },
    // The next heartbeat reads again.
    onTrouble: ignore,
  })
  const { beat, ...beats } = createHeartbeats({ ...options, picture, leases, follow })
  let startedAt = clock.now()
  let isStarted = false
  let isClosed = false
  let stopHints: (() => void) | null = null

  async function start(): Promise<void> {
    if (isStarted || isClosed) return
    stopHints ??= log.onPoke(createEar(follow, beat))
    await beats.start()
    startedAt = clock.now()
    isStarted = true
  }

  function catchUp(partition: number, within: number = bound): boolean {
    return within > 0 && leases.holds(partition, within) && (partition === 0 || leases.holds(0, within))
  }

  function generationOf(scope: Scope, within: number = bound): number | null {
    const holds = within > 0 && leases.holds(partitionOfScope(scope, log.partitions), within)
    return holds ? (picture.known.get(scopeKey(scope)) ?? null) : null
  }

  function status(): ViewStatus {
    const age = leases.age()
    const isCurrent = age !== null && age <= bound * (1 - clockDrift)
    return { isCurrent, leaseAge: age, ...beats.counts(), reads: follow.reads(), remembered: sizeOf(picture) }
  }

  async function close(): Promise<void> {
    if (isClosed) return
    isClosed = true
    stopHints?.()
    await beats.stop()
    for (let partition = 0; partition < log.partitions; partition++) leases.drop(partition)
    await log.leave(node).catch(ignore)
  }

  return {
    start,
    get startedAt() {
      return startedAt
    },
    isLeased: true,
    catchUp,
    generationOf,
    know: (scope, generation) => know(picture, scope, generation),
    learn: (revocation) => applyRevocation(picture, revocation, clock.now()),
    judge: (snapshot, kid) => judge(picture, snapshot, kid),
    stands: (snapshot: Snapshot) => {
      const isCurrent = catchUp(partitionOfSid(snapshot.sid))
      const verdict = judge(picture, snapshot, null)
      return verdict === 'live' || (verdict === 'stale' && !isCurrent)
    },
    isKilled: (sid) => picture.killed.has(sid),
    keyEvents: () => picture.keyEvents,
    size: () => sizeOf(picture),
    prune: () => prunePicture(picture, clock.now()),
    applied: (partition) => allApplied(log, partition, machine),
    status,
    close,
  }
}

function createEar(follow: Follow, beat: () => Promise<void>): (poke: Poke) => void {
  return (poke) => {
    if (poke.kind === 'entry') follow.take(poke.entry, poke.follows)
    else if (poke.kind === 'news') follow.read(poke.partition).catch(ignore)
    else beat().catch(ignore)
  }
}

function ignore(): void {}
