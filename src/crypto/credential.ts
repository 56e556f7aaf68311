import { timingSafeEqual } from 'node:crypto'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { makeSid, mostPartitions, partitionOfSid } from '../model/partition.ts'
import type { Sid } from '../model/session.ts'
import { type KeyRing, mac, type SecretKeys } from './keyring.ts'

/**
 * The long-lived credential: session cookie and refresh token alike (protocol section 5).
 *
 * 48 bytes, 64 characters of base64url with no spare bits, so one text for each value:
 * version 1 · kid 6 · partition 1 · sid 16 · mark 4 · counter 4 · tag 16.
 *
 * It is never stored: the tag is recomputed from the record's salt and the key ring, so neither alone yields one. The mark is over everything else, tag
 * included, and takes only the ring: what was not made here is known without the record.
 */
export interface Credential {
  readonly sid: Sid
  readonly counter: number
  readonly keys: SecretKeys
  readonly tag: Buffer
}

export const credentialLength = 64

const version = 1
const form = /^[A-Za-z0-9_-]{64}$/

/**
 * Reads a credential and checks its mark, so that random, foreign and altered ones are refused with no I/O. Does NOT check the tag: that takes
 * the record's salt, see `tagMatches`.
 *
 * @returns or refuses: `oversized_credential`, `malformed_credential`, `unknown_key`, `forged_credential`
 * Cost: one HMAC, no I/O.
 */
export function parseCredential(text: string, ring: KeyRing): Check<Credential> {
  if (text.length > credentialLength) return refuse('oversized_credential')
  if (!form.test(text)) return refuse('malformed_credential')
  const bytes = Buffer.from(text, 'base64url')
  const partition = bytes[7] as number
  if (bytes[0] !== version || partition >= mostPartitions) return refuse('malformed_credential')
  const keys = ring.find(bytes.toString('base64url', 1, 7))
  if (keys === undefined) return refuse('unknown_key')
  const handle = bytes.subarray(7, 24)
  const rest = bytes.subarray(28, 48)
  if (!timingSafeEqual(bytes.subarray(24, 28), markOf(keys, handle, rest))) return refuse('forged_credential')
  return accept({
    sid: makeSid(partition, handle.toString('base64url', 1)),
    counter: bytes.readUInt32BE(28),
    keys,
    tag: bytes.subarray(32, 48),
  })
}

/** Writes the credential of a session at a counter, under the first key of the ring. Equal inputs give equal text. */
export function writeCredential(sid: Sid, counter: number, salt: string, ring: KeyRing): string {
  const handle = handleOf(sid)
  const number = counterBytes(counter)
  const rest = Buffer.concat([number, tagOf(ring.first, handle, number, salt)])
  const head = Buffer.concat([Buffer.of(version), ring.first.kid, handle, markOf(ring.first, handle, rest)])
  return Buffer.concat([head, rest]).toString('base64url')
}

/** Whether the tag was made for this session, counter and salt, by the key that the credential names. Constant time. */
export function tagMatches(credential: Credential, salt: string): boolean {
  const expected = tagOf(credential.keys, handleOf(credential.sid), counterBytes(credential.counter), salt)
  return timingSafeEqual(credential.tag, expected)
}

function handleOf(sid: Sid): Buffer {
  return Buffer.concat([Buffer.of(partitionOfSid(sid)), Buffer.from(sid.slice(1), 'base64url')])
}

function counterBytes(counter: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(counter)
  return bytes
}

/** @param rest counter and tag */
function markOf(keys: SecretKeys, handle: Uint8Array, rest: Uint8Array): Buffer {
  return mac(keys.key('credential-mark'), handle, rest).subarray(0, 4)
}

function tagOf(keys: SecretKeys, handle: Uint8Array, counter: Uint8Array, salt: string): Buffer {
  return mac(keys.key('credential-tag'), handle, counter, Buffer.from(salt, 'base64url')).subarray(0, 16)
}
