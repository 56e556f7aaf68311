import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hour, minute, second } from '../../src/base/clock.ts'
import { sharedEngines } from '../support/engines.ts'
import {
  bound,
  clockSteps,
  crashed,
  deadline,
  delayed,
  halfOpen,
  type Outage,
  outage,
  paused,
  restored,
  stalled,
} from './engine-faults.ts'

const engines = await sharedEngines()

/** Nothing may hang; how busy the machine is says nothing about the node. The figures are in evidence/faults.json. */
const slack = 5 * second

function assertHolds(seen: Outage): void {
  const text = JSON.stringify(seen)
  assert.equal(seen.wrong, 0, text)
  assert.ok(seen.answeredFor <= bound + slack, text)
  assert.ok(seen.slowest <= deadline + slack, `nothing hangs: ${text}`)
  const outcomes = Object.keys({ ...seen.checks, ...seen.writes })
  assert.ok(!outcomes.some((outcome) => outcome === 'anonymous' || outcome.startsWith('failed')), text)
  for (const [outcome] of Object.entries(seen.checks)) assert.match(outcome, /^(accepted|503 store_unavailable)$/, text)
  assert.ok(seen.recovery <= 20 * second, text)
}

describe('V1 V2 an engine that many nodes share fails', { skip: engines.length === 0 && 'none is installed' }, () => {
  for (const engine of engines) {
    const { name } = engine
    test(`V1 V2 R10 ${name}: it stands still`, async (context) => {
      const seen = await outage(engine, ...paused(engine))
      context.diagnostic(JSON.stringify(seen))
      assertHolds(seen)
      assert.ok((seen.checks['503 store_unavailable'] ?? 0) > 0, 'the lease lapses')
    })
    test(`V1 V2 ${name}: it is killed, and started again`, async (context) => {
      const seen = await outage(engine, ...crashed(engine))
      context.diagnostic(JSON.stringify(seen))
      assertHolds(seen)
    })
    test(`${name}: a half-open connection`, async (context) => {
      const seen = await halfOpen(engine)
      context.diagnostic(JSON.stringify(seen))
      assertHolds(seen)
    })
    test(`R5 P-H1 ${name}: it is put back to an older copy, and what it has lost is told again`, async (context) => {
      const seen = await restored(engine, 20)
      context.diagnostic(JSON.stringify(seen))
      assert.deepEqual([seen.acceptedByOld, seen.acceptedByNew], [0, 0])
      assert.equal(seen.reasserted, seen.ended)
      assert.ok(seen.healed <= 20 * second)
    })
    test(`${name}: all answers are late`, async (context) => {
      const seen = await delayed(engine, 300, 1)
      context.diagnostic(JSON.stringify(seen))
      assert.equal(seen.wrong, 0)
      assert.ok(seen.accepted > 0)
    })
    test(`P-I1 ${name}: a node stands still for longer than R`, async () => {
      assert.equal((await stalled(engine, 2 * bound, 1)).wrong, 0)
    })
    test(`T8 ${name}: a node’s wall clock is set`, async () => {
      assert.equal(await clockSteps(engine, [5 * minute, -5 * minute, -hour, 0]), 0)
    })
  }
})
