import { logoutLaw } from '../test/laws/logout.ts'
import type { Figure } from './figure.ts'

export const logout: Figure = {
  name: 'logout',
  shows: 'copied credentials after logout and after end all, at both of two server processes on one SQLite file',
  run: async (progress) => {
    // Tries of each copy after each ending: four copies, two endings.
    const found = await logoutLaw({ tries: 1_250, rounds: 25, progress })
    const n = Object.values(found.tried).reduce(
      (sum, copies) => sum + Object.values(copies).reduce((a, b) => a + b, 0),
      0,
    )
    return { n, passed: found.accepted === 0, result: { ...found } }
  },
}
