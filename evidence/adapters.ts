import { cases } from '../test/adapters/suite/cases.ts'
import { doors } from '../test/adapters/suite/doors.ts'
import { runDoor } from '../test/adapters/suite/run.ts'
import { judge } from '../test/adapters/suite/verdict.ts'
import type { Figure } from './figure.ts'

export const adapters: Figure = {
  name: 'adapters',
  shows: 'one suite of requests at every door, each transcript compared with that of node:http',
  run: async (progress) => {
    // Handlers that fail are part of the suite.
    process.removeAllListeners('warning')
    process.on('warning', () => {})
    const [first, ...others] = doors
    if (first === undefined) throw new Error('There is no door.')
    const expected = await runDoor(first, cases)
    const byDoor: Record<string, unknown> = { [first.name]: { cases: expected.size, different: 0 } }
    let n = expected.size
    let passed = [...expected.values()].every((lines) => lines?.every((line) => !line.startsWith('!')) === true)
    for (const door of others) {
      const { compared, lacking, findings, own } = judge(door, expected, await runDoor(door, cases))
      progress(`${door.name}: ${compared} cases, ${findings.length} different`)
      n += compared
      passed &&= findings.length === 0
      const ownWay = own.map(({ because }) => because)
      byDoor[door.name] = { cases: compared, different: findings.length, lacking: lacking.length, ownWay }
    }
    return { n, passed, result: { doors: doors.length, cases: cases.length, byDoor } }
  },
}
