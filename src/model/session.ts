import type { Millis } from '../base/clock.ts'
import type { Json } from '../base/json.ts'
import type { Rotation } from './rotation.ts'

/** Public handle of a session: its partition and 128 random bits, 23 characters of base64url. May be logged and listed; opens nothing. */
export type Sid = string

/** Authenticator assurance level, NIST SP 800-63B-4 section 2: 1 one factor, 2 two factors, 3 hardware-bound. */
export type Level = 1 | 2 | 3

/** How the session is shown to its client. */
export type Presentation = 'cookie' | 'token'

/** Typed claims that travel in every snapshot: small, readable by whoever holds an access token. */
export type Claims = Readonly<Record<string, ClaimValue>>
export type ClaimValue = string | number | boolean | readonly string[]

/** Who and how, as of the last authentication. */
export interface Authentication {
  readonly at: Millis
  readonly level: Level
  /** Until when `level` holds; level 1 afterwards. Equal to the session's end unless it is a remembered one. */
  readonly levelUntil: Millis
  /** Methods used (RFC 8176 values: `pwd`, `otp`, `hwk`, …). */
  readonly methods: readonly string[]
}

/** Generations of everything that can be revoked at once, as they were when the session began or was spared. */
export interface Generations {
  readonly user: number
  readonly tenant: number
  readonly everyone: number
}

/**
 * What is kept of a session. Nothing in it is usable as a credential: the credential's tag is recomputed from `salt` and a key
 * that is not in the store.
 */
export interface SessionRecord {
  readonly sid: Sid
  /** null = anonymous. */
  readonly user: string | null
  readonly tenant: string | null
  readonly generations: Generations
  /** Raised by each change of claims, level or identity. */
  readonly version: number
  readonly state: SessionState
  readonly createdAt: Millis
  /** Last recorded activity. */
  readonly seenAt: Millis
  /** Ends when unused for this long. */
  readonly idle: Millis
  /** Ends then, whatever happens; never moves later. */
  readonly endsAt: Millis
  readonly authentication: Authentication | null
  readonly claims: Claims
  readonly presentation: Presentation
  /** Survives the closing of the browser (remember-me). */
  readonly persistent: boolean
  /** OAuth client the session belongs to. */
  readonly client: string
  readonly device: Device
  readonly binding: Binding | null
  /** Random per family, 16 bytes as base64url. */
  readonly salt: string
  readonly rotation: Rotation
  /** The rights changed: the next rotation also gives the session a new identity. */
  readonly renewIdentity: boolean
}

export type SessionState =
  | { readonly kind: 'live' }
  | { readonly kind: 'ended'; readonly cause: Cause; readonly at: Millis }
  /** The family goes on under another identity. */
  | { readonly kind: 'moved'; readonly to: Sid; readonly at: Millis }

/** Why a session ended. */
export type Cause =
  | 'logout'
  | 'revoked'
  | 'replaced'
  | 'evicted'
  | 'reuse'
  | 'idle'
  | 'absolute'
  | 'password_changed'
  | 'disabled'

/** What the login request told about the device; for people to recognise it, never for decisions. */
export interface Device {
  readonly agent: string
  readonly address: string | null
}

export interface Binding {
  readonly kind: 'dpop' | 'dbsc'
  /** RFC 7638 thumbprint of the key. */
  readonly thumbprint: string
}

/** A data value with the version that compare-and-set compares. */
export interface DataEntry {
  readonly value: Json
  readonly version: number
}

/** What applications and the session's owner may see. */
export interface PublicSession {
  readonly id: Sid
  readonly user: string | null
  readonly tenant: string | null
  readonly claims: Claims
  readonly level: Level
  readonly methods: readonly string[]
  readonly presentation: Presentation
  readonly persistent: boolean
  readonly client: string
  readonly device: Device
  readonly binding: 'none' | 'dpop' | 'dbsc'
  readonly createdAt: Millis
  readonly authenticatedAt: Millis | null
  readonly seenAt: Millis
  readonly expiresAt: Millis
  readonly endsAt: Millis
}

export function publicSession(record: SessionRecord, now: Millis): PublicSession {
  return {
    id: record.sid,
    user: record.user,
    tenant: record.tenant,
    claims: record.claims,
    level: levelAt(record.authentication, now),
    methods: record.authentication?.methods ?? [],
    presentation: record.presentation,
    persistent: record.persistent,
    client: record.client,
    device: record.device,
    binding: record.binding?.kind ?? 'none',
    createdAt: record.createdAt,
    authenticatedAt: record.authentication?.at ?? null,
    seenAt: record.seenAt,
    expiresAt: expiryOf(record),
    endsAt: record.endsAt,
  }
}

/** The level that still holds; 1 for somebody who proved nothing or whose proof has aged. */
export function levelAt(authentication: Pick<Authentication, 'level' | 'levelUntil'> | null, now: Millis): Level {
  return authentication !== null && now < authentication.levelUntil ? authentication.level : 1
}

/** The record once its credential was replaced; activity is never lowered. */
export function withRotation(record: SessionRecord, rotation: Rotation, seenAt: Millis): SessionRecord {
  return { ...record, rotation, seenAt: Math.max(record.seenAt, seenAt) }
}

/** When the session ends if it is not used again. */
export function expiryOf(record: Pick<SessionRecord, 'seenAt' | 'idle' | 'endsAt'>): Millis {
  return Math.min(record.seenAt + record.idle, record.endsAt)
}

/** Which timeout has passed, if any. An instant equal to the end has passed. */
export function timeoutOf(
  record: Pick<SessionRecord, 'seenAt' | 'idle' | 'endsAt'>,
  now: Millis,
): 'idle_timeout' | 'absolute_timeout' | null {
  if (now >= record.endsAt) return 'absolute_timeout'
  if (now >= record.seenAt + record.idle) return 'idle_timeout'
  return null
}
