import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CompactSign, compactVerify } from 'jose'
import { isFault } from '../../src/base/fault.ts'
import { type JsonObject, signJws, verifyJws } from '../../src/crypto/jws.ts'
import { allKeys, answer, base64url, forge, fromNumber, keyMap, keys, order, toNumber, typ } from './jws-forge.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('signed tokens: the signature', () => {
  test('J6 ES256: r and s in range, 64 bytes, not DER', () => {
    const key = keys.ES256
    const values = [0n, 1n, order - 1n, order, order + 1n, 2n ** 256n - 1n]
    for (const r of values) {
      for (const s of values) {
        const signature = (): Buffer => Buffer.concat([fromNumber(r, 32), fromNumber(s, 32)])
        assert.equal(answer(forge({ key, signature })), 'bad_signature')
      }
    }
    assert.equal(answer(forge({ key, signature: (input) => sign('sha256', input, key.signingKey) })), 'bad_signature')
  })

  test('J5 J6 a signature that is empty, short, long or zero is refused', () => {
    for (const key of allKeys) {
      const [head, body, right = ''] = forge({ key }).split('.')
      const bytes = Buffer.from(right, 'base64url')
      const zero = Buffer.alloc(1)
      const others = [
        Buffer.alloc(0),
        zero,
        Buffer.alloc(bytes.length),
        Buffer.alloc(bytes.length, 255),
        bytes.subarray(1),
        bytes.subarray(0, -1),
        Buffer.concat([zero, bytes]),
        Buffer.concat([bytes, zero]),
        Buffer.concat([bytes, bytes]),
        Buffer.concat([zero, bytes.subarray(0, 32), zero, bytes.subarray(32)]),
      ]
      for (const other of others) assert.equal(answer(`${head}.${body}.${base64url(other)}`), 'bad_signature')
    }
  })

  test('J15 ECDSA has a twin of each signature that holds as well: so nothing may be denied by the text of a token', () => {
    const [head, body, right = ''] = forge({ key: keys.ES256 }).split('.')
    const bytes = Buffer.from(right, 'base64url')
    const twin = Buffer.concat([bytes.subarray(0, 32), fromNumber(order - toNumber(bytes.subarray(32)), 32)])
    assert.notDeepEqual(twin, bytes)
    assert.equal(answer(`${head}.${body}.${base64url(twin)}`), 'ok')
  })

  test('J6 J8 a token of which one character is another, is missing or is added is refused, exhaustively', () => {
    for (const key of allKeys) {
      const token = forge({ key, payload: { a: 1 } })
      assert.equal(answer(token), 'ok')
      for (let at = 0; at < token.length; at++) {
        const before = token.slice(0, at)
        const after = token.slice(at + 1)
        assert.notEqual(answer(before), 'ok', `cut at ${at}`)
        assert.notEqual(answer(before + after), 'ok', `${at} removed`)
        for (const other of `${alphabet}.=+/ `)
          if (other !== token[at]) assert.notEqual(answer(before + other + after), 'ok', `${at}: ${other}`)
        for (const added of 'A.= ')
          assert.notEqual(answer(token.slice(0, at) + added + token.slice(at)), 'ok', `${at} added`)
      }
      for (const added of `${alphabet}.=+/ `) assert.notEqual(answer(token + added), 'ok', `${added} added`)
    }
  })

  test('the same token gets the same answer a hundred times (failure 21)', () => {
    const token = forge()
    for (let time = 0; time < 100; time++) assert.equal(answer(token), 'ok')
  })
})

