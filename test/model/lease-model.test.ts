import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { guards, search } from './lease-model.ts'

describe('lease and log, all states', () => {
  test('P-I1 P-I2 P-H1 nothing that has ended is accepted after R, after a confirmation, or once the engine was told again', (context) => {
    const { states, broken, trace } = search({ bound: 1, mostEvents: 2 })
    context.diagnostic(`${states} states`)
    assert.equal(broken, null, JSON.stringify(trace))
    assert.ok(states > 200_000, 'the machine is as large as it was')
  })

  for (const without of guards) {
    test(`without this rule it is broken: ${without}`, () => {
      const { broken, trace } = search({ bound: 1, mostEvents: 3, without })
      assert.notEqual(broken, null)
      assert.ok((trace?.length ?? 0) > 1)
    })
  }
})
