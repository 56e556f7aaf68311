import assert from 'node:assert/strict'
import { createHmac, createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hmacSha256 } from '../../src/crypto/hmac.ts'

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

test('HMAC-SHA256 is that of RFC 4231', () => {
  const cases: readonly [key: Buffer, data: Buffer, mac: string][] = [
    [hex('0b'.repeat(20)), Buffer.from('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      Buffer.from('Jefe'),
      Buffer.from('what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [hex('aa'.repeat(20)), hex('dd'.repeat(50)), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      hex('aa'.repeat(131)),
      Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ]
  for (const [key, data, mac] of cases) assert.equal(hmacSha256(createSecretKey(key), data).toString('hex'), mac)
})

test('HMAC-SHA256 is that of node:crypto, in however many parts', () => {
  const bytes = fc.uint8Array({ maxLength: 300 })
  const key = fc.uint8Array({ minLength: 1, maxLength: 150 })
  fc.assert(
    fc.property(key, fc.array(bytes, { maxLength: 4 }), (secret, parts) => {
      const expected = createHmac('sha256', secret)
      for (const part of parts) expected.update(part)
      const own = createSecretKey(secret)
      assert.deepEqual(hmacSha256(own, ...parts), expected.digest())
      // The second time with what the first has prepared.
      assert.deepEqual(hmacSha256(own, ...parts), hmacSha256(createSecretKey(secret), Buffer.concat(parts)))
    }),
    { numRuns: 500 },
  )
})
