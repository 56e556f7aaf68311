import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashes } from './crash.ts'

test('R5 killed in the middle of logins and logouts, the server loses nothing that it acknowledged', async (t) => {
  const seed = Number(process.env.SEED ?? 20260101)
  const result = await crashes(120, 3, seed, () => {})
  t.diagnostic(`seed ${seed}: ${JSON.stringify(result)}`)
  assert.ok(result.sessions > 60 && result.logouts > 20)
  assert.equal(result.sessionsLost, 0)
  assert.equal(result.logoutsLost, 0)
})
