import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { writeCredential } from '../../src/crypto/credential.ts'
import { createKeyRing } from '../../src/crypto/keyring.ts'
import { checkCsrfToken, makeCsrfToken } from '../../src/http/csrf-token.ts'
import { makeSid } from '../../src/model/partition.ts'
import { secrets } from '../support/app.ts'

const ring = createKeyRing([secrets[0]])
const sid = makeSid(3, 'AAAAAAAAAAAAAAAAAAAAAA')
const other = makeSid(3, 'AAAAAAAAAAAAAAAAAAAAAQ')
const token = makeCsrfToken(ring, sid)

describe('X3 CSRF tokens', () => {
  test('X3 a token is good for its session and no other', () => {
    assert.match(token, /^[A-Za-z0-9_-]{72}$/)
    assert.equal(checkCsrfToken(ring, sid, token), true)
    assert.equal(checkCsrfToken(ring, other, token), false)
    assert.equal(checkCsrfToken(ring, makeSid(4, sid.slice(1)), token), false)
  })

  test('X3 no two are alike', () => {
    assert.equal(new Set(Array.from({ length: 1000 }, () => makeCsrfToken(ring, sid))).size, 1000)
  })

  test('X3 changing any character spoils it', () => {
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      assert.equal(checkCsrfToken(ring, sid, changed), false, `at ${at}`)
    }
  })

  test('X3 truncated, empty, doubled, of another type or anything else: refused', () => {
    for (let length = 0; length < token.length; length++)
      assert.equal(checkCsrfToken(ring, sid, token.slice(0, length)), false)
    const credential = writeCredential(sid, 1, 'AAAAAAAAAAAAAAAAAAAAAA', ring)
    const values = [
      `${token}${token}`,
      `${token}, ${token}`,
      `${token}=`,
      ` ${token}`,
      [token],
      { token },
      null,
      undefined,
      7,
      true,
    ]
    for (const value of [...values, Buffer.from(token), new String(token), credential, sid, 'A'.repeat(10_000_000)])
      assert.equal(checkCsrfToken(ring, sid, value), false)
    fc.assert(fc.property(fc.anything(), (value) => !checkCsrfToken(ring, sid, value)))
    const text = fc.string({ unit: fc.constantFrom(...'AZaz09-_'), minLength: 72, maxLength: 72 })
    fc.assert(fc.property(text, (value) => !checkCsrfToken(ring, sid, value)))
  })

  test('X3 secrets rotate: an old one still checks, a removed one does not', () => {
    const rotated = createKeyRing([secrets[1], secrets[0]])
    assert.equal(checkCsrfToken(rotated, sid, token), true)
    assert.equal(checkCsrfToken(ring, sid, makeCsrfToken(rotated, sid)), false)
    assert.equal(checkCsrfToken(createKeyRing([secrets[1]]), sid, token), false)
  })
})
