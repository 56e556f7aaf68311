import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { withNext } from '../support/next-app.ts'
import { cases } from './suite/cases.ts'
import { differences } from './suite/differences.ts'
import type { Door } from './suite/door.ts'
import { atNext } from './suite/doors/next.ts'
import { doors } from './suite/doors.ts'
import { remoteDoor } from './suite/remote.ts'
import { runDoor, type Transcript, toText } from './suite/run.ts'
import { compare, judge, type Verdict } from './suite/verdict.ts'

/** What the door of node:http says, for review. `WRITE=1 npm run test:only test/adapters/suite.test.ts` writes it anew. */
const golden = new URL('suite/transcript.txt', import.meta.url)

// Handlers that fail are part of the suite; what they throw is told to the process.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (!/^The handler fails|Premature close|aborted|^Status message is not supported/.test(warning.message))
    console.error(warning)
})

describe('one suite, every door, the same transcript', () => {
  const [first, ...others] = doors
  let expected: Transcript = new Map()
  const verdicts = new Map<string, Verdict>()

  function asNode(door: Door): void {
    test(`${door.name}: as node`, async (t) => {
      const verdict = judge(door, expected, await runDoor(door, cases))
      verdicts.set(door.name, verdict)
      t.diagnostic(`${verdict.compared} of ${cases.length} cases`)
      assert.equal(verdict.findings.join('\n\n'), '')
    })
  }

  before(async () => {
    assert.ok(first !== undefined)
    expected = await runDoor(first, cases)
  })

  test('every case ran to its end', () => {
    const broken = [...expected].filter(([, lines]) => lines?.some((line) => line.startsWith('!')) ?? true)
    assert.deepEqual(broken, [])
    assert.equal(expected.size, cases.length, 'a name twice')
  })

  test('node: as it was', () => {
    const text = toText(expected)
    if (process.env.WRITE === '1') writeFileSync(golden, text)
    const lines = compare(readFileSync(golden, 'utf8').split('\n'), text.split('\n'))
    assert.equal(lines.join('\n'), '')
  })

  for (const door of others) asNode(door)
  withNext('Next, built and started', () => asNode(atNext))

  test('an application in a process of its own can be asked the same', async () => {
    assert.ok(first !== undefined)
    const script = fileURLToPath(new URL('suite/serve-door.ts', import.meta.url))
    const door = remoteDoor(first, process.execPath, ['--conditions=handstamp-source', script, first.name])
    const some = cases.filter((_, index) => index % 8 === 0)
    const seen = await runDoor(door, some)
    const wanted = new Map([...expected].filter(([name]) => seen.has(name)))
    assert.equal(judge(door, wanted, seen).findings.join('\n\n'), '')
  })

  test('no difference is listed that there is not', () => {
    const own = new Set([...verdicts.values()].flatMap((verdict) => verdict.own))
    const asked = differences.filter((one) => one.doors.every((door) => verdicts.has(door)))
    const idle = asked.filter((one) => !own.has(one)).map(({ because }) => because)
    assert.deepEqual(idle, [])
  })
})
