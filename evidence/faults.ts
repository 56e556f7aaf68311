import { hour, minute, second } from '../src/base/clock.ts'
import {
  bound,
  clockSteps,
  crashed,
  deadline,
  delayed,
  halfOpen,
  outage,
  paused,
  restored,
  stalled,
} from '../test/laws/engine-faults.ts'
import type { Figure } from './figure.ts'
import { withSharedEngines } from './shared-engines.ts'

/** Scheduling on a machine that is busy. */
const slack = second

export const faults: Figure = {
  name: 'faults',
  shows: `Postgres and Redis paused, killed, half open, late, put back to an older copy, with a node that stands still and clocks that are set; R = ${bound} ms, deadline ${deadline} ms`,
  run: (progress) =>
    withSharedEngines(async (engines) => {
      const result: Record<string, unknown> = {}
      let n = 0
      let passed = engines.length === 2
      for (const engine of engines) {
        const note = (what: string, seen: object, holds: boolean): void => {
          progress(`${engine.name}, ${what}: ${JSON.stringify(seen)}`)
          result[`${engine.name}, ${what}`] = seen
          n++
          passed &&= holds
        }
        for (const [what, run] of [
          ['paused', () => outage(engine, ...paused(engine), { lasts: 6 * second })],
          ['kill -9, started again', () => outage(engine, ...crashed(engine), { lasts: 4 * second })],
          ['half open', () => halfOpen(engine)],
        ] as const) {
          const seen = await run()
          const isQuick = seen.slowest <= deadline + slack && seen.answeredFor <= bound + slack
          note(what, seen, seen.wrong === 0 && isQuick && seen.recovery <= 5 * second)
        }
        const late = await delayed(engine, second / 2, 5)
        note('500 ms late', late, late.wrong === 0)
        const stood = await stalled(engine, 2 * second, 5)
        note('event loop stalled 2 s', stood, stood.wrong === 0)
        const back = await restored(engine, 100)
        const isHealed = back.reasserted === 100 && back.acceptedByOld === 0 && back.acceptedByNew === 0
        note('100 acknowledged revocations lost', back, isHealed && back.healed <= 5 * second)
        const wrong = await clockSteps(engine, [5 * minute, -5 * minute, -hour, 0])
        note('wall clock +5 min, -5 min, -1 h', { wrong }, wrong === 0)
      }
      return { n, passed, result }
    }),
}
