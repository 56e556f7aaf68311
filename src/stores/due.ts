import { type Millis, minute } from '../base/clock.ts'

/**
 * Things by when they are due, in buckets a minute wide: finds what is past an instant without looking at the rest.
 *
 * A thing that has become due later is put off when its bucket is looked at, one that is gone is dropped then. One that has become due earlier is put
 * once more; it may stand in two buckets, and the entries that meet in one become one again.
 */
export interface DueBuckets<T> {
  /** Files it once more, wherever it stands already: for when it comes into being, and when it becomes due earlier. */
  put(item: T, due: Millis): void
  /** Takes out at most `limit` things that are due at `past`, each once. Looks at those, and at one bucket more. */
  take(past: Millis, limit: number): ReadonlySet<T>
}

/** @param dueOf when the thing is due now; null when it is gone. Things are the same where `===` says so */
export function dueBuckets<T>(dueOf: (item: T) => Millis | null): DueBuckets<T> {
  const buckets = new Map<number, T[]>()

  function put(item: T, due: Millis): void {
    const bucket = Math.floor(Math.max(0, due) / minute)
    const items = buckets.get(bucket)
    if (items === undefined) buckets.set(bucket, [item])
    else items.push(item)
  }

  function takeFrom(bucket: number, past: Millis, limit: number, taken: Set<T>): void {
    const items = buckets.get(bucket) ?? []
    buckets.delete(bucket)
    const later = new Map<T, Millis>()
    while (taken.size < limit) {
      const item = items.pop()
      if (item === undefined) break
      const due = dueOf(item)
      if (due === null) continue
      if (due <= past) taken.add(item)
      else later.set(item, due)
    }
    for (const [item, due] of later) put(item, due)
    if (items.length === 0) return
    // On top, so that the next look begins with them. No copy where nothing came back: there may be a million, looked at in many steps.
    const back = buckets.get(bucket)
    buckets.set(bucket, back === undefined ? items : back.concat(items))
  }

  return {
    put,
    take: (past, limit) => {
      const last = Math.floor(past / minute)
      const taken = new Set<T>()
      const due = [...buckets.keys()].filter((bucket) => bucket <= last).sort((a, b) => a - b)
      for (const bucket of due) {
        if (taken.size >= limit) break
        takeFrom(bucket, past, limit, taken)
      }
      return taken
    },
  }
}
