import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type KeyRing, type KeyUse, mac, type SecretKeys } from './keyring.ts'
import { randomBytes } from './random.ts'

/**
 * Sealed text: authenticated encryption under the key ring, so that nothing is readable and nothing can be altered.
 *
 * Version 1 · kid 6 · salt 16 · nonce 12 · ciphertext · tag 16, as base64url. AES-256-GCM (NIST SP 800-38D) with a key of its own for each text,
 * HMAC-SHA256(key, salt): 28 random bytes stand between two texts, so the number of texts per secret needs no counting.
 */
const version = 1
const headLength = 1 + 6
const saltLength = 16
const nonceLength = 12
const tagLength = 16
const overhead = headLength + saltLength + nonceLength + tagLength

export type SealFlaw = 'malformed' | 'unknown_key' | 'forged'

/** Seals under the first key of the ring. `use` and `context` must be the same when it is opened; they are not part of the text. */
export function seal(plain: Uint8Array, use: KeyUse, context: string, ring: KeyRing): string {
  const keys = ring.first
  const head = Buffer.concat([Buffer.of(version), keys.kid])
  const salt = randomBytes(saltLength)
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', textKey(keys, use, salt), nonce)
  cipher.setAAD(Buffer.concat([head, Buffer.from(context)]))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([head, salt, nonce, sealed, cipher.getAuthTag()]).toString('base64url')
}

export type Opened = { readonly ok: true; readonly plain: Buffer } | { readonly ok: false; readonly flaw: SealFlaw }

/**
 * Opens sealed text. One text has one spelling: other base64url texts of the same bytes are malformed. Never throws on hostile input.
 */
export function open(text: string, use: KeyUse, context: string, ring: KeyRing): Opened {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < overhead || bytes[0] !== version || bytes.toString('base64url') !== text)
    return failed('malformed')
  const keys = ring.find(bytes.toString('base64url', 1, headLength))
  if (keys === undefined) return failed('unknown_key')
  const body = headLength + saltLength + nonceLength
  const key = textKey(keys, use, bytes.subarray(headLength, headLength + saltLength))
  const nonce = bytes.subarray(headLength + saltLength, body)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
  decipher.setAAD(Buffer.concat([bytes.subarray(0, headLength), Buffer.from(context)]))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagLength))
  try {
    return {
      ok: true,
      plain: Buffer.concat([decipher.update(bytes.subarray(body, bytes.length - tagLength)), decipher.final()]),
    }
  } catch {
    return failed('forged')
  }
}

/** Whether the first secret of the ring sealed it, as far as the text says. */
export function isSealedByFirst(text: string, ring: KeyRing): boolean {
  return Buffer.from(text, 'base64url').subarray(1, headLength).equals(ring.first.kid)
}

function textKey(keys: SecretKeys, use: KeyUse, salt: Uint8Array): Uint8Array {
  return mac(keys.key(use), salt)
}

function failed(flaw: SealFlaw): Opened {
  return { ok: false, flaw }
}
