import type { Millis } from '../base/clock.ts'
import { levelAt, type SessionRecord } from './session.ts'

/**
 * The short-lived picture of a session that travels with its client: sealed in a cookie, or signed as an access token. What a request is decided on, with no I/O.
 */
export type Snapshot = Pick<
  SessionRecord,
  'sid' | 'user' | 'tenant' | 'generations' | 'version' | 'claims' | 'presentation' | 'client' | 'idle' | 'endsAt'
> & {
  readonly issuedAt: Millis
  /** Never later than the recorded activity + idle, the absolute end, or the end of the level. */
  readonly expiresAt: Millis
  readonly level: 1 | 2 | 3
  readonly authenticatedAt: Millis | null
  /** Thumbprint of the key that the session is bound to. */
  readonly boundTo: string | null
}

/**
 * Takes the picture of a live record.
 *
 * @param now the clock, read before the store was asked: so that no snapshot outlives a kill by more than `life`
 * @param seenAt the activity that is recorded, or surely will be
 */
export function takeSnapshot(
  record: SessionRecord,
  now: Millis,
  life: Millis,
  seenAt: Millis = record.seenAt,
): Snapshot {
  const level = levelAt(record.authentication, now)
  const levelEnd = level > 1 && record.authentication !== null ? record.authentication.levelUntil : record.endsAt
  return {
    sid: record.sid,
    user: record.user,
    tenant: record.tenant,
    generations: record.generations,
    version: record.version,
    claims: record.claims,
    presentation: record.presentation,
    client: record.client,
    idle: record.idle,
    endsAt: record.endsAt,
    issuedAt: now,
    expiresAt: Math.min(now + life, Math.max(record.seenAt, seenAt) + record.idle, record.endsAt, levelEnd),
    level,
    authenticatedAt: record.authentication?.at ?? null,
    boundTo: record.binding?.thumbprint ?? null,
  }
}
