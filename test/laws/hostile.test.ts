import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostile } from './hostile.ts'

test('V5 S3 mutated cookies, headers, tokens and bodies: none accepted, none answered 5xx, the server lives', async (t) => {
  const seed = Number(process.env.SEED ?? 20260101)
  const { sent, accepted, serverErrors, complaints, alive, statuses } = await hostile(10_000, seed, () => {})
  t.diagnostic(`seed ${seed}: ${sent} sent, ${JSON.stringify(statuses)}`)
  assert.deepEqual(accepted, [])
  assert.deepEqual(serverErrors, [])
  assert.equal(complaints, '')
  assert.ok(alive)
})
