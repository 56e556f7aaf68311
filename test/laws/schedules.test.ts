import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clients, honestOnEngine, thievesOnEngine } from './schedules.ts'

const seed = Number(process.env.SEED ?? 20260101)

describe(`random schedules against servers at both doors, seeds from ${seed}`, () => {
  for (const [name, bounds] of Object.entries(clients)) {
    test(`P-P1 R3 honest, ${name}: never killed, no 401 within F_max lost replies`, async (t) => {
      const { schedules, renewals, broken, different } = await honestOnEngine(bounds, seed, 40)
      t.diagnostic(`${schedules} schedules, ${renewals} renewals`)
      assert.deepEqual(broken, [])
      assert.deepEqual(different, [], 'the server does otherwise than the table')
      assert.ok(renewals > 10 * schedules)
    })

    test(`P-P2 R1 thief and victim, ${name}: always found out`, async (t) => {
      const { schedules, renewals, broken, killed, different } = await thievesOnEngine(bounds, seed, 40)
      t.diagnostic(`${schedules} schedules, ${renewals} renewals, ${killed} families killed`)
      assert.deepEqual(broken, [])
      assert.deepEqual(different, [], 'the server does otherwise than the table')
    })
  }
})
