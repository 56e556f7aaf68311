/** Every published vector of `test/vectors` through our verifier, through jose and through the source's own verdict. */
import { readFileSync } from 'node:fs'
import { compactVerify, type JWK } from 'jose'
import { type SigningAlg, type VerifyKey, verifyCompact, verifyKey, verifySignature } from '../../src/crypto/jws.ts'

export interface VectorVerdict {
  /** `rfc7515-A.1`, `jws-46`, `p1363-2`, `ed25519-63`. */
  readonly id: string
  readonly comment: string
  /** Whether the source calls it valid. */
  readonly source: boolean
  /** Whether jose takes it; for the bare signatures, which jose has no door for, WebCrypto, on which it stands. */
  readonly jose: boolean
  readonly ours: boolean
  /** The reason of our refusal, `key` when its key cannot be taken in. */
  readonly reason: string | undefined
}

export interface VectorSuite {
  readonly name: string
  readonly source: string
  readonly licence: string
  readonly vectors: number
  readonly valid: number
  /** All three say the same. */
  readonly alike: number
}

export interface VectorComparison {
  readonly vectors: number
  readonly alike: number
  readonly suites: readonly VectorSuite[]
  /** The vectors on which the three do not agree. */
  readonly differences: readonly VectorVerdict[]
  /** How often each of our reasons was given. */
  readonly reasons: Readonly<Record<string, number>>
}

export async function compareVectors(): Promise<VectorComparison> {
  const suites: VectorSuite[] = []
  const all: VectorVerdict[] = []
  for (const [name, judge] of files) {
    const file = JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')) as VectorFile
    const verdicts = await judge(file)
    if (verdicts.length !== file.numberOfTests) throw new Error(`${name} is not complete`)
    const { source, licence } = file
    const valid = verdicts.filter((verdict) => verdict.source).length
    suites.push({ name, source, licence, vectors: verdicts.length, valid, alike: verdicts.filter(isAlike).length })
    all.push(...verdicts)
  }
  const differences = all.filter((verdict) => !isAlike(verdict))
  return { vectors: all.length, alike: all.length - differences.length, suites, differences, reasons: count(all) }
}

interface VectorFile {
  readonly source: string
  readonly licence: string
  readonly numberOfTests: number
  readonly tests?: readonly TokenVector[]
  readonly testGroups?: readonly VectorGroup[]
}

interface TokenVector {
  readonly id: string
  readonly comment: string
  readonly jwk: JWK
  readonly jws: string
  readonly result: 'valid' | 'invalid'
}

interface VectorGroup {
  readonly jwk: JWK
  readonly tests: readonly GroupedVector[]
}

interface GroupedVector {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid'
  readonly jws?: string
  readonly msg?: string
  readonly sig?: string
}

type Judge = (file: VectorFile) => Promise<VectorVerdict[]>

const files: readonly (readonly [string, Judge])[] = [
  ['rfc-jws.json', (file) => judgeTokens(file.tests ?? [])],
  ['wycheproof-jws.json', (file) => judgeTokens(tokensOf(file, 'jws'))],
  ['wycheproof-ecdsa-p256-p1363.json', (file) => judgeSignatures(file, 'p1363')],
  ['wycheproof-ed25519.json', (file) => judgeSignatures(file, 'ed25519')],
]

function tokensOf(file: VectorFile, prefix: string): TokenVector[] {
  return (file.testGroups ?? []).flatMap(({ jwk, tests }) =>
    tests.map(({ tcId, comment, result, jws }) => ({
      id: `${prefix}-${tcId}`,
      comment,
      jwk,
      jws: jws ?? '',
      result,
    })),
  )
}

async function judgeTokens(vectors: readonly TokenVector[]): Promise<VectorVerdict[]> {
  return Promise.all(
    vectors.map(async ({ id, comment, jwk, jws, result }) => {
      const answer = ourAnswer(jwk, jws)
      const jose = await compactVerify(jws, jwk).then(
        () => true,
        () => false,
      )
      const reason = answer === 'valid' ? undefined : answer
      return { id, comment, source: result === 'valid', jose, ours: answer === 'valid', reason }
    }),
  )
}

function ourAnswer(jwk: JWK, jws: string): string {
  const key = ourKey(jwk)
  if (key === undefined) return 'key'
  const checked = verifyCompact(jws, key)
  return checked.ok ? 'valid' : checked.reason
}

function ourKey(jwk: JWK): VerifyKey | undefined {
  try {
    return verifyKey(jwk.kid ?? 'vector', (jwk.alg ?? algOfType(jwk)) as SigningAlg, jwk)
  } catch {
    return undefined
  }
}

function algOfType(jwk: JWK): string {
  if (jwk.kty === 'oct') return 'HS256'
  if (jwk.kty === 'RSA') return 'RS256'
  return jwk.kty === 'OKP' ? 'EdDSA' : 'ES256'
}

async function judgeSignatures(file: VectorFile, prefix: string): Promise<VectorVerdict[]> {
  const verdicts: VectorVerdict[] = []
  for (const { jwk, tests } of file.testGroups ?? []) {
    const key = verifyKey('vector', jwk.alg as SigningAlg, jwk)
    const algorithm =
      jwk.crv === 'P-256' ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } : { name: 'Ed25519' }
    const { alg: _, ...bare } = jwk
    const webKey = await crypto.subtle.importKey('jwk', bare, algorithm, false, ['verify'])
    for (const { tcId, comment, msg, sig, result } of tests) {
      const data = Buffer.from(msg ?? '', 'hex')
      const signature = Buffer.from(sig ?? '', 'hex')
      const jose = await crypto.subtle.verify(algorithm, webKey, signature, data)
      const ours = verifySignature(key, data, signature)
      const reason = ours ? undefined : 'bad_signature'
      verdicts.push({ id: `${prefix}-${tcId}`, comment, source: result === 'valid', jose, ours, reason })
    }
  }
  return verdicts
}

function isAlike(verdict: VectorVerdict): boolean {
  return verdict.source === verdict.jose && verdict.jose === verdict.ours
}

function count(verdicts: readonly VectorVerdict[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { reason } of verdicts) {
    const name = reason ?? 'accepted'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
