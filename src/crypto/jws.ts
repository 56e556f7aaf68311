/**
 * Signed tokens: JWS compact serialization (RFC 7515), strictly and synchronously, on `node:crypto`.
 *
 * Four algorithms, one for each key. Only what we would write ourselves is read: three segments of canonical base64url, a header of
 * `alg`, `typ` and `kid` and nothing else (so no `crit`, no key inside the token, no address of one, nothing nested), strict JSON.
 * Nothing is fetched, nothing is cached, nothing is believed before the signature holds.
 */
import { isAscii } from 'node:buffer'
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type JsonWebKeyInput,
  KeyObject,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto'
import { fromUtf8 } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { isJson, type Json, parseJson, parseWrittenJson, smallJson } from '../base/json.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { fromDer, toDer } from './ecdsa-signature.ts'
import { hmacSha256 } from './hmac.ts'

export type SigningAlg = 'ES256' | 'EdDSA' | 'RS256' | 'HS256'

export const signingAlgs: readonly SigningAlg[] = Object.freeze(['ES256', 'EdDSA', 'RS256', 'HS256'])

export interface VerifyKey {
  readonly kid: string
  readonly alg: SigningAlg
  /** The public key; for HS256 the secret. */
  readonly key: KeyObject
}

export interface SignKey extends VerifyKey {
  /** The private key; for HS256 the same secret. */
  readonly signingKey: KeyObject
}

export type JsonObject = { readonly [name: string]: Json }

export interface JwsHeader {
  readonly alg: SigningAlg
  readonly typ: string | undefined
  readonly kid: string | undefined
}

export interface VerifiedJws {
  readonly header: JwsHeader
  /** The payload, a JSON object without a prototype. Its claims are signed, not judged. */
  readonly payload: JsonObject
  readonly key: VerifyKey
}

export interface JwsOptions {
  /** Longest token, in bytes (8,192). */
  readonly maxBytes?: number
}

const defaultMaxBytes = 8_192
const kidForm = /^[A-Za-z0-9._:@-]{1,128}$/
const typForm = /^[A-Za-z0-9.+/_-]{1,64}$/

/**
 * Verifies a token that was issued under one of the keys, for the place that takes tokens of this type.
 *
 * Does not look at the claims: issuer, audience and times are for the caller. Does not deny either: an ECDSA signature has a twin
 * that is valid as well, so deny by a claim and never by the text of a token.
 *
 * @param keys by exact `kid`; whoever builds the map says by it which keys are in use
 * @param typ for example `at+jwt`; the header may write it in any case, and with `application/` before it
 * @param options the JSON itself is limited by `smallJson`, whatever `maxBytes` is
 * @returns the reasons `oversized_credential`, `malformed_token`, `refused_header`, `refused_algorithm`, `unknown_key`, `wrong_type`,
 *   `bad_signature`, in this order. Never throws on what a stranger sends. No I/O.
 * @see RFC 7515 5.2, RFC 8725 3
 */
export function verifyJws(
  token: string,
  keys: ReadonlyMap<string, VerifyKey>,
  typ: string,
  options: JwsOptions = {},
): Check<VerifiedJws> {
  const read = readCompact(token, options.maxBytes ?? defaultMaxBytes)
  if (!read.ok) return read
  const { header } = read.value
  if (header.kid === undefined || !kidForm.test(header.kid)) return refuse('unknown_key')
  const key = keys.get(header.kid)
  if (key === undefined) return refuse('unknown_key')
  if (header.alg !== key.alg) return refuse('refused_algorithm')
  if (header.typ === undefined || !isType(header.typ, typ)) return refuse('wrong_type')
  if (!verifySignature(key, read.value.input, read.value.signature)) return refuse('bad_signature')
  if (!read.value.isKnown) rememberHeader(token, header)
  const text = utf8Of(read.value.payload)
  const payload = text === null ? undefined : parseWrittenJson(text, smallJson)
  if (!isObject(payload)) return refuse('malformed_token')
  return accept({ header, payload, key })
}

/**
 * Verifies a token under this one key, whatever its type, its `kid` and its payload are. `verifyJws` is for everything else.
 *
 * @returns the payload's bytes, or the reasons of `verifyJws` without `unknown_key` and `wrong_type`
 */
