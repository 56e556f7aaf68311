import type { Clock } from '../base/clock.ts'
import { genesis, type LocalLog, type RevocationLog } from '../model/log.ts'
import { partitionOfSid } from '../model/partition.ts'
import type { LogEntry, Position } from '../model/revocation.ts'
import { applyRevocation, emptyPicture, judge, prunePicture, sizeOf } from './picture.ts'
import type { View } from './view.ts'

/** The view on an engine in this process or on this host: it is brought up to date at each check (R = 0), and needs no lease. */
export function createLocalView(log: RevocationLog, local: LocalLog, clock: Clock): View {
  const picture = emptyPicture()
  const positions: Position[] = Array.from({ length: log.partitions }, () => genesis)
  const lost = new Set<number>(positions.keys())
  const startedAt = clock.now()

  function apply(entry: LogEntry): void {
    applyRevocation(picture, entry.revocation, clock.now())
    positions[entry.partition] = entry.position
  }

  async function start(): Promise<void> {
    for (const partition of lost) {
      const page = await log.tail(partition, clock.now())
      for (const entry of page.entries) apply(entry)
      positions[partition] = page.head
      lost.delete(partition)
    }
  }

  function follow(partition: number): boolean {
    if (lost.has(partition)) return false
    for (;;) {
      const page = local.since(partition, positions[partition] as Position)
      if (page === null) return true
      if (page.kind === 'diverged') {
        lost.add(partition)
        return false
      }
      for (const entry of page.entries) apply(entry)
    }
  }

  function catchUp(partition: number, bound?: number): boolean {
    return bound !== 0 && follow(partition) && (partition === 0 || follow(0))
  }

  return {
    start,
    startedAt,
    isLeased: false,
    catchUp,
    generationOf: () => null,
    know: () => {},
    learn: (revocation) => applyRevocation(picture, revocation, clock.now()),
    stands: (snapshot) => {
      const isCurrent = catchUp(partitionOfSid(snapshot.sid))
      const verdict = judge(picture, snapshot, null)
      return verdict === 'live' || (verdict === 'stale' && !isCurrent)
    },
    judge: (snapshot, kid) => judge(picture, snapshot, kid),
    isKilled: (sid) => picture.killed.has(sid),
    keyEvents: () => picture.keyEvents,
    size: () => sizeOf(picture),
    prune: () => prunePicture(picture, clock.now()),
    applied: () => Promise.resolve(),
    status: () => ({ ...nothingFollowed, isCurrent: lost.size === 0, remembered: sizeOf(picture) }),
    close: async () => {},
  }
}

const nothingFollowed = {
  leaseAge: null,
  heartbeats: 0,
  failedHeartbeats: 0,
  lapses: 0,
  adoptions: 0,
  reasserted: 0,
  reads: 0,
} as const
