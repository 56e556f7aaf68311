import { type Fleet, memoryFleet, refreshLaw, sqliteFleet } from '../test/laws/refresh.ts'
import type { Figure } from './figure.ts'

const rounds = 1000
const parallel = 100

const fleets: Readonly<Record<string, () => Promise<Fleet>>> = {
  'memory, one process with one node': () => memoryFleet(1),
  'memory, one process with 100 nodes': () => memoryFleet(100),
  'sqlite, three processes with four nodes each': () => sqliteFleet(3, 4),
}

export const refresh: Figure = {
  name: 'refresh',
  shows: '100 parallel refreshes a round, one successor each: one process on memory, three on SQLite',
  run: async (progress) => {
    const result: Record<string, object> = {}
    const wrong: string[] = []
    for (const [name, open] of Object.entries(fleets)) {
      const fleet = await open()
      try {
        const told = (sentence: string): void => progress(`${name}: ${sentence}`)
        const { broken, ...found } = await refreshLaw(fleet, { rounds, parallel, progress: told })
        result[name] = found
        wrong.push(...broken.map((one) => `${name}, ${one}`))
      } finally {
        await fleet.close()
      }
    }
    return { n: rounds * Object.keys(fleets).length, passed: wrong.length === 0, result: { ...result, wrong } }
  },
}
