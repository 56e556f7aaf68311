import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atAllDoors, password } from '../support/app.ts'
import { csrfDoors } from './csrf-doors.ts'
import { fewSources, runMatrix } from './csrf-matrix.ts'

describe('X1, X2, X4, X5 the matrix: Sec-Fetch-Site x methods x endpoints x Origin', () => {
  for (const door of csrfDoors)
    test(`X1, X2, X4, X5 nothing that another site has started changes anything: ${door}`, async (context) => {
      const found = await runMatrix(door, fewSources)
      context.diagnostic(
        `${found.tried} requests, ${found.forbidden} of them forbidden, changes by those: ${found.changes.length}`,
      )
      assert.deepEqual(found.changes, [])
      assert.deepEqual(found.notRefused, [])
      assert.deepEqual(found.wronglyRefused, [])
      for (const [name, count] of Object.entries(found.carriedOut)) assert.ok(count >= 10, `${name}: ${count}`)
      assert.ok(Object.keys(found.carriedOut).length >= 6, JSON.stringify(found.carriedOut))
    })
})

atAllDoors(
  'X6 endpoints with a body take JSON and forms, and no other type that a page could send without asking',
  async (app) => {
    const { refreshToken: secret } = await app.signInForTokens('ada')
    const bodies: Readonly<Record<string, object>> = {
      [`${app.at}/token`]: { grant_type: 'refresh_token', refresh_token: secret },
      [`${app.at}/revoke`]: { token: secret },
      ...(app.door === 'server' ? { '/login': { username: 'ada', password } } : {}),
    }
    const types = ['text/plain', 'multipart/form-data; boundary=x', 'text/json', 'application/jsonx', '', null]
    const own = { 'Sec-Fetch-Site': 'same-origin' }
    for (const [path, fields] of Object.entries(bodies)) {
      const form = new URLSearchParams(fields as Record<string, string>).toString()
      for (const type of [...types, ['application/json', 'text/plain']])
        for (const body of [JSON.stringify(fields), form]) {
          const answer = await app.send({ method: 'POST', path, body, headers: { ...own, 'Content-Type': type } })
          assert.deepEqual([answer.status, answer.reason], [415, 'unsupported_media_type'], `${path} ${type}`)
        }
      const answer = await app.send({ method: 'POST', path, json: fields, headers: own })
      assert.equal(answer.status, 200, `${path} ${answer.body}`)
    }
  },
  { present: 'both' },
)
