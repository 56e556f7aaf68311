import { type BenchResult, type Part, runBench } from '../bench/bench.ts'
import { judge } from '../bench/verdicts.ts'
import type { Figure } from './figure.ts'

/** The parts of docs/performance.md, each with a file of its own, so that one can be made anew without the others. */
export const speed: Figure = figure(
  'speed',
  ['speed'],
  'what a checked request adds to the bare server of the same framework, beside what users would pick instead, in one run',
  ({ requests }) => requests,
)

export const behaviour: Figure = figure(
  'behaviour',
  ['behaviour'],
  'how long a copied credential is accepted after a logout, what a slow request and a second writer do, where forgeries get to: each product on the same script',
  ({ behaviour }) => behaviour.reduce((sum, { forged, races }) => sum + forged.shown + 2 * (races?.trials ?? 0), 0),
)

export const steps: Figure = figure(
  'steps',
  ['steps', 'tokens'],
  'what each step of a session and each refusal costs and allocates, and a token that nobody has seen, beside the bare signature check and other libraries',
  ({ steps, tokens }) => [...steps, ...tokens].reduce((sum, { cpu }) => sum + cpu.n, 0),
)

export const memory: Figure = figure(
  'memory',
  ['memory'],
  'bytes of a session, a revoked id and a cached snapshot, from ten thousand to a million',
  ({ memory }) => memory.reduce((sum, { count }) => sum + count, 0),
)

function figure(name: string, parts: readonly Part[], shows: string, count: (result: BenchResult) => number): Figure {
  return {
    name,
    shows,
    counts: 'measurements',
    run: async (progress, seed) => {
      const result = await runBench({ parts, quick: false, only: [], seed, progress })
      const verdicts = judge(result)
      return { n: count(result), passed: verdicts.every(({ held }) => held), result: { verdicts, ...result } }
    },
  }
}
