import type { Millis } from '../base/clock.ts'

/** How often something may be tried: `burst` times at once, and then one more each `every` milliseconds. */
export interface Rate {
  /** At least 1. */
  readonly burst: number
  /** Whole milliseconds. */
  readonly every: Millis
}

/**
 * Counts tries on all nodes together, by the generic cell rate algorithm (ITU-T I.371, annex A): one instant is kept for each key, and none once it is past.
 *
 * The store's own clock counts. One key is always used with one rate.
 */
export interface Limits {
  /**
   * Takes one try, if one is left.
   *
   * @returns 0 when it was taken; otherwise the milliseconds until there is one, and nothing was changed
   * Cost: one write, or one read where nothing is left.
   */
  take(key: string, rate: Rate): Promise<Millis>
  /** Gives one try back. More than were taken changes nothing. Cost: one write. */
  give(key: string, rate: Rate): Promise<void>
  /** Gives all of them back. Cost: one write. */
  forget(key: string): Promise<void>
}

/** The theoretical arrival time after one more try, and how long it is until that try is allowed (0 or less: now). */
export function nextTry(
  before: Millis,
  now: Millis,
  { burst, every }: Rate,
): { readonly tat: Millis; readonly wait: Millis } {
  const tat = Math.max(before, now) + every
  return { tat, wait: tat - burst * every - now }
}
