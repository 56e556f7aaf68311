import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, timingSafeEqual, verify } from 'node:crypto'
import { type AccessTokenRules, signAccessToken, verifyAccessToken } from '../src/crypto/access-token.ts'
import { toDer } from '../src/crypto/ecdsa-signature.ts'
import { type SigningAlg, type SignKey, signKey } from '../src/crypto/jws.ts'
import { makeSid } from '../src/model/partition.ts'
import type { Snapshot } from '../src/model/snapshot.ts'
import { userName } from './credentials.ts'
import type { Case, Operation } from './measure.ts'
import { loadVerifiers, type Verifier } from './verifiers.ts'

const tokens = 500
const issuer = 'https://issuer.example'
const rules: AccessTokenRules = { issuer, audience: issuer, longestLife: 600_000, leeway: 30_000, bytes: 4096 }

export const algorithms: readonly SigningAlg[] = ['HS256', 'RS256', 'ES256', 'EdDSA']

/** Tokens that nobody has seen before: the bare signature check, ours with all that belongs to it, and the libraries at the same tokens. */
export async function tokenCases(): Promise<readonly Case[]> {
  const cases: Case[] = []
  for (const alg of algorithms) {
    const material = materialFor(alg)
    const key = signKey('bench-key', alg, material)
    const made = Array.from({ length: tokens }, (_, index) =>
      Buffer.from(signAccessToken(snapshotOf(index), rules, key)),
    )
    const keys = new Map([[key.kid, key]])
    cases.push({ name: `${alg}: raw node:crypto`, prepare: () => rawOperation(key, made) })
    const ours = (text: string): boolean => verifyAccessToken(text, rules, keys, Date.now()).ok
    cases.push({ name: `${alg}: Handstamp`, prepare: () => freshly(made, ours) })
    for (const verifier of await loadVerifiers({ alg, key, issuer })) {
      if (!(await passes(verifier, made))) throw new Error(`${verifier.name} refuses a good ${alg} token`)
      cases.push({ name: `${alg}: ${verifier.name}`, prepare: () => freshly(made, verifier.verify) })
    }
  }
  return cases
}

async function passes({ verify }: Verifier, made: readonly Buffer[]): Promise<boolean> {
  const good = made[0]?.toString('latin1') ?? ''
  const bad = `${good.slice(0, -20)}${'A'.repeat(20)}`
  const refused = await Promise.resolve()
    .then(() => verify(bad))
    .then(
      () => false,
      () => true,
    )
  await verify(good)
  return refused
}

function freshly(made: readonly Buffer[], check: (text: string) => unknown): Operation {
  return (index) => check((made[(index * 7) % made.length] as Buffer).toString('latin1'))
}

function materialFor(alg: SigningAlg): KeyObject | Buffer {
  switch (alg) {
    case 'HS256':
      return randomBytes(32)
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    case 'EdDSA':
      return generateKeyPairSync('ed25519').privateKey
  }
}

function snapshotOf(index: number): Snapshot {
  const now = Date.now()
  return {
    sid: makeSid(0, randomBytes(16).toString('base64url')),
    user: userName(index),
    tenant: null,
    generations: { user: 0, tenant: 0, everyone: 0 },
    version: 1,
    claims: { role: 'member' },
    presentation: 'token',
    client: 'first-party',
    idle: 3_600_000,
    endsAt: now + 86_400_000,
    issuedAt: now,
    expiresAt: now + 300_000,
    level: 1,
    authenticatedAt: now,
    boundTo: null,
  }
}

/** The signature alone, with a ready key and ready bytes; for ES256 in DER, which `node:crypto` verifies fastest. */
function rawOperation({ alg, key }: SignKey, made: readonly Buffer[]): Operation {
  const parts = made.map((token) => {
    const text = token.toString('latin1')
    const dot = text.lastIndexOf('.')
    const signature = Buffer.from(text.slice(dot + 1), 'base64url')
    return { data: Buffer.from(text.slice(0, dot)), signature: alg === 'ES256' ? toDer(signature) : signature }
  })
  const check = rawCheck(alg, key)
  return (index) => {
    const { data, signature } = parts[(index * 7) % parts.length] as (typeof parts)[number]
    if (!check(data, signature)) throw new Error('a good signature was refused')
  }
}

function rawCheck(alg: SigningAlg, key: KeyObject): (data: Buffer, signature: Buffer) => boolean {
  switch (alg) {
    case 'HS256':
      return (data, signature) => timingSafeEqual(createHmac('sha256', key).update(data).digest(), signature)
    case 'ES256':
      return (data, signature) => verify('sha256', data, key, signature)
    case 'EdDSA':
      return (data, signature) => verify(null, data, key, signature)
    case 'RS256':
      return (data, signature) => verify('sha256', data, key, signature)
  }
}
