import { timingSafeEqual } from 'node:crypto'
import { type KeyRing, mac, type SecretKeys } from '../crypto/keyring.ts'
import { randomBytes } from '../crypto/random.ts'
import type { Sid } from '../model/session.ts'

/**
 * A token that shows that a request was written by somebody who has read a page of this session (X3; OWASP, signed double submit).
 *
 * 54 bytes, 72 characters of base64url with no spare bits, so one text for each value: kid 6 · random 16 · tag 32. The tag is
 * HMAC-SHA256 of random and sid, under a key of its own, so a new identity (login, step-up, a change of rights) has new tokens, and no two tokens are
 * alike, which leaves nothing for compression to tell (BREACH). It lives as long as its session and its secret.
 */
const form = /^[A-Za-z0-9_-]{72}$/

/** Makes a token for a session, under the first key of the ring. Cost: 16 random bytes, one HMAC. */
export function makeCsrfToken(ring: KeyRing, sid: Sid): string {
  const random = randomBytes(16)
  return Buffer.concat([ring.first.kid, random, tagOf(ring.first, random, sid)]).toString('base64url')
}

/**
 * Whether this is a token of the session, under any key of the ring. Never throws, whatever `token` is. Constant time for what has the form of one.
 *
 * Does NOT say that the session lives: whoever asks must admit the credential that named it as well.
 */
export function checkCsrfToken(ring: KeyRing, sid: Sid, token: unknown): boolean {
  if (typeof token !== 'string' || !form.test(token)) return false
  const bytes = Buffer.from(token, 'base64url')
  const keys = ring.find(bytes.toString('base64url', 0, 6))
  if (keys === undefined) return false
  return timingSafeEqual(bytes.subarray(22), tagOf(keys, bytes.subarray(6, 22), sid))
}

/** The random part has a fixed length and stands first, so no two pairs give the same bytes. */
function tagOf(keys: SecretKeys, random: Uint8Array, sid: Sid): Buffer {
  return mac(keys.key('csrf'), random, Buffer.from(sid))
}