export function verifyCompact(
  token: string,
  key: VerifyKey,
  options: JwsOptions = {},
): Check<{ readonly header: JwsHeader; readonly payload: Uint8Array }> {
  const read = readCompact(token, options.maxBytes ?? defaultMaxBytes)
  if (!read.ok) return read
  const { header, payload } = read.value
  if (header.alg !== key.alg) return refuse('refused_algorithm')
  if (!verifySignature(key, read.value.input, read.value.signature)) return refuse('bad_signature')
  return accept({ header, payload })
}

/**
 * Whether the signature over these bytes holds, in the form of RFC 7518 section 3 and RFC 8037: for ES256 and EdDSA exactly 64 bytes.
 */
export function verifySignature(key: VerifyKey, data: Uint8Array, signature: Uint8Array): boolean {
  switch (key.alg) {
    case 'HS256':
      return signature.length === 32 && timingSafeEqual(hmacSha256(key.key, data), signature)
    case 'ES256':
      return signature.length === 64 && verify('sha256', data, key.key, toDer(signature))
    case 'EdDSA':
      return signature.length === 64 && verify(null, data, key.key, signature)
    case 'RS256':
      return verify('sha256', data, key.key, signature)
  }
}

/**
 * Signs a payload as a token of this type. Does not look at the length: what is too long is known where the token goes.
 *
 * @throws Fault `invalid_value` when the payload is not JSON, or nested deeper or of more values than `verifyJws` reads
 */
