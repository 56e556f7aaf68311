import { type BenchResult, parts, runBench } from '../bench/bench.ts'
import { judge } from '../bench/verdicts.ts'
import type { Figure } from './figure.ts'

export const performance: Figure = {
  name: 'performance',
  shows:
    'what a checked request, each step and each session cost, beside what users would pick instead, on the same work in one run',
  counts: 'measurements',
  run: async (progress, seed) => {
    const result: BenchResult = await runBench({ parts, quick: false, only: [], seed, progress })
    const verdicts = judge(result)
    return {
      n: result.requests,
      passed: verdicts.every(({ held }) => held),
      result: { verdicts, ...result },
    }
  },
}
