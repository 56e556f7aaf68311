import { runBench } from '../bench/bench.ts'
import type { Figure } from './figure.ts'

/** Of the bare server's, in the same rounds. */
const least = 0.8

/** The endpoint that a proxy asks with each request, beside the bare server and beside Better Auth behind an endpoint written by hand. */
export const verify: Figure = {
  name: 'verify',
  shows:
    'requests a second of /verify, beside the bare node:http server in the same run, and beside Better Auth behind a hand-written endpoint',
  counts: 'measurements',
  run: async (progress, seed) => {
    const only = ['Handstamp /verify', 'Better Auth, memory', 'Better Auth, SQLite']
    const { speed, pinned, rounds, requests } = await runBench({ parts: ['speed'], quick: false, only, seed, progress })
    const ratios = speed.map(({ name, perSecond, barePerSecond }) => [
      name,
      {
        'requests a second': Math.round(perSecond.median),
        bare: Math.round(barePerSecond.median),
        ratio: Math.round((perSecond.median / barePerSecond.median) * 1000) / 1000,
      },
    ])
    const result = Object.fromEntries(ratios) as Record<string, { readonly ratio: number }>
    const own = result['Handstamp /verify, memory']
    return { n: requests, passed: (own?.ratio ?? 0) >= least, result: { pinned, rounds, ...result } }
  },
}