export function signJws(payload: JsonObject, key: SignKey, typ: string): string {
  if (!typForm.test(typ)) throw new Fault('invalid_value', 'the type of the token is not a media type')
  const text = isJson(payload) ? JSON.stringify(payload) : ''
  if (!isObject(parseJson(text, { ...smallJson, length: text.length })))
    throw new Fault('invalid_value', 'the payload is not JSON that can be read back')
  const header = JSON.stringify({ alg: key.alg, typ, kid: key.kid })
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(text).toString('base64url')}`
  return `${input}.${signatureOf(key, Buffer.from(input, 'latin1')).toString('base64url')}`
}

function signatureOf(key: SignKey, data: Uint8Array): Buffer {
  switch (key.alg) {
    case 'HS256':
      return hmacSha256(key.signingKey, data)
    case 'ES256':
      return fromDer(sign('sha256', data, key.signingKey))
    case 'EdDSA':
      return sign(null, data, key.signingKey)
    case 'RS256':
      return sign('sha256', data, key.signingKey)
  }
}

interface Compact {
  readonly header: JwsHeader
  /** The header has come with a good signature before. */
  readonly isKnown: boolean
  /** What is signed: the first two segments and the dot between them. */
  readonly input: Uint8Array
  readonly payload: Buffer
  readonly signature: Uint8Array
}

function readCompact(token: string, maxBytes: number): Check<Compact> {
  if (token.length > maxBytes) return refuse('oversized_credential')
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  // with one dot or none; a third one is no base64url
  if (second < 0) return refuse('malformed_token')
  const known = knownHeaders.get(token.slice(0, first))
  const head = known === undefined ? decode(token.slice(0, first)) : emptyBytes
  const payload = decode(token.slice(first + 1, second))
  const signature = decode(token.slice(second + 1))
  if (head === null || payload === null || signature === null) return refuse('malformed_token')
  const header = known ?? readHeader(head)
  if (!header.ok) return header
  const input = Buffer.from(token.slice(0, second), 'latin1')
  return accept({ header: header.value, isKnown: known !== undefined, input, payload, signature })
}

const emptyBytes = Buffer.alloc(0)

/**
 * Headers as they were read, by their text: those that have come with a good signature, which are as many as there are keys. Reading one again would give the same.
 */
const knownHeaders = new Map<string, Check<JwsHeader>>()
const mostHeaders = 64

function rememberHeader(token: string, header: JwsHeader): void {
  const text = token.slice(0, token.indexOf('.'))
  if (knownHeaders.size >= mostHeaders) knownHeaders.clear()
  // A copy, because a slice keeps the whole token.
  knownHeaders.set(Buffer.from(text, 'latin1').toString('latin1'), Object.freeze(accept(Object.freeze(header))))
}

/** Most payloads are ASCII, for which no decoder is needed. */
function utf8Of(bytes: Buffer): string | null {
  return isAscii(bytes) ? bytes.toString('latin1') : fromUtf8(bytes)
}

function readHeader(bytes: Uint8Array): Check<JwsHeader> {
  const text = fromUtf8(bytes)
  const header = text === null ? undefined : parseJson(text, smallJson)
  if (!isObject(header)) return refuse('malformed_token')
  if (!Object.keys(header).every(isHeaderName)) return refuse('refused_header')
  const { alg, typ, kid } = header
  if (!isSigningAlg(alg)) return refuse('refused_algorithm')
  if (!isTextOrAbsent(typ) || !isTextOrAbsent(kid)) return refuse('malformed_token')
  return accept({ alg, typ, kid })
}

/** Canonical base64url or null: what does not come out again as it went in has other characters, padding or unused bits. */
function decode(segment: string): Buffer | null {
  const bytes = Buffer.from(segment, 'base64url')
  return bytes.toString('base64url') === segment ? bytes : null
}

/** RFC 7515 4.1.9: in any case, and `application/` may be left out. */
function isType(found: string, expected: string): boolean {
  return found === expected || (typForm.test(found) && bareType(found) === bareType(expected))
}

function bareType(typ: string): string {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isHeaderName(name: string): boolean {
  return name === 'alg' || name === 'typ' || name === 'kid'
}

function isTextOrAbsent(value: Json | undefined): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function isSigningAlg(value: unknown): value is SigningAlg {
  return value === 'ES256' || value === 'EdDSA' || value === 'RS256' || value === 'HS256'
}

/**
 * A key as the application has it: a `KeyObject`, a JWK, PEM text, or for HS256 the secret itself, as bytes or as text.
 */
export type KeyMaterial = KeyObject | JsonWebKey | Uint8Array | string

/**
 * Takes in a key to verify with. A private key gives its public half.
 *
 * @throws Fault `invalid_option` for a key that is not the algorithm's or too weak: HS256 needs 32 bytes that are not some public key
 *   in writing, RS256 2,048 bits and an exponent above 2^16, ES256 the curve P-256, EdDSA the curve Ed25519
 * @see RFC 7518 3.2-3.4, RFC 8725 3.1-3.5
 */
export function verifyKey(kid: string, alg: SigningAlg, material: KeyMaterial): VerifyKey {
  checkNames(kid, alg)
  const key = alg === 'HS256' ? secretOf(kid, alg, material, 'verify') : publicOf(kid, alg, material)
  checkStrength(kid, alg, key)
  return Object.freeze({ kid, alg, key })
}

/** Takes in a key to sign and verify with. Throws like `verifyKey`, and for a key without its private half. */
export function signKey(kid: string, alg: SigningAlg, material: KeyMaterial): SignKey {
  checkNames(kid, alg)
  const signingKey = alg === 'HS256' ? secretOf(kid, alg, material, 'sign') : privateOf(kid, alg, material)
  const key = alg === 'HS256' ? signingKey : createPublicKey(signingKey)
  checkStrength(kid, alg, key)
  return Object.freeze({ kid, alg, key, signingKey })
}

function checkNames(kid: string, alg: SigningAlg): void {
  if (!kidForm.test(kid)) throw new Fault('invalid_option', 'a kid is 1 to 128 of A-Z a-z 0-9 . _ : @ -')
  if (!isSigningAlg(alg))
    throw new Fault('invalid_option', `the algorithm of key ${kid} must be one of ${signingAlgs.join(', ')}`)
}

function checkStrength(kid: string, alg: SigningAlg, key: KeyObject): void {
  const details = key.asymmetricKeyDetails ?? {}
  const fits = {
    HS256: () => key.type === 'secret' && (key.symmetricKeySize ?? 0) >= 32,
    ES256: () => key.asymmetricKeyType === 'ec' && details.namedCurve === 'prime256v1',
    EdDSA: () => key.asymmetricKeyType === 'ed25519',
    RS256: () =>
      key.asymmetricKeyType === 'rsa' &&
      (details.modulusLength ?? 0) >= 2048 &&
      (details.publicExponent ?? 0n) > 65_536n,
  }
  if (!fits[alg]()) throw new Fault('invalid_option', `key ${kid} must be ${needs[alg]} to be used with ${alg}`)
}

const needs: Readonly<Record<SigningAlg, string>> = {
  HS256: 'a secret of at least 32 random bytes',
  ES256: 'an EC key on the curve P-256',
  EdDSA: 'an Ed25519 key',
  RS256: 'an RSA key of at least 2048 bits with an exponent above 65536',
}

function publicOf(kid: string, alg: SigningAlg, material: KeyMaterial): KeyObject {
  if (material instanceof KeyObject && material.type === 'public') return material
  return readable(kid, () =>
    createPublicKey(material instanceof KeyObject ? material : writtenKey(material, alg, 'verify')),
  )
}

function privateOf(kid: string, alg: SigningAlg, material: KeyMaterial): KeyObject {
  if (material instanceof KeyObject && material.type === 'private') return material
  return readable(kid, () => createPrivateKey(writtenKey(material, alg, 'sign')))
}

function writtenKey(material: KeyMaterial, alg: SigningAlg, use: 'sign' | 'verify'): string | JsonWebKeyInput {
  if (typeof material === 'string') return material
  if (material instanceof KeyObject || material instanceof Uint8Array) throw new TypeError('neither PEM nor JWK')
  return { key: jwkFor(material, alg, use), format: 'jwk' }
}

/** A JWK that says what it is for is for nothing else (RFC 7517 4.2-4.4). */
function jwkFor(jwk: JsonWebKey, alg: SigningAlg, use: 'sign' | 'verify'): JsonWebKey {
  if (jwk.alg !== undefined && jwk.alg !== alg) throw new TypeError('for another algorithm')
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new TypeError('for another use')
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes(use)))
    throw new TypeError('for other operations')
  return jwk
}

/** What cannot be read is told without the reason that OpenSSL gives, which may quote the key. */
function readable<T>(kid: string, read: () => T): T {
  try {
    return read()
  } catch {
    throw new Fault('invalid_option', `key ${kid} cannot be read as a key of its algorithm and use`)
  }
}

function secretOf(kid: string, alg: SigningAlg, material: KeyMaterial, use: 'sign' | 'verify'): KeyObject {
  const bytes = readable(kid, () => secretBytes(alg, material, use))
  if (isWrittenKey(bytes))
    throw new Fault('invalid_option', `the secret of key ${kid} is a key or a certificate in writing`)
  return createSecretKey(bytes)
}

function secretBytes(alg: SigningAlg, material: KeyMaterial, use: 'sign' | 'verify'): Buffer {
  if (typeof material === 'string') return Buffer.from(material)
  if (material instanceof Uint8Array) return Buffer.from(material)
  const secret = material instanceof KeyObject ? material : createSecretKey(octets(jwkFor(material, alg, use)))
  return secret.export()
}

function octets(jwk: JsonWebKey): Buffer {
  const bytes = jwk.kty === 'oct' && typeof jwk.k === 'string' ? decode(jwk.k) : null
  if (bytes === null) throw new TypeError('not an octet key')
  return bytes
}

/** Whether these bytes are a key that others may know: PEM, JWK, an SSH line, DER, DER in base64; with white space around or inside. */
function isWrittenKey(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').replace(/^(?:\xef\xbb\xbf|\s)+/, '')
  if (text.includes('-----BEGIN') || /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+\s/.test(text)) return true
  if (/^[{[]/.test(text) && /"(?:kty|keys)"/.test(text)) return true
  if (isDerKey(Buffer.from(text, 'latin1'))) return true
  return /^M[A-Za-z0-9+/_=\s-]+$/.test(text) && isDerKey(Buffer.from(text, 'base64'))
}

function isDerKey(der: Buffer): boolean {
  if (der[0] !== 0x30) return false
  const readers = [
    () => createPublicKey({ key: der, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: der, format: 'der', type: 'pkcs1' }),
    () => new X509Certificate(der),
  ]
  return readers.some((reader) => {
    try {
      reader()
      return true
    } catch {
      return false
    }
  })
}
