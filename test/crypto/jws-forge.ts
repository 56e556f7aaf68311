/** Keys, and tokens that `signJws` would never make: any header, any payload, any bytes, rightly signed. */
import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { type SigningAlg, type SignKey, signKey, type VerifyKey, verifyJws } from '../../src/crypto/jws.ts'

export const typ = 'at+jwt'

export const keys: Readonly<Record<SigningAlg, SignKey>> = {
  HS256: signKey('hmac', 'HS256', randomBytes(32)),
  ES256: signKey('ec', 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  EdDSA: signKey('ed', 'EdDSA', generateKeyPairSync('ed25519').privateKey),
  RS256: signKey('rsa', 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
}

export const allKeys: readonly SignKey[] = Object.values(keys)
export const keyMap: ReadonlyMap<string, VerifyKey> = new Map(allKeys.map((key) => [key.kid, key]))

export interface Forgery {
  readonly key?: SignKey
  /** Members beside the right ones, or instead of them; undefined removes one. */
  readonly header?: Readonly<Record<string, unknown>>
  /** The header as text or bytes, for what no object says. */
  readonly rawHeader?: string | Uint8Array
  readonly payload?: Readonly<Record<string, unknown>>
  readonly rawPayload?: string | Uint8Array
  readonly signature?: (input: Buffer) => Uint8Array
}

/** A token with a signature that is right, unless `signature` says otherwise. */
export function forge(forgery: Forgery = {}): string {
  const key = forgery.key ?? keys.HS256
  const header = forgery.rawHeader ?? JSON.stringify({ alg: key.alg, typ, kid: key.kid, ...forgery.header })
  const payload = forgery.rawPayload ?? JSON.stringify(forgery.payload ?? { sub: '42' })
  const input = Buffer.from(`${base64url(header)}.${base64url(payload)}`)
  const signature = forgery.signature?.(input) ?? rightSignature(key, input)
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

export function rightSignature(key: SignKey, input: Uint8Array): Buffer {
  switch (key.alg) {
    case 'HS256':
      return createHmac('sha256', key.signingKey).update(input).digest()
    case 'ES256':
      return sign('sha256', input, { key: key.signingKey, dsaEncoding: 'ieee-p1363' })
    case 'EdDSA':
      return sign(null, input, key.signingKey)
    case 'RS256':
      return sign('sha256', input, key.signingKey)
  }
}

export function base64url(data: string | Uint8Array): string {
  return Buffer.from(data).toString('base64url')
}

/** `ok`, or the reason of the refusal. */
export function answer(token: string, wanted: string = typ, known: ReadonlyMap<string, VerifyKey> = keyMap): string {
  const checked = verifyJws(token, known, wanted)
  return checked.ok ? 'ok' : checked.reason
}

/** Order of P-256. */
export const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

export function fromNumber(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
}
