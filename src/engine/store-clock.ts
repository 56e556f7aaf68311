import type { Clock, Millis } from '../base/clock.ts'

/**
 * The store's time on this node, from its heartbeats (Cristian: the answer is half a round trip old), and from the monotonic clock in between: what is issued here and judged there is
 * measured by one clock, whatever those of the machines say. Never goes backwards.
 *
 * @see protocol section 2, clock hazards
 */
export interface StoreClock extends Clock {
  /** @param sent, received on the monotonic clock */
  learn(at: Millis, sent: Millis, received: Millis): void
}

/** Until the first heartbeat it is the machine's clock. */
export function createStoreClock(clock: Clock): StoreClock {
  /** The store's time where the monotonic clock is 0. */
  let base: Millis | null = null
  let latest = 0
  return {
    now: () => {
      const now = base === null ? clock.now() : Math.floor(base + clock.monotonic())
      if (base === null) return now
      if (now > latest) latest = now
      return latest
    },
    monotonic: () => clock.monotonic(),
    learn: (at, sent, received) => {
      base = at + (received - sent) / 2 - received
    },
  }
}
