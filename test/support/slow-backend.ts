import { setImmediate } from 'node:timers'
import type { Clock } from '../../src/base/clock.ts'
import type { Backend } from '../../src/model/backend.ts'
import { memory } from '../../src/stores/memory.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { seededRandom } from './random.ts'

export interface SlowOptions {
  readonly clock?: Clock
  /** A power of two (4). */
  readonly partitions?: number
  /** Decides the order in which operations are carried out, and that of their answers (1). */
  readonly seed?: number
}

/**
 * Behaves like an engine on the other end of a network: operations overlap, are carried out in another order than they were sent, and answered in yet another. Nothing can be
 * seen without waiting. Never sleeps: the same seed gives the same order.
 */
export function slowBackend(options: SlowOptions = {}): Backend {
  const { clock, partitions = 4, seed = 1 } = options
  const inner = memory({ partitions, ...(clock !== undefined && { clock }) })
  const turn = shuffledTurns(seed)
  const { log, ...rest } = intercept(inner, {
    call: async ({ args }, carryOut) => {
      await turn()
      try {
        return await carryOut(args)
      } finally {
        await turn()
      }
    },
  })
  return { ...rest, name: 'slow', log: { ...log, local: null } }
}

/** Waits for its turn, which comes in any order: one waiter at a time, drawn by lot. */
function shuffledTurns(seed: number): () => Promise<void> {
  const random = seededRandom(seed)
  const waiting: (() => void)[] = []
  let isRunning = false

  function draw(): void {
    const [resume] = waiting.splice(random.below(waiting.length), 1)
    resume?.()
    isRunning = waiting.length > 0
    if (isRunning) setImmediate(draw)
  }

  return () =>
    new Promise((resume) => {
      waiting.push(resume)
      if (isRunning) return
      isRunning = true
      setImmediate(draw)
    })
}
