import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callsPerThousand } from './calls.ts'

test('a check costs no call of a shared engine, and 1,000 requests 36 at most with all their renewals', async (context) => {
  const { perThousand, onChecks, ...rest } = await callsPerThousand(50, 100)
  context.diagnostic(JSON.stringify({ perThousand, onChecks, ...rest }))
  assert.equal(onChecks, 0)
  assert.ok(perThousand <= 36, `${perThousand}`)
})
