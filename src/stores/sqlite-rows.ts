import type { SQLInputValue } from 'node:sqlite'
import { type Cause, expiryOf, type SessionRecord, type SessionState } from '../model/session.ts'

/** A row of `session`, by column. */
export interface SessionRow {
  readonly sid: string
  readonly user: TextColumn | null
  readonly tenant: TextColumn | null
  readonly user_generation: number
  readonly tenant_generation: number
  readonly everyone_generation: number
  readonly version: number
  readonly state: SessionState['kind']
  readonly state_detail: string | null
  readonly state_at: number | null
  readonly created_at: number
  readonly seen_at: number
  readonly idle: number
  readonly ends_at: number
  readonly cur: number
  readonly par: number
  readonly grace: string
  readonly forks: number
  readonly rotated_at: number
  readonly data_version: number
  readonly core: string
}

type Core = Pick<
  SessionRecord,
  | 'authentication'
  | 'claims'
  | 'presentation'
  | 'persistent'
  | 'client'
  | 'device'
  | 'binding'
  | 'salt'
  | 'renewIdentity'
>

/** Text, or the bytes of text that has no UTF-8. */
export type TextColumn = string | Uint8Array

/**
 * Any text as a value that is equal only to itself. SQLite keeps UTF-8, which lone surrogates do not have: such text is kept as its UTF-16 units, a blob, and sorts
 * after all other text.
 */
export function textIn(text: string): TextColumn {
  return text.isWellFormed() ? text : Buffer.from(text, 'utf16le').swap16()
}

export function textOut(column: TextColumn): string {
  return typeof column === 'string' ? column : Buffer.from(column).swap16().toString('utf16le')
}

/** The columns of `session` in the order of `rowOf`. */
export const sessionColumns = `sid, user, tenant, user_generation, tenant_generation, everyone_generation, version, state,
  state_detail, state_at, created_at, seen_at, idle, ends_at, due, cur, par, grace, forks, rotated_at, data_version, core`

export function rowOf(record: SessionRecord, dataVersion: number): readonly SQLInputValue[] {
  const { user, tenant, generations, state, rotation } = record
  return [
    record.sid,
    user === null ? null : textIn(user),
    tenant === null ? null : textIn(tenant),
    generations.user,
    generations.tenant,
    generations.everyone,
    record.version,
    state.kind,
    state.kind === 'ended' ? state.cause : state.kind === 'moved' ? state.to : null,
    state.kind === 'live' ? null : state.at,
    record.createdAt,
    record.seenAt,
    record.idle,
    record.endsAt,
    state.kind === 'live' ? expiryOf(record) : state.at,
    rotation.cur,
    rotation.par,
    JSON.stringify(rotation.grace),
    rotation.forks,
    rotation.at,
    dataVersion,
    coreOf(record),
  ]
}

export function coreOf(record: Core): string {
  const { authentication, claims, presentation, persistent, client, device, binding, salt, renewIdentity } = record
  const core: Core = { authentication, claims, presentation, persistent, client, device, binding, salt, renewIdentity }
  return JSON.stringify(core)
}

export function recordOf(row: SessionRow): SessionRecord {
  const core = JSON.parse(row.core) as Core
  return {
    sid: row.sid,
    user: row.user === null ? null : textOut(row.user),
    tenant: row.tenant === null ? null : textOut(row.tenant),
    generations: { user: row.user_generation, tenant: row.tenant_generation, everyone: row.everyone_generation },
    version: row.version,
    state: stateOf(row),
    createdAt: row.created_at,
    seenAt: row.seen_at,
    idle: row.idle,
    endsAt: row.ends_at,
    authentication: core.authentication,
    claims: core.claims,
    presentation: core.presentation,
    persistent: core.persistent,
    client: core.client,
    device: core.device,
    binding: core.binding,
    salt: core.salt,
    rotation: {
      cur: row.cur,
      par: row.par,
      grace: JSON.parse(row.grace) as number[],
      forks: row.forks,
      at: row.rotated_at,
    },
    renewIdentity: core.renewIdentity,
  }
}

function stateOf(row: SessionRow): SessionState {
  const at = row.state_at ?? 0
  switch (row.state) {
    case 'live':
      return { kind: 'live' }
    case 'ended':
      return { kind: 'ended', cause: row.state_detail as Cause, at }
    case 'moved':
      return { kind: 'moved', to: row.state_detail ?? '', at }
  }
}
