import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type SigningAlg, type SignKey, signKey, type VerifyKey } from './jws.ts'
import type { KeyRing } from './keyring.ts'
import { isSealedByFirst, open, seal } from './seal.ts'

const context = 'handstamp signing key 1'

/** A new key pair. ES256 and EdDSA take microseconds, RS256 some tenths of a second. */
export async function generateSigningKey(alg: Exclude<SigningAlg, 'HS256'>): Promise<SignKey> {
  const { privateKey } = generatePair(alg)
  return signKeyOf(alg, privateKey)
}

/**
 * A key of the application for HS256: at least 32 bytes, never the session secret, never a public key in writing. The kid is a digest of it.
 *
 * @throws Fault `invalid_option`
 */
export async function secretSigningKey(secret: string): Promise<SignKey> {
  const kid = await calculateJwkThumbprint({ kty: 'oct', k: Buffer.from(secret).toString('base64url') })
  return signKey(kid, 'HS256', secret)
}

/** A signing key with the time it was made. */
export interface DatedKey {
  readonly key: SignKey
  readonly createdAt: Millis
}

/** Seals the private key for the backend: what is kept there is of no use without the secrets. */
export function wrapSigningKey({ key, createdAt }: DatedKey, ring: KeyRing): string {
  const plain = JSON.stringify({ alg: key.alg, createdAt, jwk: key.signingKey.export({ format: 'jwk' }) })
  return seal(Buffer.from(plain), 'wrap', context, ring)
}

/** @throws Fault `invalid_option` when no secret of the ring opens it */
export async function unwrapSigningKey(text: string, ring: KeyRing): Promise<DatedKey> {
  const opened = open(text, 'wrap', context, ring)
  if (!opened.ok)
    throw new Fault(
      'invalid_option',
      'The signing keys in the backend were sealed under a secret that is no longer listed. List it again behind the new one, or remove the keys.',
    )
  const { alg, createdAt, jwk } = JSON.parse(opened.plain.toString()) as {
    readonly alg: SigningAlg
    readonly createdAt: Millis
    readonly jwk: JsonWebKey
  }
  return { key: await signKeyOf(alg, createPrivateKey({ key: jwk, format: 'jwk' })), createdAt }
}

/** False: the key was sealed under an older secret of the ring, or under none of it. */
export function isWrappedByFirst(text: string, ring: KeyRing): boolean {
  return isSealedByFirst(text, ring)
}

/** The public key as a JWK (RFC 7517), with public members only. */
export function publicJwk(key: VerifyKey): JWK {
  if (key.alg === 'HS256') throw new Fault('invalid_value', 'An HS256 key has no public part.')
  return { ...(key.key.export({ format: 'jwk' }) as JWK), kid: key.kid, alg: key.alg, use: 'sig' }
}

async function signKeyOf(alg: SigningAlg, signingKey: KeyObject): Promise<SignKey> {
  const key = createPublicKey(signingKey)
  const kid = await calculateJwkThumbprint(key.export({ format: 'jwk' }) as JWK)
  return signKey(kid, alg, signingKey)
}

function generatePair(alg: Exclude<SigningAlg, 'HS256'>): { readonly privateKey: KeyObject } {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}
