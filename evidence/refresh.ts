import { refreshOnMemory, refreshOnSqlite } from '../test/laws/refresh.ts'
import type { Figure } from './figure.ts'

export const refresh: Figure = {
  name: 'refresh',
  shows: '100 parallel refreshes a round, one successor each: one process on memory, three on SQLite',
  run: async (progress) => {
    const memory = await refreshOnMemory(1000, 100)
    progress(`memory: ${memory.rounds} rounds`)
    const sqlite = await refreshOnSqlite(1000, 100)
    const wrong = [...memory.wrong, ...sqlite.wrong]
    const n = memory.rounds + sqlite.rounds
    return {
      n,
      passed: wrong.length === 0,
      result: { presentations: memory.presentations + sqlite.presentations, wrong },
    }
  },
}
