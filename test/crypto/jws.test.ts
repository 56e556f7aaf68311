import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { type VerifyKey, verifyJws } from '../../src/crypto/jws.ts'
import { allKeys, answer, forge, keyMap, keys, typ } from './jws-forge.ts'

/** The "alg" values of the IANA registry JSON Web Signature and Encryption Algorithms. */
const registered =
  'HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 none EdDSA ES256K Ed25519 Ed448 ESP256 ESP384 ESP512 ESB256 ESB320 ESB384 ESB512 ML-DSA-44 ML-DSA-65 ML-DSA-87 RS1 HS1 RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 A128KW A192KW A256KW dir ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW A128GCMKW A192GCMKW A256GCMKW PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM A128CBC A192CBC A256CBC A128CTR A192CTR A256CTR'.split(
    ' ',
  )

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

  test('J1 an algorithm that is none of the four is refused before any key is looked up', () => {
    for (const alg of ['none', 'HS512', 'PS256', null])
      assert.equal(answer(forge({ header: { alg, kid: 'unknown' } }), typ, new Map()), 'refused_algorithm')
    assert.equal(answer(forge({ header: { kid: 'unknown' } })), 'unknown_key')
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
        else assert.ok(name === 'node:crypto' || name === 'node:buffer', name)
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
    for (const given of [...wrong, 'application/application/at+jwt', 'x'.repeat(3000)])
      assert.equal(answer(forge({ header: { typ: given } })), 'wrong_type', given)
    assert.equal(answer(forge({ header: { typ: 'to\u212aen+jwt' } }), 'token+jwt'), 'wrong_type')
    for (const given of [null, 7, ['at+jwt'], {}])
      assert.equal(answer(forge({ header: { typ: given } })), 'malformed_token')
  })
})

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
