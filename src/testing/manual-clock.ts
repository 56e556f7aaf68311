import type { Clock, Millis } from '../base/clock.ts'

export interface ManualClock extends Clock {
  /** Time goes by: both clocks move. */
  advance(ms: Millis): void
  /** Somebody sets the wall clock, backwards too; the monotonic one does not notice. */
  set(ms: Millis): void
}

/** A clock that stands still until it is told otherwise. Begins in 2023 unless told. */
export function manualClock(start: Millis = 1_700_000_000_000): ManualClock {
  let wall = start
  let monotonic = 1_000
  return {
    now: () => wall,
    monotonic: () => monotonic,
    advance: (ms) => {
      wall += ms
      monotonic += ms
    },
    set: (ms) => {
      wall = ms
    },
  }
}
