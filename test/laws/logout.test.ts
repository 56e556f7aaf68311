import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logoutOnTwoServers } from './logout.ts'

test('S6 P-I1 after logout and after end all, both of two servers on one file refuse every copy at once', async (t) => {
  const { tries, accepted, goodBefore, byKind } = await logoutOnTwoServers(400, 4)
  t.diagnostic(`${tries} tries: ${JSON.stringify(byKind)}`)
  assert.equal(goodBefore, 16)
  assert.ok(tries >= 400)
  assert.equal(accepted, 0)
})
