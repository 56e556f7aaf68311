/** One at a time, in the order in which they came. */
export interface Turns {
  /** @returns null where too many wait already */
  take<T>(work: () => Promise<T>): Promise<T | null>
  /** Takes no more; those that wait are not begun. */
  end(): void
  isOver(): boolean
}

/** @param most how many may wait or be at work */
export function createTurns(most: number): Turns {
  let count = 0
  let over = false
  let before: Promise<unknown> = Promise.resolve()
  return {
    take: async (work) => {
      if (over || count >= most) return null
      count++
      const own = before.then(() => (over ? null : work()))
      before = own.catch(() => {})
      try {
        return await own
      } finally {
        count--
      }
    },
    end: () => {
      over = true
    },
    isOver: () => over,
  }
}
