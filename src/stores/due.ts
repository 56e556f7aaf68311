import { type Millis, minute } from '../base/clock.ts'

/**
 * Things by when they are due, in buckets a minute wide: finds what is past an instant without looking at the rest.
 *
 * A thing that has become due later is put off when its bucket is looked at; one that has become due earlier is filed again with `put`.
 */
export interface DueBuckets<T> {
  put(item: T): void
  /** Takes out at most `limit` things that are due at `past`. Looks at those, and at one bucket more. */
  take(past: Millis, limit: number): readonly T[]
}

export interface Due {
  /** The bucket that counts; entries of the thing in other buckets are left behind. Set here. */
  bucket: number
}

const gone = -1

export function dueBuckets<T extends Due>(dueOf: (item: T) => Millis): DueBuckets<T> {
  const buckets = new Map<number, T[]>()

  function put(item: T): void {
    const bucket = Math.floor(Math.max(0, dueOf(item)) / minute)
    item.bucket = bucket
    const items = buckets.get(bucket)
    if (items === undefined) buckets.set(bucket, [item])
    else items.push(item)
  }

  function takeFrom(bucket: number, past: Millis, limit: number, taken: T[]): void {
    const items = buckets.get(bucket) ?? []
    const later: T[] = []
    while (taken.length < limit) {
      const item = items.pop()
      if (item === undefined) break
      if (item.bucket !== bucket) continue
      if (dueOf(item) <= past) {
        item.bucket = gone
        taken.push(item)
      } else later.push(item)
    }
    if (items.length === 0) buckets.delete(bucket)
    for (const item of later) put(item)
  }

  return {
    put,
    take: (past, limit) => {
      const last = Math.floor(past / minute)
      const taken: T[] = []
      const due = [...buckets.keys()].filter((bucket) => bucket <= last).sort((a, b) => a - b)
      for (const bucket of due) {
        if (taken.length >= limit) break
        takeFrom(bucket, past, limit, taken)
      }
      return taken
    },
  }
}
