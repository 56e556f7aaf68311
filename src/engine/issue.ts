import type { Millis } from '../base/clock.ts'
import { toSeconds } from '../base/clock.ts'
import { signAccessToken } from '../crypto/access-token.ts'
import { writeCredential } from '../crypto/credential.ts'
import { sealSnapshot } from '../crypto/sealed-snapshot.ts'
import type { Presentation, SessionRecord } from '../model/session.ts'
import { type Snapshot, takeSnapshot } from '../model/snapshot.ts'
import type { Context } from './context.ts'

/** What a client is given: the snapshot in its presentation, and the long-lived credential unless it keeps the one it has. */
export interface Issued {
  readonly presentation: Presentation
  readonly snapshot: Snapshot
  /** Sealed snapshot or access token. */
  readonly snapshotText: string
  readonly credential: string | null
  /** The cookies survive the closing of the browser. */
  readonly persistent: boolean
  /** When the long-lived credential ends if it is not used. */
  readonly expiresAt: Millis
}

export interface Mint {
  /** The clock, read before the store was asked. */
  readonly now: Millis
  readonly seenAt: Millis
  readonly withCredential: boolean
}

/** Mints what is shown of a record that the store has just been seen to hold live. No I/O. */
export function issue(context: Context, record: SessionRecord, mint: Mint): Issued {
  const snapshot = takeSnapshot(record, mint.now, context.policy.access, mint.seenAt)
  const { tokens, ring } = context
  const snapshotText =
    record.presentation === 'cookie'
      ? sealSnapshot(snapshot, ring, context.realm)
      : signAccessToken(snapshot, tokens.rules, tokens.signing())
  return {
    presentation: record.presentation,
    snapshot,
    snapshotText,
    credential: mint.withCredential ? writeCredential(record.sid, record.rotation.cur, record.salt, ring) : null,
    persistent: record.persistent,
    expiresAt: Math.min(Math.max(record.seenAt, mint.seenAt) + record.idle, record.endsAt),
  }
}

/** The answer of a token endpoint, RFC 6749 section 5.1. */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token?: string
}

export function tokenAnswer(issued: Issued): TokenAnswer {
  return {
    access_token: issued.snapshotText,
    token_type: 'Bearer',
    expires_in: Math.max(0, toSeconds(issued.snapshot.expiresAt) - toSeconds(issued.snapshot.issuedAt)),
    ...(issued.credential === null ? {} : { refresh_token: issued.credential }),
  }
}
