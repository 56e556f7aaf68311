import { type RaceResult, raceOn } from '../src/testing/contract/races.ts'
import type { Figure } from './figure.ts'
import { withSharedEngines } from './shared-engines.ts'

const operations = 1_000_000

export const engineRacesFigure: Figure = {
  name: 'engine-races',
  shows:
    'interleaved operations of 64 flows over three nodes on Postgres and on Redis: lost updates, resurrections, double successors, leaked entries',
  run: (progress, seed) =>
    withSharedEngines(async (engines) => {
      const result: Record<string, RaceResult> = {}
      for (const engine of engines) {
        const nodes = [engine.node(), engine.node(), engine.node()]
        const backends = nodes.map(({ backend }) => backend)
        result[engine.name] = await raceOn(backends, operations, seed, (done) => progress(`${engine.name}: ${done}`))
        await Promise.all(nodes.map((node) => node.close()))
      }
      const all = Object.values(result)
      const wrongs = all.map(
        ({ lostUpdates, resurrections, doubleSuccessors, indexErrors, leaked }) =>
          lostUpdates + resurrections + doubleSuccessors + indexErrors + leaked,
      )
      const n = all.reduce((sum, { operations: done }) => sum + done, 0)
      return { n, passed: engines.length === 2 && wrongs.every((wrong) => wrong === 0), result: { ...result } }
    }),
}
