/**
 * Time: milliseconds inside, `…At` for instants since the Unix epoch; seconds only on the wire.
 */
export type Millis = number

export const second: Millis = 1000
export const minute: Millis = 60 * second
export const hour: Millis = 60 * minute
export const day: Millis = 24 * hour

/** The one source of time. Tests pass their own; nothing else in the library reads the machine's clock. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May be stepped by the machine's administrator. */
  now(): Millis
  /** Milliseconds from any fixed point; never goes backwards, may stop while the machine sleeps. */
  monotonic(): Millis
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}

/**
 * A clock whose wall time never goes backwards: a step back stands still until time has caught up.
 *
 * What has ended stays ended on this node whatever the machine's clock does (a step forward ends sessions early, the safe direction).
 */
export function steady(clock: Clock): Clock {
  let latest = 0
  return {
    now: () => {
      const now = clock.now()
      if (now > latest) latest = now
      return latest
    },
    monotonic: () => clock.monotonic(),
  }
}

/** Milliseconds to the whole seconds of the wire, rounded down. */
export function toSeconds(at: Millis): number {
  return Math.floor(at / second)
}