describe('signed tokens: the form', () => {
  test('J8 only three segments of base64url', () => {
    const token = forge()
    const [head = '', body = '', signature = ''] = token.split('.')
    const json = JSON.stringify({ protected: head, payload: body, signature })
    const others = [
      ...[
        '',
        '.',
        '..',
        '...',
        'a.b.c',
        json,
        JSON.stringify({ payload: body, signatures: [{ protected: head, signature }] }),
      ],
      ...[
        `${token}.`,
        `.${token}`,
        `${head}.${body}`,
        `${head}..${signature}`,
        `.${body}.${signature}`,
        `${token}.${signature}`,
      ],
      ...[` ${token}`, `${token} `, `${token}\n`, `${head} .${body}.${signature}`, `${head}.\t${body}.${signature}`],
      ...[
        `${token}=`,
        `${head}=.${body}.${signature}`,
        `${head}.${body}==.${signature}`,
        `Bearer ${token}`,
        `"${token}"`,
      ],
      ...[token.replaceAll('.', '．'), token.replaceAll('.', '%2E'), token.replace('e', 'е'), `\ufeff${token}`],
    ]
    for (const other of others) assert.match(answer(other), /^(malformed_token|bad_signature)$/, other)
    const bytes = Buffer.from('{"sub":"??>>~~"}')
    for (const text of [bytes.toString('base64'), bytes.toString('base64').replaceAll('=', '')]) {
      assert.match(text, /[+/]/)
      assert.equal(answer(`${head}.${text}.${signature}`), 'malformed_token')
    }
  })

  test('J8 unused bits must be zero: one text for each value', () => {
    let variants = 0
    for (const key of allKeys) {
      const segments = forge({ key, payload: { sub: 'ab' } }).split('.')
      segments.forEach((segment, index) => {
        for (const last of alphabet) {
          const other = segment.slice(0, -1) + last
          const same = Buffer.from(other, 'base64url').equals(Buffer.from(segment, 'base64url'))
          if (other === segment || !same) continue
          variants++
          assert.equal(answer(segments.with(index, other).join('.')), 'malformed_token')
        }
      })
    }
    assert.ok(variants > 50, String(variants))
  })

  test('J8 the size is looked at before anything else', () => {
    const token = forge()
    const verify = (text: string, maxBytes: number): string => {
      const checked = verifyJws(text, keyMap, typ, { maxBytes })
      return checked.ok ? 'ok' : checked.reason
    }
    assert.equal(verify(token, token.length), 'ok')
    assert.equal(verify(token, token.length - 1), 'oversized_credential')
    assert.equal(answer('.'.repeat(8_193)), 'oversized_credential')
    assert.equal(answer('.'.repeat(8_192)), 'malformed_token')
    const untouchable = new Proxy(
      {},
      {
        get: (_, name) => (name === 'length' ? 10_000_000 : assert.fail(`reads ${String(name)}`)),
      },
    ) as unknown as string
    assert.equal(answer(untouchable), 'oversized_credential')
  })

  test('J9 an encrypted token and a token in a token are refused', () => {
    const [head = '', body = '', signature = ''] = forge().split('.')
    assert.equal(answer([head, 'a', 'b', body, signature].join('.')), 'malformed_token')
    const jwe = base64url(JSON.stringify({ alg: 'dir', enc: 'A256GCM' }))
    assert.equal(answer([jwe, '', 'aaaa', 'bbbb', 'cccc'].join('.')), 'malformed_token')
    assert.equal(answer(forge({ rawPayload: forge() })), 'malformed_token')
    assert.equal(answer(forge({ rawPayload: forge(), header: { cty: 'JWT' } })), 'refused_header')
  })

  test('J10 no member twice, in the header or the payload', () => {
    for (const rawHeader of [
      '{"alg":"HS256","typ":"at+jwt","kid":"hmac","alg":"HS256"}',
      '{"alg":"none","typ":"at+jwt","kid":"hmac","alg":"HS256"}',
      '{"alg":"HS256","typ":"at+jwt","kid":"hmac","k\\u0069d":"hmac"}',
    ])
      assert.equal(answer(forge({ rawHeader })), 'malformed_token', rawHeader)
    for (const name of ['sub', 'exp', 'cnf', 'aud'])
      assert.equal(answer(forge({ rawPayload: `{"${name}":1,"x":{},"${name}":1}` })), 'malformed_token', name)
    assert.equal(answer(forge({ rawPayload: '{"cnf":{"jkt":"a","jkt":"b"}}' })), 'malformed_token')
  })

  test('J10 only UTF-8, no byte order mark, no lone surrogate', () => {
    const broken = ['c080', 'c0af', 'e080af', 'eda080', 'edb080', 'f4908080', 'ff', '80', 'f888808080', 'c3']
    for (const hex of broken) {
      const bytes = Buffer.concat([Buffer.from('{"sub":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')])
      assert.equal(answer(forge({ rawPayload: bytes })), 'malformed_token', hex)
      const header = Buffer.concat([Buffer.from('{"alg":"HS256","kid":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')])
      assert.equal(answer(forge({ rawHeader: header })), 'malformed_token', hex)
    }
    for (const text of ['\ufeff{}', '{}\ufeff', '{"sub":"\\ud800"}', '{"\\udc00":1}', '{"sub":"\\udc00\\ud800"}'])
      assert.equal(answer(forge({ rawPayload: text })), 'malformed_token', text)
    assert.equal(answer(forge({ rawPayload: '{"sub":"\\ud83d\\ude00"}' })), 'ok')
  })

  test('J10 header and payload are objects', () => {
    for (const text of [
      '',
      ' ',
      'null',
      'true',
      '7',
      '"x"',
      '[]',
      '[{}]',
      '{',
      '{}{}',
      '{},',
      "{'a':1}",
      '{a:1}',
      '{"a":NaN}',
    ]) {
      assert.equal(answer(forge({ rawPayload: text })), 'malformed_token', text)
      assert.equal(answer(forge({ rawHeader: text })), 'malformed_token', text)
    }
  })

  test('J10 S15 a claim of any name is only a claim', () => {
    const checked = verifyJws(forge({ rawPayload: '{"__proto__":{"admin":true},"constructor":1}' }), keyMap, typ)
    assert.ok(checked.ok)
    assert.equal(checked.value.payload.admin, undefined)
    assert.deepEqual(Object.keys(checked.value.payload), ['__proto__', 'constructor'])
    assert.equal(({} as { admin?: boolean }).admin, undefined)
  })

  test('J17 a claim of 10^5 characters is refused by its size', () => {
    const token = forge({ payload: { sub: 'a'.repeat(100_000) } })
    assert.equal(answer(token), 'oversized_credential')
    const checked = verifyJws(token, keyMap, typ, { maxBytes: 200_000 })
    assert.deepEqual(checked, { ok: false, reason: 'malformed_token' })
  })

  test('whatever a stranger sends gets an answer, never an exception', () => {
    const segment = fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.constantFrom(...forge().split('.')))
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (parts) => assert.notEqual(answer(parts.join('.')), '')),
      { numRuns: 2000 },
    )
    const bytes = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(fc.constantFrom(...allKeys), bytes, bytes, (key, rawPayload, signature) =>
        assert.notEqual(answer(forge({ key, rawPayload, signature: () => signature })), 'ok'),
      ),
      { numRuns: 1000 },
    )
  })
})

