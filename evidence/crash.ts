import { crashes } from '../test/laws/crash.ts'
import type { Figure } from './figure.ts'

export const crash: Figure = {
  name: 'crash',
  shows: 'kill -9 of the server at 20 random points among 10,000 sessions created over HTTP on SQLite',
  run: async (progress, seed) => {
    const result = await crashes(10_000, 20, seed, (done) => progress(`${done} sessions`))
    const passed = result.sessionsLost === 0 && result.logoutsLost === 0
    return { n: result.sessions + result.logouts, passed, result: { ...result } }
  },
}
