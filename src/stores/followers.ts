import type { Millis } from '../base/clock.ts'
import type { Follower } from '../model/log.ts'
import type { Position } from '../model/revocation.ts'

/** Clocks may differ by one part in a thousand in what they count, each in its direction; and a millisecond for rounding. */
const slack = 1.002

/** Until when, on the store's clock, a node may answer from memory after a heartbeat. */
export function leaseEnd(at: Millis, lease: Millis): Millis {
  return at + Math.ceil(lease * slack) + 1
}

export function mayAnswer({ at, lease }: Pick<Follower, 'at' | 'lease'>, now: Millis): boolean {
  return now <= leaseEnd(at, lease)
}

/** What a heartbeat says of its node. */
export function followerOf(
  node: string,
  applied: readonly Position[],
  at: Millis,
  lease: Millis,
  partitions: number,
): Follower {
  return { node, applied: sequencesOf(applied, partitions), at, lease }
}

export function sequencesOf(applied: readonly Position[], partitions: number): readonly number[] {
  return Array.from({ length: partitions }, (_, partition) => applied[partition]?.seq ?? 0)
}
