import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import { hmacSha256 } from './hmac.ts'

/** What a key is for; one key each, so that no text made for one use passes for another. */
export type KeyUse = 'credential-mark' | 'credential-tag' | 'snapshot' | 'wrap' | 'csrf' | 'preference'

/** Shortest secret, in bytes: as long as the output of SHA-256. */
export const shortestSecret = 32

/** The keys of one secret. */
export interface SecretKeys {
  /** 6 bytes that name the secret and tell nothing about it. */
  readonly kid: Buffer
  /** `kid` as 8 characters of base64url. */
  readonly kidText: string
  key(use: KeyUse): KeyObject
}

/** The first secret makes, all of them check; listing an old one keeps everybody signed in while secrets are rotated. */
export interface KeyRing {
  readonly first: SecretKeys
  find(kidText: string): SecretKeys | undefined
}

/**
 * Derives the ring from secrets with HKDF-SHA256 (RFC 5869), one versioned label for each use.
 *
 * @param secrets at least one, each at least 32 bytes of UTF-8, none twice
 * @throws Fault `invalid_option`; the message never holds a secret
 */
export function createKeyRing(secrets: readonly string[]): KeyRing {
  const findings = secretFindings(secrets)
  if (findings.length > 0) throw new Fault('invalid_option', findings.join('; '))
  const all = secrets.map(deriveKeys)
  const byKid = new Map(all.map((keys) => [keys.kidText, keys]))
  return { first: all[0] as SecretKeys, find: (kidText) => byKid.get(kidText) }
}

/** What is wrong with the secrets, in sentences. */
export function secretFindings(secrets: readonly unknown[]): string[] {
  if (secrets.length === 0) return ['secrets must hold at least one secret: make one with `openssl rand -base64 32`']
  const findings: string[] = []
  secrets.forEach((secret, index) => {
    if (typeof secret !== 'string') findings.push(`secrets[${index}] must be a text`)
    else if (Buffer.byteLength(secret) < shortestSecret)
      findings.push(
        `secrets[${index}] is too short: at least ${shortestSecret} bytes, e.g. from \`openssl rand -base64 32\``,
      )
    else if (new Set(secret).size < 8)
      findings.push(`secrets[${index}] is not random: make one with \`openssl rand -base64 32\``)
    else if (secrets.indexOf(secret) !== index) findings.push(`secrets[${index}] is listed twice`)
  })
  return findings
}

function deriveKeys(secret: string): SecretKeys {
  const keys = new Map<KeyUse, KeyObject>()
  const derive = (label: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret), Buffer.alloc(0), `handstamp/v1/${label}`, length))
  for (const use of ['credential-mark', 'credential-tag', 'snapshot', 'wrap', 'csrf', 'preference'] as const)
    keys.set(use, createSecretKey(derive(use, 32)))
  const kid = derive('kid', 6)
  return { kid, kidText: kid.toString('base64url'), key: (use) => keys.get(use) as KeyObject }
}

/** HMAC-SHA256 of the parts one after the other. The parts' lengths must be fixed by their use. */
export function mac(key: KeyObject, ...parts: readonly Uint8Array[]): Buffer {
  return hmacSha256(key, ...parts)
}
