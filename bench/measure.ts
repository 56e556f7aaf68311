import { type Estimate, estimate } from './stats.ts'

/** One small operation, again and again. */
export interface Case {
  readonly name: string
  /** Prepares so many operations, outside what is measured, and gives the one that is. `index` counts up to `count`. */
  readonly prepare: (count: number) => Operation | Promise<Operation>
  /** Calls of the store so far, where there is one. */
  readonly storeCalls?: () => number
  /** How many operations a block has (2,000). */
  readonly block?: number
}

export type Operation = (index: number) => unknown

export interface Measured {
  readonly name: string
  /** Microseconds of CPU time for one operation, all threads of the process. */
  readonly cpu: Estimate
  /** Bytes that one operation allocates on the JavaScript heap. */
  readonly bytes: number
  /** Calls of the store for one operation. */
  readonly storeCalls: number | null
}

/** Few enough that no collection comes between. */
const sampled = 200

/**
 * Measures cases in turns: one block of each in every round, so that whatever the machine does it does to all. The first rounds warm up and do not count.
 *
 * Needs `--expose-gc`, and young space enough for `sampled` operations.
 */
export async function measureCases(
  cases: readonly Case[],
  rounds: number,
  warmUp: number,
): Promise<readonly Measured[]> {
  const figures = cases.map(() => ({ cpu: [] as number[], bytes: [] as number[], calls: [] as number[] }))
  for (let round = 0; round < rounds + warmUp; round++) {
    for (const [place, one] of cases.entries()) {
      const found = await playBlock(one)
      if (round < warmUp) continue
      figures[place]?.cpu.push(found.cpu)
      figures[place]?.bytes.push(found.bytes)
      figures[place]?.calls.push(found.calls)
    }
  }
  return cases.map(({ name, storeCalls }, place) => {
    const { cpu = [], bytes = [], calls = [] } = figures[place] ?? {}
    return {
      name,
      cpu: estimate(cpu),
      bytes: Math.round(estimate(bytes).median),
      storeCalls: storeCalls === undefined ? null : estimate(calls).median,
    }
  })
}

async function playBlock({ prepare, block = 2000, storeCalls = () => 0 }: Case) {
  const operate = await prepare(block + sampled)
  globalThis.gc?.()
  const heap = process.memoryUsage().heapUsed
  const callsBefore = storeCalls()
  await play(operate, 0, sampled)
  const bytes = (process.memoryUsage().heapUsed - heap) / sampled
  const calls = (storeCalls() - callsBefore) / sampled
  const before = process.cpuUsage()
  await play(operate, sampled, sampled + block)
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / block, bytes, calls }
}

async function play(operate: Operation, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    const running = operate(index)
    if (running instanceof Promise) await running
  }
}
