import type { Clock, Millis } from '../base/clock.ts'

/** By how much a clock may go wrong in what it counts: rho. */
export const clockDrift = 1e-3

/** An instant on both clocks of this machine. */
export interface Instant {
  readonly monotonic: Millis
  readonly wall: Millis
}

export function instantOf(clock: Clock): Instant {
  return { monotonic: clock.monotonic(), wall: clock.now() }
}

/** What has gone by since, on whichever clock more has: the monotonic one may stop while the machine sleeps, the wall clock may be set back. */
export function elapsed(clock: Clock, since: Instant): Millis {
  return Math.max(clock.monotonic() - since.monotonic, clock.now() - since.wall)
}

/** For how long this node may answer from memory, by partition. Counted from the sending of the heartbeat. */
export interface Leases {
  /** Never to an earlier instant. */
  renew(partition: number, sent: Instant): void
  drop(partition: number): void
  /** Whether an answer from memory is at most so old. No allocation. */
  holds(partition: number, bound: Millis): boolean
  /** Of the oldest; null where one is missing. */
  age(): Millis | null
}

export function createLeases(partitions: number, clock: Clock): Leases {
  const sent: (Instant | null)[] = Array.from({ length: partitions }, () => null)
  return {
    renew: (partition, instant) => {
      const before = sent[partition]
      if (before == null || before.monotonic < instant.monotonic) sent[partition] = instant
    },
    drop: (partition) => {
      sent[partition] = null
    },
    holds: (partition, bound) => {
      const instant = sent[partition]
      return instant != null && elapsed(clock, instant) <= bound * (1 - clockDrift)
    },
    age: () => {
      let oldest = 0
      for (const instant of sent) {
        if (instant === null) return null
        oldest = Math.max(oldest, elapsed(clock, instant))
      }
      return oldest
    },
  }
}
