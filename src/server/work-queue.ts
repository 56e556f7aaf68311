/** Costly work, some at once, some waiting, and no more. */
export interface WorkQueue {
  /** Carries the work out when its turn comes, first come, first served. Null, and nothing done, when too much is waiting. */
  run<T>(work: () => Promise<T>): Promise<T> | null
}

export function createWorkQueue(limits: { readonly atOnce: number; readonly waiting: number }): WorkQueue {
  const queue: (() => void)[] = []
  let busy = 0

  async function turn(): Promise<void> {
    if (busy < limits.atOnce) busy++
    else await new Promise<void>((resolve) => queue.push(resolve))
  }

  /** Hands the place to the next in line, or gives it back. */
  function leave(): void {
    const next = queue.shift()
    if (next === undefined) busy--
    else next()
  }

  async function carryOut<T>(work: () => Promise<T>): Promise<T> {
    await turn()
    try {
      return await work()
    } finally {
      leave()
    }
  }

  return {
    run: (work) => (busy >= limits.atOnce && queue.length >= limits.waiting ? null : carryOut(work)),
  }
}
