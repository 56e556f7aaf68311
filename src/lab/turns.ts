/** One at a time, in the order in which they came. */
export interface Turns {
  /** @returns null where too many wait already */
  take<T>(work: () => Promise<T>): Promise<T | null>
}

/** @param most how many may wait or be at work */
export function createTurns(most: number): Turns {
  let count = 0
  let before: Promise<unknown> = Promise.resolve()
  return {
    take: async (work) => {
      if (count >= most) return null
      count++
      const own = before.then(work)
      before = own.catch(() => {})
      try {
        return await own
      } finally {
        count--
      }
    },
  }
}
