import assert from 'node:assert/strict'
import { createHmac, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CompactSign, compactVerify } from 'jose'
import { isFault } from '../../src/base/fault.ts'
import { type JsonObject, type SignKey, signJws, type VerifyKey, verifyJws } from '../../src/crypto/jws.ts'
import { allKeys, answer, base64url, forge, fromNumber, keyMap, keys, order, toNumber, typ } from './jws-forge.ts'

/** The "alg" values of the IANA registry JSON Web Signature and Encryption Algorithms. */
const registered =
  'HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 none EdDSA ES256K Ed25519 Ed448 ESP256 ESP384 ESP512 ESB256 ESB320 ESB384 ESB512 ML-DSA-44 ML-DSA-65 ML-DSA-87 RS1 HS1 RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 A128KW A192KW A256KW dir ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW A128GCMKW A192GCMKW A256GCMKW PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM A128CBC A192CBC A256CBC A128CTR A192CTR A256CTR'.split(
    ' ',
  )

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('signed tokens: the algorithm', () => {
  test('a right token is taken, for each of the four', () => {
    for (const key of allKeys) {
      const checked = verifyJws(forge({ key }), keyMap, typ)
      assert.ok(checked.ok)
      assert.deepEqual({ ...checked.value.payload }, { sub: '42' })
      assert.equal(checked.value.key, key)
      assert.deepEqual(checked.value.header, { alg: key.alg, typ, kid: key.kid })
    }
  })

  test('J1 every other registered algorithm and every other spelling is refused, however well it is signed', () => {
    for (const key of allKeys) {
      const names = new Set(registered.flatMap(spellings))
      names.delete(key.alg)
      for (const alg of names) {
        assert.equal(answer(forge({ key, header: { alg } })), 'refused_algorithm', alg)
        const unsigned = forge({ key, header: { alg }, signature: () => Buffer.alloc(0) })
        assert.equal(answer(unsigned), 'refused_algorithm', alg)
      }
    }
  })

  test('J1 an algorithm that is no text, or missing, is refused', () => {
    for (const key of allKeys) {
      for (const alg of [undefined, null, true, 0, '', [key.alg], [], {}, { alg: key.alg }, ['none', key.alg]])
        assert.equal(answer(forge({ key, header: { alg } })), 'refused_algorithm', JSON.stringify(alg))
    }
  })

  test('J2 a public key is no HMAC secret, in whatever form it is signed with', () => {
    for (const key of [keys.ES256, keys.EdDSA, keys.RS256]) {
      for (const secret of publicForms(key)) {
        const signature = (input: Buffer): Buffer => createHmac('sha256', secret).update(input).digest()
        assert.equal(answer(forge({ key, header: { alg: 'HS256' }, signature })), 'refused_algorithm')
        assert.equal(answer(forge({ key, signature })), 'bad_signature')
        assert.equal(answer(forge({ key: keys.HS256, signature })), 'bad_signature')
      }
    }
  })

  test('J5 an empty secret signs nothing', () => {
    const signature = (input: Buffer): Buffer => createHmac('sha256', '').update(input).digest()
    assert.equal(answer(forge({ signature })), 'bad_signature')
  })
})

