import type { Clock, Millis } from '../base/clock.ts'
import { type Limits, nextTry } from '../model/limits.ts'
import { dueBuckets } from './due.ts'
import { ownText } from './own-text.ts'

/** A key with its theoretical arrival time. */
interface Counted {
  readonly key: string
  tat: Millis
}

export function memoryLimits(
  clock: Clock,
  guard: () => void,
): Limits & { readonly sweep: (past: Millis, limit: number) => void } {
  const counted = new Map<string, Counted>()
  const due = dueBuckets<Counted>((item) => (counted.get(item.key) === item ? item.tat : null))

  function put(key: string, tat: Millis): void {
    const item = counted.get(key) ?? { key: ownText(key), tat }
    const isNew = !counted.has(key)
    const isEarlier = tat < item.tat
    item.tat = tat
    counted.set(item.key, item)
    if (isNew || isEarlier) due.put(item, tat)
  }

  return {
    take: async (key, rate) => {
      guard()
      const { tat, wait } = nextTry(counted.get(key)?.tat ?? 0, clock.now(), rate)
      if (wait > 0) return wait
      put(key, tat)
      return 0
    },
    give: async (key, { every }) => {
      guard()
      const item = counted.get(key)
      if (item !== undefined) put(key, item.tat - every)
    },
    forget: async (key) => {
      guard()
      counted.delete(key)
    },
    sweep: (past, limit) => {
      for (const { key } of due.take(past, limit)) counted.delete(key)
    },
  }
}
