import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fromDer, toDer } from '../../src/crypto/ecdsa-signature.ts'

/** Numbers with zeros in front, with the first bit set, zero and the largest. */
const number = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.tuple(fc.nat(31), fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff)).map(([zeros, next]) => {
    const bytes = new Uint8Array(32).fill(0xa5)
    bytes.fill(0, 0, zeros)
    bytes[zeros] = next
    return bytes
  }),
  fc.constantFrom(new Uint8Array(32), new Uint8Array(32).fill(0xff)),
)

describe('ECDSA signatures in both forms', () => {
  test('J6 what is written in DER reads as the same numbers', () => {
    fc.assert(
      fc.property(number, number, (r, s) => {
        const signature = Buffer.concat([r, s])
        const der = toDer(signature)
        assert.equal(der[1], der.length - 2)
        for (const at of [2, 4 + (der[3] as number)]) {
          assert.equal(der[at], 0x02)
          const bytes = der.subarray(at + 2, at + 2 + (der[at + 1] as number))
          assert.ok(bytes.length >= 1 && (bytes[0] as number) < 0x80, 'not negative')
          assert.ok(
            bytes.length === 1 || bytes[0] !== 0 || (bytes[1] as number) >= 0x80,
            'not longer than it needs to be',
          )
        }
        assert.deepEqual(fromDer(der), signature)
      }),
      { numRuns: 2000 },
    )
  })

  test('are those of node:crypto', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    // Enough that numbers with a zero in front are among them.
    for (let round = 0; round < 1500; round++) {
      const data = Buffer.from(`message ${round}`)
      const signature = fromDer(sign('sha256', data, privateKey))
      assert.ok(verify('sha256', data, key, signature))
      assert.ok(verify('sha256', data, publicKey, toDer(signature)))
    }
  })
})
