import type { LogEntry, Revocation, Scope } from '../model/revocation.ts'
import { type Cause, expiryOf, type SessionRecord, type SessionState } from '../model/session.ts'
import { bytesOf, textOfBytes } from './text-bytes.ts'

/** A row of `session` as `pg` gives it, by column. Numbers may come as texts: the application may have set parsers of its own. */
export interface SessionRow {
  readonly sid: string
  readonly user_name: Uint8Array | null
  readonly tenant: Uint8Array | null
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
  readonly presentation: SessionRecord['presentation']
  readonly renew: boolean
  readonly claims: string
  readonly authentication: string
  readonly core: string
}

type Core = Pick<SessionRecord, 'persistent' | 'client' | 'device' | 'binding' | 'salt'>

/** The record as the JSON text of a row. */
export function rowOf(record: SessionRecord): string {
  const { user, tenant, generations, state, rotation, persistent, client, device, binding, salt } = record
  const core: Core = { persistent, client, device, binding, salt }
  return JSON.stringify({
    sid: record.sid,
    user_name: user === null ? null : hexOf(user),
    tenant: tenant === null ? null : hexOf(tenant),
    user_generation: generations.user,
    tenant_generation: generations.tenant,
    everyone_generation: generations.everyone,
    version: record.version,
    state: state.kind,
    state_detail: state.kind === 'ended' ? state.cause : state.kind === 'moved' ? state.to : null,
    state_at: state.kind === 'live' ? null : numberOf(state.at),
    created_at: numberOf(record.createdAt),
    seen_at: numberOf(record.seenAt),
    idle: numberOf(record.idle),
    ends_at: numberOf(record.endsAt),
    due: numberOf(state.kind === 'live' ? expiryOf(record) : state.at),
    cur: rotation.cur,
    par: rotation.par,
    grace: JSON.stringify(rotation.grace),
    forks: rotation.forks,
    rotated_at: numberOf(rotation.at),
    data_version: 1,
    presentation: record.presentation,
    renew: record.renewIdentity,
    claims: JSON.stringify(record.claims),
    authentication: JSON.stringify(record.authentication),
    core: JSON.stringify(core),
  })
}

/** As Postgres writes bytes. */
function hexOf(text: string): string {
  return `\\x${bytesOf(text).toString('hex')}`
}

/** JSON has no words for some numbers; Postgres has. */
function numberOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

export function recordOf(row: SessionRow): SessionRecord {
  const core = JSON.parse(row.core) as Core
  return {
    sid: row.sid,
    user: row.user_name === null ? null : textOfBytes(row.user_name),
    tenant: row.tenant === null ? null : textOfBytes(row.tenant),
    generations: {
      user: Number(row.user_generation),
      tenant: Number(row.tenant_generation),
      everyone: Number(row.everyone_generation),
    },
    version: Number(row.version),
    state: stateOf(row),
    createdAt: Number(row.created_at),
    seenAt: Number(row.seen_at),
    idle: Number(row.idle),
    endsAt: Number(row.ends_at),
    authentication: JSON.parse(row.authentication) as SessionRecord['authentication'],
    claims: JSON.parse(row.claims) as SessionRecord['claims'],
    presentation: row.presentation,
    persistent: core.persistent,
    client: core.client,
    device: core.device,
    binding: core.binding,
    salt: core.salt,
    rotation: {
      cur: Number(row.cur),
      par: Number(row.par),
      grace: JSON.parse(row.grace) as number[],
      forks: Number(row.forks),
      at: Number(row.rotated_at),
    },
    renewIdentity: row.renew,
  }
}

function stateOf(row: SessionRow): SessionState {
  const at = Number(row.state_at)
  switch (row.state) {
    case 'live':
      return { kind: 'live' }
    case 'ended':
      return { kind: 'ended', cause: row.state_detail as Cause, at }
    case 'moved':
      return { kind: 'moved', to: row.state_detail ?? '', at }
  }
}

/** What of a revocation has a column of its own in the log. */
export interface EventRow {
  readonly kind: Revocation['kind']
  readonly scope: Scope['kind'] | null
  readonly name: Uint8Array | null
  readonly sid: string | null
  readonly number: number | null
  readonly cause: Cause | null
}

export interface EntryRow extends EventRow {
  readonly seq: number
  readonly chain: string
  readonly at: number
  readonly until: number
}

export function eventOf(revocation: Revocation): EventRow {
  const none = { scope: null, name: null, sid: null, number: null, cause: null }
  switch (revocation.kind) {
    case 'kill':
      return { ...none, kind: 'kill', sid: revocation.sid, cause: revocation.cause }
    case 'version':
      return { ...none, kind: 'version', sid: revocation.sid, number: revocation.version }
    case 'key':
      return { ...none, kind: 'key', name: bytesOf(revocation.kid) }
    case 'generation': {
      const { scope, spare, generation, cause } = revocation
      return { kind: 'generation', scope: scope.kind, name: nameOf(scope), sid: spare, number: generation, cause }
    }
  }
}

export function nameOf(scope: Scope): Uint8Array {
  return bytesOf(scope.kind === 'user' ? scope.user : scope.kind === 'tenant' ? scope.tenant : '')
}

export function entryOf(partition: number, row: EntryRow): LogEntry {
  const position = { seq: Number(row.seq), chain: row.chain }
  return { partition, position, at: Number(row.at), revocation: revocationOf(row) }
}

function revocationOf(row: EntryRow): Revocation {
  const until = Number(row.until)
  switch (row.kind) {
    case 'kill':
      return { kind: 'kill', sid: row.sid as string, cause: row.cause as Cause, until }
    case 'version':
      return { kind: 'version', sid: row.sid as string, version: Number(row.number), until }
    case 'key':
      return { kind: 'key', kid: textOfBytes(row.name as Uint8Array), until }
    case 'generation': {
      const scope = scopeOf(row.scope as Scope['kind'], textOfBytes(row.name as Uint8Array))
      const cause = row.cause as Cause
      return { kind: 'generation', scope, generation: Number(row.number), spare: row.sid, cause, until }
    }
  }
}

function scopeOf(kind: Scope['kind'], name: string): Scope {
  switch (kind) {
    case 'user':
      return { kind, user: name }
    case 'tenant':
      return { kind, tenant: name }
    case 'everyone':
      return { kind }
  }
}
