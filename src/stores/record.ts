import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { isJson, type Json } from '../base/json.ts'
import { partitionOfSid, partitionOfUser } from '../model/partition.ts'
import { type Revocation, scopeKey } from '../model/revocation.ts'
import { nextRotation, type Rotation } from '../model/rotation.ts'
import { type Cause, type Generations, type SessionRecord, type Sid, timeoutOf } from '../model/session.ts'
import type { Amendment, Newest } from '../model/store.ts'

/** What every engine does to a record in the same way. The changed records share the rest with those before: to be written, not to be handed out. */

export function withActivity(record: SessionRecord, seenAt: Millis): SessionRecord {
  return { ...record, seenAt }
}

export function withUserGeneration(record: SessionRecord, user: number): SessionRecord {
  const { generations } = record
  return { ...record, generations: { ...generations, user: Math.max(generations.user, user) } }
}

export function ended(record: SessionRecord, cause: Cause, at: Millis): SessionRecord {
  return { ...record, state: { kind: 'ended', cause, at } }
}

export function moved(record: SessionRecord, to: Sid, at: Millis): SessionRecord {
  return { ...record, state: { kind: 'moved', to, at } }
}

export function amended(record: SessionRecord, amendment: Amendment): SessionRecord {
  const { claims, authentication, renewIdentity } = amendment
  return {
    ...record,
    ...(claims !== undefined && { claims }),
    ...(authentication !== undefined && { authentication }),
    ...(renewIdentity !== undefined && { renewIdentity }),
    version: record.version + 1,
  }
}

/** The rotation that `advance` leads to; null where the session does not stand for it. */
export function advancedRotation(
  record: SessionRecord,
  userGeneration: number,
  { counter, presentation, quiet }: Newest,
  now: Millis,
): Rotation | null {
  const { rotation, generations, renewIdentity, state } = record
  const stands =
    state.kind === 'live' && generations.user >= userGeneration && !renewIdentity && timeoutOf(record, now) === null
  const isNewest = rotation.cur === counter && record.presentation === presentation && now - rotation.at > quiet
  if (!stands || !isNewest) return null
  return nextRotation(rotation, now)
}

/** Whether an entry says all that a revocation says. Entries that may be forgotten earlier count as well: what they refuse can no longer be presented. */
export function covers(entry: Revocation, revocation: Revocation): boolean {
  switch (revocation.kind) {
    case 'kill':
      return entry.kind === 'kill' && entry.sid === revocation.sid
    case 'version':
      return entry.kind === 'version' && entry.sid === revocation.sid && entry.version >= revocation.version
    case 'key':
      return entry.kind === 'key' && entry.kid === revocation.kid
    case 'generation':
      return (
        entry.kind === 'generation' &&
        scopeKey(entry.scope) === scopeKey(revocation.scope) &&
        entry.generation >= revocation.generation
      )
  }
}

/** Whether a rotation is still the one that was read. */
export function isSameRotation(a: Pick<Rotation, 'cur' | 'at'>, b: Pick<Rotation, 'cur' | 'at'>): boolean {
  return a.cur === b.cur && a.at === b.at
}

/** Live, of the present generations, and not timed out: what a user has a list of. */
export function isStanding(record: SessionRecord, present: Generations, now: Millis): boolean {
  const { generations } = record
  return (
    record.state.kind === 'live' &&
    generations.user >= present.user &&
    generations.everyone >= present.everyone &&
    (record.tenant === null || generations.tenant >= present.tenant) &&
    timeoutOf(record, now) === null
  )
}

type Activity = Pick<SessionRecord, 'sid' | 'seenAt' | 'createdAt'>

/** Newest activity first; the rest of the order is the same on every engine. */
export function byActivity(a: Activity, b: Activity): number {
  return b.seenAt - a.seenAt || b.createdAt - a.createdAt || (a.sid < b.sid ? -1 : a.sid > b.sid ? 1 : 0)
}

/** @throws Fault `not_stored` when the sid names another partition than its user's */
export function checkPartition({ sid, user }: SessionRecord, partitions: number): void {
  const partition = partitionOfSid(sid)
  const fits =
    user === null ? partition >= 0 && partition < partitions : partition === partitionOfUser(user, partitions)
  if (!fits) throw new Fault('not_stored', 'The session was not stored: its sid names another partition than its own.')
}

/** @throws Fault `not_stored` */
export function refuseTaken(): never {
  throw new Fault('not_stored', 'The session was not stored: its sid is taken.')
}

/** A limit as a count: what is not a number of things is none, and nothing is endless. */
export function countOf(limit: number): number {
  return limit >= 1 ? Math.min(Math.floor(limit), 2 ** 31 - 1) : 0
}

/**
 * The values as JSON text.
 *
 * @throws Fault `invalid_value` when one is not JSON data, or nested more than 64 deep
 */
export function textsOf(data: ReadonlyMap<string, Json>): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [key, value] of data) {
    if (!isJson(value)) throw new Fault('invalid_value', 'Session data must be JSON: this value is not.')
    texts.set(key, JSON.stringify(value))
  }
  return texts
}

/** Ours, and so not checked again. A new value each time: nobody shares it. */
export function jsonOfText(text: string): Json {
  return JSON.parse(text) as Json
}

/**
 * The order of code points, which is the byte order of UTF-8, which is the order of every engine. Text with lone surrogates has no UTF-8: it
 * comes last.
 */
export function compareText(a: string, b: string): number {
  const whole = a.isWellFormed()
  if (whole !== b.isWellFormed()) return whole ? -1 : 1
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index)
    const unitB = b.charCodeAt(index)
    if (unitA === unitB) continue
    return whole ? rank(unitA) - rank(unitB) : unitA - unitB
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
