import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, fromBase64url, fromUtf8, toBase64url, toUtf8 } from '../../src/base/bytes.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const bytes = fc.uint8Array({ maxLength: 100 })

describe('base64url', () => {
  test('RFC 4648 section 10', () => {
    const vectors = { '': '', f: 'Zg', fo: 'Zm8', foo: 'Zm9v', foob: 'Zm9vYg', fooba: 'Zm9vYmE', foobar: 'Zm9vYmFy' }
    for (const [plain, text] of Object.entries(vectors)) {
      assert.equal(toBase64url(toUtf8(plain)), text)
      assert.deepEqual(fromBase64url(text), toUtf8(plain))
    }
    assert.equal(toBase64url(Uint8Array.of(0xfb, 0xff, 0xbf)), '-_-_')
  })

  test('there and back, and as Node writes it', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = toBase64url(value)
        assert.equal(text, Buffer.from(value).toString('base64url'))
        assert.deepEqual(fromBase64url(text), new Uint8Array(value))
      }),
    )
  })

  test('J8 what is taken is the one text of its value', () => {
    const texts = fc.oneof(
      fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'AQgwB-_=+/ \n'), maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const value = fromBase64url(text)
        const canonical = Buffer.from(text, 'base64url').toString('base64url') === text
        assert.equal(value !== null, canonical)
        if (value !== null) assert.equal(toBase64url(value), text)
      }),
      { numRuns: 2000 },
    )
  })

  test('J8 every text of one to three characters of the alphabet', () => {
    let taken = 0
    for (const a of alphabet) {
      assert.equal(fromBase64url(a), null)
      for (const b of alphabet) {
        if (fromBase64url(a + b) !== null) taken++
        for (const c of alphabet) if (fromBase64url(a + b + c) !== null) taken++
      }
    }
    assert.equal(taken, 256 + 65_536)
  })

  test('J8 no padding, no white space, no other alphabet, no unused bits', () => {
    const others = [
      '=',
      'Zg=',
      'Zg==',
      'Zm8=',
      'Zm9v=',
      'Zm 9v',
      ' Zm9v',
      'Zm9v\n',
      'Zm9v\u0000',
      'Zm9+',
      'Zm9/',
      'Zm9.',
      'Zh',
      'Zm9',
    ]
    for (const other of [...others, 'A', 'AAAAA', 'Zm9é', 'Zm9\u0100', 'Zm9😀', 'Ｚm9v', 'Zm9\ud800', '%5A'])
      assert.equal(fromBase64url(other), null, other)
  })

  test('a million characters in one go', () => {
    const value = new Uint8Array(750_000).map((_, index) => index % 251)
    assert.deepEqual(fromBase64url(toBase64url(value)), value)
  })
})

describe('UTF-8', () => {
  test('there and back, for every well-formed text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(fromUtf8(toUtf8(text)), text)))
    for (const text of ['\ufeffx', '\u0000', '\u{10ffff}', '\uffff', 'é', '😀'])
      assert.equal(fromUtf8(toUtf8(text)), text)
  })

  test('J10 what is not UTF-8 is null: overlong, surrogates, out of range, cut short', () => {
    const broken = [
      '80',
      'bf',
      'c0',
      'c080',
      'c1bf',
      'e08080',
      'e0809f',
      'eda080',
      'edbfbf',
      'f0808080',
      'f4908080',
      'f5808080',
      'fe',
      'ff',
    ]
    for (const hex of [...broken, 'c3', 'e282', 'f09f98', '61ff62', 'c328', 'eda0bdedb880'])
      assert.equal(fromUtf8(Buffer.from(hex, 'hex')), null, hex)
    fc.assert(
      fc.property(bytes, (value) => {
        const text = fromUtf8(value)
        if (text !== null) assert.deepEqual(toUtf8(text), new Uint8Array(value))
        else assert.notDeepEqual(toUtf8(new TextDecoder().decode(value)), new Uint8Array(value))
      }),
    )
  })
})

describe('bytes joined', () => {
  test('all of them, in order, as new bytes', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        const joined = concatBytes(...parts)
        assert.deepEqual(
          [...joined],
          parts.flatMap((part) => [...part]),
        )
      }),
    )
    const part = Uint8Array.of(1)
    concatBytes(part)[0] = 2
    assert.equal(part[0], 1)
  })
})
