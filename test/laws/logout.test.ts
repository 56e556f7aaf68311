import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logoutLaw } from './logout.ts'

test('S6 S9 P-I1 after logout and after end all, no copy is accepted at either of two server processes', async (t) => {
  const { tried, accepted, firstAccepted, statuses } = await logoutLaw({ tries: 240, rounds: 4 })
  t.diagnostic(`${JSON.stringify(tried)} ${JSON.stringify(statuses)}`)
  assert.equal(firstAccepted, null)
  assert.equal(accepted, 0)
})