describe('signed tokens: signing', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  const payloads = fc.dictionary(text, fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' }), { maxKeys: 8 })

  test('what we sign, jose verifies; what jose signs, we verify', async () => {
    for (const key of allKeys) {
      await fc.assert(
        fc.asyncProperty(payloads, async (payload) => {
          const json = JSON.stringify(payload)
          const ours = signJws(JSON.parse(json) as JsonObject, key, typ)
          const theirs = await compactVerify(ours, key.key, { algorithms: [key.alg] })
          assert.equal(new TextDecoder().decode(theirs.payload), JSON.stringify(JSON.parse(json)))
          const header = { alg: key.alg, typ, kid: key.kid }
          assert.deepEqual(theirs.protectedHeader, header)
          const signed = await new CompactSign(Buffer.from(json)).setProtectedHeader(header).sign(key.signingKey)
          for (const token of [ours, signed]) {
            const checked = verifyJws(token, keyMap, typ)
            assert.ok(checked.ok)
            assert.equal(JSON.stringify(checked.value.payload), JSON.stringify(JSON.parse(json)))
          }
        }),
        { numRuns: 60 },
      )
    }
  })

  test('nothing is signed that could not be read back', () => {
    let deep: JsonObject = {}
    for (let level = 0; level < 8; level++) deep = { deep }
    const many = { many: Array.from({ length: 1000 }, () => 0) }
    const others = [
      deep,
      many,
      { a: Number.NaN },
      { a: undefined },
      { a: new Date(0) },
      { a: 1n },
      { a: '\ud800' },
      [],
      null,
    ]
    for (const payload of others)
      assert.throws(() => signJws(payload as JsonObject, keys.HS256, typ), isInvalidValue, String(payload))
    for (const wrong of ['', 'at jwt', 'at+jwt\n', 'ａt+jwt'])
      assert.throws(() => signJws({}, keys.HS256, wrong), isInvalidValue)
  })
})

function isInvalidValue(error: unknown): boolean {
  return isFault(error) && error.kind === 'invalid_value'
}
