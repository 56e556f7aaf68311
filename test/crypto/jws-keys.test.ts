import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { Fault } from '../../src/base/fault.ts'
import { type KeyMaterial, type SigningAlg, signingAlgs, signKey, verifyKey } from '../../src/crypto/jws.ts'
import { answer, forge, keys } from './jws-forge.ts'

const secret = randomBytes(32)

const certificate = `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUNjaEvX3k7adClKzoEXr+3+4MeH8wCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMxMDAyMzRaGA8yMTI2MTAzMDEwMDIz
NFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMo5
sptcfT4lYGXmp2tc3hoD5BwsAP3cCiLwq1GTIy3CvYZpNrkXIpwJag5s+v7uguE3
z/p9jxqQL00vRlgtogCjUzBRMB0GA1UdDgQWBBQ7pjGTbBYCnTaF0LCqZ6gsTl6X
nzAfBgNVHSMEGDAWgBQ7pjGTbBYCnTaF0LCqZ6gsTl6XnzAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIBGgalnYgy9B4yWeZGuWDopUu1FL4yezprEd
hmWZKNpoAiB3yGfFUgKoaPWng92NyTRf9hgP/lz3x7LvEl9aenlmLw==
-----END CERTIFICATE-----
`

describe('keys of signed tokens', () => {
  test('a key is taken in as KeyObject, JWK or PEM, and signs what its public half verifies', () => {
    for (const { alg, kid, key, signingKey } of [keys.ES256, keys.EdDSA, keys.RS256]) {
      const privates = [signingKey, signingKey.export({ format: 'jwk' }), pem(signingKey)]
      const publics = [key, key.export({ format: 'jwk' }), pem(key), ...privates]
      for (const material of privates) {
        const token = forge({ key: signKey(kid, alg, material) })
        for (const other of publics) {
          const taken = verifyKey(kid, alg, other)
          assert.equal(taken.key.type, 'public')
          assert.equal(answer(token, undefined, new Map([[kid, taken]])), 'ok')
        }
      }
    }
    for (const material of secretForms()) {
      const token = forge({ key: signKey('k', 'HS256', material) })
      for (const other of secretForms())
        assert.equal(answer(token, undefined, new Map([['k', verifyKey('k', 'HS256', other)]])), 'ok')
    }
    assert.ok(Object.isFrozen(verifyKey('k', 'HS256', secret)))
  })

  test('J2 a public key in writing is no secret: PEM, DER, JWK, JWKS, certificate, SSH, with white space', () => {
    for (const form of [
      ...writtenKeys(keys.ES256.key),
      ...writtenKeys(keys.EdDSA.key),
      ...writtenKeys(keys.RS256.key),
    ]) {
      for (const material of spaced(form)) assert.throws(() => verifyKey('k', 'HS256', material), refused(/in writing/))
      for (const material of spaced(form)) assert.throws(() => signKey('k', 'HS256', material), refused(/in writing/))
      for (const material of spaced(form))
        assert.throws(() => verifyKey('k', 'HS256', createSecretKey(Buffer.from(material))), refused(/in writing/))
    }
    const der = keys.RS256.key.export({ format: 'der', type: 'pkcs1' })
    for (const form of [
      certificate,
      keys.RS256.key.export({ format: 'pem', type: 'pkcs1' }),
      der,
      der.toString('base64'),
    ])
      for (const material of spaced(form)) assert.throws(() => verifyKey('k', 'HS256', material), refused(/in writing/))
    assert.throws(() => verifyKey('k', 'HS256', pem(keys.ES256.signingKey)), refused(/in writing/))
  })

  test('J2 random secrets are never taken for a key', () => {
    for (let time = 0; time < 300; time++) {
      const bytes = randomBytes(32 + (time % 64))
      for (const material of [bytes, bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')])
        assert.equal(verifyKey('k', 'HS256', material).alg, 'HS256')
      bytes[0] = 0x30
      assert.equal(verifyKey('k', 'HS256', bytes).alg, 'HS256')
    }
    assert.equal(verifyKey('k', 'HS256', 'My secret has thirty-two letters and more').alg, 'HS256')
  })

  test('J5 an empty or short secret throws', () => {
    for (const material of [
      '',
      'x',
      'x'.repeat(31),
      Buffer.alloc(0),
      randomBytes(31),
      createSecretKey(randomBytes(31)),
    ]) {
      assert.throws(() => verifyKey('k', 'HS256', material), refused(/32/))
      assert.throws(() => signKey('k', 'HS256', material), refused(/32/))
    }
    assert.throws(() => verifyKey('k', 'HS256', { kty: 'oct', k: 'eHh4' }), refused(/32/))
    assert.throws(() => verifyKey('k', 'HS256', { kty: 'oct', k: '' }), refused(/32/))
  })

  test('J5 J6 a weak RSA key, another curve and another kind of key throw', () => {
    const others: readonly (readonly [SigningAlg, KeyObject])[] = [
      ['RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
      ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey],
      ['RS256', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey],
      ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
      ['ES256', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey],
      ['EdDSA', generateKeyPairSync('ed448').privateKey],
      ['EdDSA', generateKeyPairSync('x25519').privateKey],
    ]
    for (const [alg, key] of others) {
      assert.throws(() => signKey('k', alg, key), refused(/must be/), key.asymmetricKeyType)
      assert.throws(() => verifyKey('k', alg, key), refused(/must be/), key.asymmetricKeyType)
    }
  })

  test('J1 one algorithm for each key: no key is taken in for another', () => {
    for (const { alg, key, signingKey } of Object.values(keys)) {
      for (const other of signingAlgs) {
        if (other === alg) continue
        assert.throws(() => verifyKey('k', other, key), isRefusal)
        assert.throws(() => signKey('k', other, signingKey), isRefusal)
        assert.throws(() => verifyKey('k', alg, { ...key.export({ format: 'jwk' }), alg: other }), isRefusal)
      }
    }
    const foreign = ['none', 'es256', 'PS256', 'HS512', '', undefined, null, ['ES256']] as unknown as SigningAlg[]
    for (const alg of foreign) assert.throws(() => verifyKey('k', alg, keys.ES256.key), isRefusal)
  })

  test('a JWK for another use is not taken', () => {
    const jwk = keys.ES256.key.export({ format: 'jwk' })
    assert.equal(verifyKey('k', 'ES256', { ...jwk, use: 'sig', alg: 'ES256', key_ops: ['verify'] }).alg, 'ES256')
    for (const other of [
      { use: 'enc' },
      { key_ops: ['sign'] },
      { key_ops: [] },
      { key_ops: 'verify' },
      { alg: 'ES384' },
    ])
      assert.throws(() => verifyKey('k', 'ES256', { ...jwk, ...other }), isRefusal)
  })

  test('J6 a point off the curve, or half a key, is not taken', () => {
    const jwk = keys.ES256.key.export({ format: 'jwk' })
    const { y: _, ...half } = jwk
    for (const other of [{ ...jwk, y: jwk.x }, { ...jwk, x: '' }, half, { kty: 'EC' }, {}, { kty: 'oct', k: 'eHh4' }])
      assert.throws(() => verifyKey('k', 'ES256', other), isRefusal)
    assert.throws(() => signKey('k', 'ES256', keys.ES256.key), isRefusal)
    assert.throws(() => signKey('k', 'ES256', pem(keys.ES256.key)), isRefusal)
    for (const broken of ['', 'ES256', pem(keys.ES256.key).slice(0, 90), randomBytes(32)])
      assert.throws(() => verifyKey('k', 'ES256', broken), isRefusal)
  })

  test('J4 a kid is short and plain', () => {
    for (const kid of ['', ' ', 'a b', 'a\n', '../x', 'ü', 'x'.repeat(129)])
      assert.throws(() => verifyKey(kid, 'HS256', secret), refused(/kid/))
    assert.equal(verifyKey('2026-11.a_b:c@d', 'HS256', secret).kid, '2026-11.a_b:c@d')
  })

  test('S4 no message holds key material', () => {
    const text = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)
    const line = text.split('\n')[1] ?? ''
    for (const material of [text, text.replace('MI', '!!'), text.slice(0, 120), 'swordfish']) {
      for (const alg of signingAlgs) {
        assert.throws(
          () => signKey('k', alg, material),
          (error) =>
            error instanceof Fault &&
            !`${error.stack}${error.cause}`.includes(line) &&
            !/swordfish/.test(error.message),
        )
      }
    }
  })
})

function pem(key: KeyObject): string {
  return key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }).toString()
}