describe('signed tokens: the header', () => {
  test('J3 a key inside the token, or the address of one, is refused', () => {
    const jwk = keys.ES256.key.export({ format: 'jwk' })
    for (const key of allKeys) {
      for (const extra of [
        { jwk },
        { jku: 'https://evil.example/jwks.json' },
        { x5u: 'https://evil.example/cert.pem' },
        { x5c: ['MIIB'] },
        { x5t: 'abc' },
        { 'x5t#S256': 'abc' },
      ])
        assert.equal(answer(forge({ key, header: extra })), 'refused_header')
    }
  })

  test('J3 nothing that the verifier imports can reach the network', () => {
    const seen = new Set<string>()
    const visit = (url: URL): void => {
      if (seen.has(url.href)) return
      seen.add(url.href)
      const text = readFileSync(url, 'utf8')
      assert.doesNotMatch(text, /\bfetch\(|\bimport\(|\brequire\(|WebSocket|XMLHttpRequest|EventSource/)
      for (const [, name] of text.matchAll(/from '([^']+)'/g)) {
        if (name?.startsWith('.')) visit(new URL(name, url))
        else assert.equal(name, 'node:crypto')
      }
    }
    visit(new URL('../../src/crypto/jws.ts', import.meta.url))
    assert.ok(seen.size > 3)
  })

  test('J4 a kid is looked up as it is, and only if it is in form', () => {
    const asked: unknown[] = []
    const known = new Map(keyMap)
    known.get = (kid) => {
      asked.push(kid)
      return keyMap.get(kid)
    }
    const outOfForm = ['', ' ', 'hmac ', '../../dev/null', "' OR 1=1", 'a\r\nb', 'ha\u0000', 'ｈmac', 'x'.repeat(129)]
    for (const kid of [...outOfForm, undefined])
      assert.equal(answer(forge({ header: { kid } }), typ, known), 'unknown_key', String(kid))
    assert.deepEqual(asked, [])
    for (const kid of ['__proto__', 'constructor', 'toString', 'HMAC', 'hma', 'hmacc', 'x'.repeat(128)])
      assert.equal(answer(forge({ header: { kid } }), typ, known), 'unknown_key', kid)
    assert.equal(asked.length, 7)
  })

  test('J4 a kid that is no text, or is huge, is refused', () => {
    for (const kid of [7, null, true, ['hmac'], { hmac: 1 }])
      assert.equal(answer(forge({ header: { kid } })), 'malformed_token', JSON.stringify(kid))
    assert.equal(answer(forge({ header: { kid: 'x'.repeat(1_000_000) } })), 'oversized_credential')
  })

  test('J4 J1 the key of another token is not taken: a kid goes with its algorithm', () => {
    for (const key of allKeys) {
      for (const other of allKeys) {
        if (other === key) continue
        assert.equal(answer(forge({ key, header: { kid: other.kid } })), 'refused_algorithm')
        assert.equal(answer(forge({ key, header: { kid: other.kid, alg: other.alg } })), 'bad_signature')
      }
    }
  })

  test('J7 crit is refused whatever it says, and b64 too', () => {
    const known = ['exp'],
      unknown = ['urn:example:x']
    for (const crit of [unknown, known, [], ['b64'], ['crit'], ['alg'], ['x', 'x'], [''], [7], 'exp', 7, null, {}])
      assert.equal(answer(forge({ header: { crit } })), 'refused_header', JSON.stringify(crit))
    assert.equal(answer(forge({ header: { crit: unknown, 'urn:example:x': true } })), 'refused_header')
    for (const b64 of [false, true, null, 'false']) assert.equal(answer(forge({ header: { b64 } })), 'refused_header')
    assert.equal(answer(forge({ header: { crit: ['b64'], b64: false } })), 'refused_header')
  })

  test('J7 J3 any other member of the header is refused', () => {
    for (const name of ['zip', 'enc', 'epk', 'iv', 'tag', 'p2c', 'nonce', 'url', 'cty', 'Alg', 'constructor'])
      assert.equal(answer(forge({ header: { [name]: 'x' } })), 'refused_header', name)
    assert.equal(
      answer(forge({ rawHeader: '{"alg":"HS256","typ":"at+jwt","kid":"hmac","__proto__":{}}' })),
      'refused_header',
    )
  })

  test('J11 each type of token is taken at its own place only', () => {
    const types = ['at+jwt', 'rt+jwt', 'logout+jwt', 'dpop+jwt', 'dbsc+jwt', 'statuslist+jwt', 'secevent+jwt', 'JWT']
    for (const given of [...types, undefined]) {
      const token = forge({ header: { typ: given } })
      for (const wanted of types) assert.equal(answer(token, wanted), given === wanted ? 'ok' : 'wrong_type')
    }
  })

  test('J11 a type is compared without case, with or without application/', () => {
    const right = ['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt', 'APPLICATION/AT+JWT', 'Application/at+JWT']
    for (const given of right) {
      assert.equal(answer(forge({ header: { typ: given } })), 'ok', given)
      assert.equal(answer(forge(), given), 'ok', given)
    }
    const wrong = [
      '',
      'at',
      'jwt',
      'at+jwt ',
      ' at+jwt',
      'at+jwt;v=1',
      'text/at+jwt',
      '/at+jwt',
      'application/',
      'at+ｊwt',
    ]
    for (const given of [...wrong, 'application/application/at+jwt', 'x'.repeat(7000)])
      assert.equal(answer(forge({ header: { typ: given } })), 'wrong_type', given)
    assert.equal(answer(forge({ header: { typ: 'to\u212aen+jwt' } }), 'token+jwt'), 'wrong_type')
    for (const given of [null, 7, ['at+jwt'], {}])
      assert.equal(answer(forge({ header: { typ: given } })), 'malformed_token')
  })
})

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
      const zero = Buffer.alloc(bytes.length)
      const others = [Buffer.alloc(0), bytes.subarray(1), bytes.subarray(0, -1), zero, zero.fill(255)]
      const padded = [Buffer.concat([bytes, zero.subarray(0, 1)]), Buffer.concat([zero.subarray(0, 1), bytes])]
      for (const other of [...others, ...padded, Buffer.concat([bytes, bytes])])
        assert.equal(answer(`${head}.${body}.${base64url(other)}`), 'bad_signature')
      const halves = [fromNumber(toNumber(bytes.subarray(0, 32)), 33), fromNumber(toNumber(bytes.subarray(32)), 33)]
      assert.equal(answer(`${head}.${body}.${base64url(Buffer.concat(halves))}`), 'bad_signature')
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
      for (let at = 0; at <= token.length; at++) {
        assert.notEqual(answer(token.slice(0, at) + token.slice(at + 1)) === 'ok', at < token.length, `${at} removed`)
        for (const other of `${alphabet}.=+/ `) {
          const changed = token.slice(0, at) + other + token.slice(at + 1)
          if (changed !== token) assert.notEqual(answer(changed), 'ok', `${at}: ${other}`)
        }
      }
      for (let at = 0; at < token.length; at++) assert.notEqual(answer(token.slice(0, at)), 'ok')
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
    const untouchable = new Proxy(Object('x'), {
      get: (_, name) => (name === 'length' ? 10_000_000 : assert.fail(`reads ${String(name)}`)),
    }) as string
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

function spellings(name: string): string[] {
  const mixed = [...name]
    .map((letter, index) => (index % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase()))
    .join('')
  return [name, name.toLowerCase(), name.toUpperCase(), mixed, `${name} `, ` ${name}`, `${name}\u0000`, `"${name}"`]
}

/** The public key in every serialization that a library may hold it in. */
function publicForms(key: VerifyKey): Buffer[] {
  const jwk = key.key.export({ format: 'jwk' })
  const forms: (string | Buffer)[] = [
    key.key.export({ format: 'pem', type: 'spki' }),
    key.key.export({ format: 'der', type: 'spki' }),
    JSON.stringify(jwk),
    JSON.stringify({ keys: [{ ...jwk, kid: key.kid }] }),
    jwk.x ?? jwk.n ?? '',
  ]
  if (key.alg === 'RS256') forms.push(key.key.export({ format: 'pem', type: 'pkcs1' }))
  return forms.flatMap((form) => [
    Buffer.from(form),
    Buffer.from(form.toString('latin1').trim()),
    Buffer.from(`\n${form} `),
  ])
}
