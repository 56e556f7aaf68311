import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { compareVectors, type VectorComparison } from './jws-vectors.ts'

interface Difference {
  readonly why: string
  readonly source: boolean
  readonly jose: boolean
  readonly ours: boolean
  readonly ids: readonly string[]
}

/** Every vector on which the source, jose and we do not all say the same, and why. All others agree. */
const differences: readonly Difference[] = [
  {
    why: 'J1: RS384, RS512, ES512 and PS384 are not among our four algorithms',
    source: true,
    jose: true,
    ours: false,
    ids: [...range('jws', 264, 271), 'rfc7515-A.4', 'rfc7520-4.2', 'rfc7520-4.3'],
  },
  {
    why: 'the JWK names another algorithm (PS256, ES521) than the token (PS384, ES512): the source lets that pass',
    source: true,
    jose: false,
    ours: false,
    ids: ['jws-346', 'jws-347', 'jws-350', 'jws-351'],
  },
  {
    why: 'J8: valid as a JSON serialization, and only the compact one is a token',
    source: true,
    jose: false,
    ours: false,
    ids: ['rfc7515-A.6', 'rfc7515-A.7', 'rfc7520-4.6', 'rfc7520-4.7', 'rfc7520-4.8'],
  },
  {
    why: 'valid with its detached payload, which the token does not carry (J7: b64 is refused by name)',
    source: true,
    jose: false,
    ours: false,
    ids: ['rfc7520-4.5', 'rfc7797-4.2'],
  },
  {
    why: 'J8: jose decodes base64url with white space in it',
    source: false,
    jose: true,
    ours: false,
    ids: ['jws-360', 'jws-365', 'jws-368'],
  },
  {
    why: 'J8: jose decodes base64url whose unused bits are not zero',
    source: false,
    jose: true,
    ours: false,
    ids: ['jws-375'],
  },
  {
    why: 'the source means a token with padding, but has none in it: the text is that of jws-357, which is valid',
    source: false,
    jose: true,
    ours: true,
    ids: ['jws-367', 'jws-370'],
  },
  {
    why: 'J8: a question mark inside base64url; the source has a lenient reader in mind that skips it',
    source: true,
    jose: false,
    ours: false,
    ids: ['jws-372', 'jws-373'],
  },
]

let comparison: VectorComparison
before(async () => {
  comparison = await compareVectors()
})

describe('published vectors', () => {
  test('J1 J5 J6 J8 the source, jose and we agree on all but the listed ones', () => {
    const found = comparison.differences.map(({ id, source, jose, ours }) => line(id, source, jose, ours))
    const listed = differences.flatMap(({ ids, source, jose, ours }) => ids.map((id) => line(id, source, jose, ours)))
    assert.deepEqual(found.toSorted(), listed.toSorted())
  })

  test('none is accepted that jose refuses', () => {
    assert.deepEqual(
      comparison.differences.filter(({ jose, ours }) => ours && !jose),
      [],
    )
  })

  test('all vectors are there', () => {
    assert.deepEqual(
      comparison.suites.map(({ name, vectors, valid, alike }) => [name, vectors, valid, alike]),
      [
        ['rfc-jws.json', 18, 16, 8],
        ['wycheproof-jws.json', 342, 32, 322],
        ['wycheproof-ecdsa-p256-p1363.json', 66, 8, 66],
        ['wycheproof-ed25519.json', 83, 22, 83],
      ],
    )
  })

  test('each is refused for its reason', () => {
    assert.deepEqual(comparison.reasons, {
      accepted: 56,
      bad_signature: 371,
      key: 32,
      malformed_token: 43,
      refused_algorithm: 4,
      refused_header: 3,
    })
  })
})

function line(id: string, source: boolean, jose: boolean, ours: boolean): string {
  return `${id}: source ${verdict(source)}, jose ${verdict(jose)}, ours ${verdict(ours)}`
}

function verdict(valid: boolean): string {
  return valid ? 'valid' : 'invalid'
}

function range(prefix: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${prefix}-${first + index}`)
}
