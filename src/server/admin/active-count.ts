import { type Clock, type Millis, second } from '../../base/clock.ts'
import type { AnyAuth } from '../../http/auth.ts'
import type { PublicSession } from '../../model/session.ts'
import { forEachFound } from './search.ts'

/** How many sessions live on all nodes. */
export interface Count {
  readonly active: number
  readonly cookie: number
  readonly token: number
  readonly anonymous: number
  readonly at: Millis
  /** How long the counting took. */
  readonly took: Millis
}

/** Counts in the background while somebody asks, and for at most a hundredth of the time. */
export interface ActiveCount {
  /** The last count, and a new one under way where that is old; null before the first. No I/O. */
  latest(): Count | null
  /** The present count, or that of this moment. @throws Fault `store_unavailable` */
  now(): Promise<Count>
}

/** No more often than this. */
const countEvery = 10 * second

/** @param failed told why a count in the background failed; the one before stands, with its age */
export function createActiveCount(
  auth: Pick<AnyAuth, 'scan'>,
  clock: Clock,
  failed: (error: unknown) => void,
): ActiveCount {
  let last: Count | null = null
  let counting: Promise<Count> | null = null

  async function count(): Promise<Count> {
    const since = clock.monotonic()
    const counts = { active: 0, cookie: 0, token: 0, anonymous: 0 }
    await forEachFound(
      auth,
      () => true,
      (sessions) => add(counts, sessions),
    )
    last = { ...counts, at: clock.now(), took: clock.monotonic() - since }
    return last
  }

  function countOnce(): Promise<Count> {
    counting ??= count().finally(() => {
      counting = null
    })
    return counting
  }

  return {
    latest: () => {
      const isOld = last === null || clock.now() - last.at >= Math.max(countEvery, 100 * last.took)
      if (isOld) countOnce().catch(failed)
      return last
    },
    now: countOnce,
  }
}

function add(
  counts: { active: number; cookie: number; token: number; anonymous: number },
  sessions: readonly PublicSession[],
): void {
  for (const { presentation, user } of sessions) {
    counts.active++
    counts[presentation]++
    if (user === null) counts.anonymous++
  }
}
