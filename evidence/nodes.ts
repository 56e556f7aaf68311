import { second } from '../src/base/clock.ts'
import { type Lag, revocationLag } from '../test/laws/revocation-lag.ts'
import type { Figure } from './figure.ts'
import { withSharedEngines } from './shared-engines.ts'

const nodes = 8

export const nodesFigure: Figure = {
  name: 'nodes',
  shows:
    '8 node processes on one Postgres and on one Redis: how long an ended session is accepted anywhere, with hints, without, confirmed, and over HTTP',
  run: (progress) =>
    withSharedEngines(async (engines) => {
      const result: Record<string, Lag> = {}
      for (const engine of engines) {
        const say = (what: string) => (done: number) => {
          if (done % 1000 === 0) progress(`${engine.name}, ${what}: ${done}`)
        }
        const run = async (
          what: string,
          options: Omit<Parameters<typeof revocationLag>[1], 'nodes'>,
        ): Promise<void> => {
          result[`${engine.name}, ${what}`] = await revocationLag(engine, { nodes, progress: say(what), ...options })
        }
        await run('with hints, R = 5 s', { revocations: 10_000, bound: 5 * second })
        await run('over HTTP, R = 5 s', { revocations: 1_000, bound: 5 * second, overHttp: true })
        await run('without any hint, R = 1 s', { revocations: 1_000, bound: second, isDeaf: true })
        await run('confirmed, R = 5 s', { revocations: 1_000, bound: 5 * second, confirm: true })
      }
      const all = Object.values(result)
      const n = all.reduce((sum, { checks }) => sum + checks, 0)
      return { n, passed: engines.length === 2 && all.every(({ late }) => late === 0), result }
    }),
}
