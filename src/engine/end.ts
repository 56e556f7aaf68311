import { Fault } from '../base/fault.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { parseCredential, tagMatches } from '../crypto/credential.ts'
import { isSid, partitionOfSid } from '../model/partition.ts'
import { partitionOfScope, type Scope } from '../model/revocation.ts'
import {
  type Cause,
  type PublicSession,
  publicSession,
  type SessionRecord,
  type Sid,
  timeoutOf,
} from '../model/session.ts'
import type { Amendment } from '../model/store.ts'
import type { Context } from './context.ts'
import { issue } from './issue.ts'
import { endFamily, readLive } from './read.ts'
import { rememberUntil } from './remember.ts'
import { claimFindings } from './start.ts'

/** Whom `revokeAll` is about. */
export type Everybody = { readonly user: string; readonly except?: Sid } | { readonly tenant: string } | 'everyone'

/**
 * Ends one session by its public handle. False when there is none, or it had ended.
 *
 * @param confirm resolve only when every node has applied it, or may not answer from memory any more
 * Cost: one read, one write; confirmed: one heartbeat, one hint and a read every few milliseconds more.
 */
export async function revoke(context: Context, sid: Sid, cause: Cause, confirm = false): Promise<boolean> {
  if (!isSid(sid)) return false
  const found = await context.backend.store.find(sid)
  if (found === null) return false
  if (found.record.state.kind === 'moved') return revoke(context, found.record.state.to, cause, confirm)
  const isLive = found.record.state.kind === 'live'
  const ended = isLive && (await endFamily(context, found.record, cause)) !== null
  // Also where it had ended already: whoever asks again after a failure wants to know that it holds.
  if (confirm) await context.view.applied(partitionOfSid(sid))
  return ended
}

/**
 * Ends every session of a user, a tenant or everyone: one generation, however many they are.
 *
 * @param confirm as for `revoke`
 * Cost: one write; confirmed as `revoke`.
 */
export async function revokeAll(
  context: Pick<Context, 'backend' | 'policy' | 'clock' | 'emit'> & { readonly view: Context['view'] | null },
  whom: Everybody,
  cause: Cause,
  confirm = false,
): Promise<void> {
  const now = context.clock.now()
  const scope = scopeOf(whom)
  const except = typeof whom === 'object' && 'user' in whom ? whom.except : undefined
  const until = rememberUntil(context, now)
  const { store } = context.backend
  const bumped = except === undefined ? store.bump(scope, cause, until) : store.bump(scope, cause, until, except)
  const generation = await bumped
  context.view?.learn({ kind: 'generation', scope, generation, spare: except ?? null, cause, until })
  context.emit({ kind: 'sessions.ended', scope, cause, at: now })
  if (confirm) await context.view?.applied(partitionOfScope(scope, store.partitions))
}

function scopeOf(whom: Everybody): Scope {
  if (whom === 'everyone') return { kind: 'everyone' }
  if ('user' in whom && typeof whom.user === 'string') return { kind: 'user', user: whom.user }
  if ('tenant' in whom && typeof whom.tenant === 'string') return { kind: 'tenant', tenant: whom.tenant }
  throw new Fault('invalid_value', `revokeAll takes { user }, { tenant } or 'everyone'.`)
}

/** One session by its public handle, if it lives. Cost: one read. */
export async function find(context: Context, sid: Sid): Promise<Check<PublicSession>> {
  if (!isSid(sid)) return refuse('unknown_session')
  const live = await readLive(context, sid)
  return live.ok
    ? accept(publicSession({ ...live.value.record, seenAt: live.value.seenAt }, context.clock.now()))
    : live
}

/** A part of all sessions that live. */
export interface SessionPage {
  readonly sessions: readonly PublicSession[]
  /** What the next page begins after; null: this was the last. */
  readonly next: string | null
}

/** A part of all sessions that live, as `Store.scan` gives them. Cost: one read. */
export async function scan(context: Context, size: number, after: string | undefined): Promise<SessionPage> {
  const { records, next } = await context.backend.store.scan(size, after)
  const now = context.clock.now()
  const live = records.filter((record) => context.view.judge(record, null) !== 'revoked')
  return { sessions: live.map((record) => publicSession(withActivity(context, record), now)), next }
}

function withActivity({ activity }: Context, record: SessionRecord): SessionRecord {
  return { ...record, seenAt: Math.max(record.seenAt, activity.lastOf(record.sid)) }
}

/** The user's sessions that live, the last used first. Cost: one read (and one for each different tenant). */
export async function list(context: Context, user: string, limit: number): Promise<readonly PublicSession[]> {
  const now = context.clock.now()
  const { store } = context.backend
  const everyone = await store.generation({ kind: 'everyone' })
  const tenants = new Map<string, number>()
  const live: PublicSession[] = []
  for (const record of await store.list(user, limit)) {
    const { tenant, generations } = record
    if (generations.everyone < everyone) continue
    if (tenant !== null && !tenants.has(tenant)) tenants.set(tenant, await store.generation({ kind: 'tenant', tenant }))
    if (tenant !== null && generations.tenant < (tenants.get(tenant) as number)) continue
    const seen = withActivity(context, record)
    if (timeoutOf(seen, now) === null) live.push(publicSession(seen, now))
  }
  return live.toSorted((a, b) => b.seenAt - a.seenAt)
}

/** What an administrator may change of a session. New rights bring a new handle at the next renewal. */
export type SessionChanges = Pick<Partial<SessionRecord>, 'claims'>

/**
 * Changes the claims of a session. What was issued before is refused or renewed within R.
 *
 * @returns or refuses: `unknown_session`, `revoked`, `idle_timeout`, `absolute_timeout`
 * @throws Fault `invalid_value`
 * Cost: one read, one write.
 */
export async function amend(context: Context, sid: Sid, changes: SessionChanges): Promise<Check<PublicSession>> {
  const findings = claimFindings(context, changes.claims ?? {})
  if (findings.length > 0) throw new Fault('invalid_value', findings.join('; '))
  if (!isSid(sid)) return refuse('unknown_session')
  for (;;) {
    const live = await readLive(context, sid)
    if (!live.ok) return live
    const { record } = live.value
    const now = context.clock.now()
    const amendment: Amendment = { ...changes, renewIdentity: true }
    // Claims that fit into nothing that is shown to the client are refused before they are stored.
    issue(context, { ...record, ...amendment }, { now, seenAt: record.seenAt, withCredential: false })
    const outcome = await context.backend.store.amend(
      record.sid,
      record.version,
      amendment,
      rememberUntil(context, now),
    )
    if (outcome === 'done') return accept(publicSession({ ...record, ...amendment }, now))
    // Changed, moved or ended since it was read: reading again tells which.
  }
}

/**
 * The session that a long-lived credential belongs to, with no regard to its counter. For logging out and for logging in again: whoever holds any credential of a
 * family may end it.
 *
 * @returns null unless the tag is right and the session lives
 * Cost: one read; none for a forged one.
 */
export async function ownerOf(context: Context, credential: string): Promise<SessionRecord | null> {
  const parsed = parseCredential(credential, context.ring)
  if (!parsed.ok) return null
  const salt = context.suspects.saltOf(parsed.value.sid)
  if (salt !== undefined && !tagMatches(parsed.value, salt)) return null
  const live = await readLive(context, parsed.value.sid, { credential: parsed.value })
  return live.ok ? live.value.record : null
}