function secretForms(): KeyMaterial[] {
  return [secret, createSecretKey(secret), { kty: 'oct', k: secret.toString('base64url') }, new Uint8Array(secret)]
}

function writtenKeys(key: KeyObject): (string | Buffer)[] {
  const jwk = key.export({ format: 'jwk' })
  const der = key.export({ format: 'der', type: 'spki' })
  const ssh = `ssh-ed25519 ${der.toString('base64')} somebody@example`
  const texts = [
    JSON.stringify(jwk),
    JSON.stringify(jwk, null, 2),
    JSON.stringify({ keys: [jwk] }),
    JSON.stringify([jwk]),
  ]
  return [pem(key), der, der.toString('base64'), pem(key).replaceAll(/-----.*\n/g, ''), ssh, ...texts]
}

function spaced(form: string | Buffer): Buffer[] {
  const bytes = Buffer.from(form)
  return [
    bytes,
    ...['\n', ' ', '\r\n\t ', '\ufeff', '\ufeff\n'].map((space) => Buffer.concat([Buffer.from(space), bytes])),
    ...['\n', ' ', '\r\n\t '].map((space) => Buffer.concat([bytes, Buffer.from(space)])),
    Buffer.concat([Buffer.from(' \n'), bytes, Buffer.from('\n ')]),
  ]
}

function isRefusal(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'invalid_option'
}

function refused(message: RegExp): (error: unknown) => boolean {
  return (error) => isRefusal(error) && message.test((error as Fault).message)
}
