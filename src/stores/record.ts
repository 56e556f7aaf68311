import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { isJson, type Json } from '../base/json.ts'
import { partitionOfSid, partitionOfUser } from '../model/partition.ts'
import type { Rotation } from '../model/rotation.ts'
import {
  type Authentication,
  type Cause,
  type Claims,
  type Generations,
  type SessionRecord,
  type SessionState,
  type Sid,
  timeoutOf,
} from '../model/session.ts'
import type { Amendment } from '../model/store.ts'

/** What every engine does to a record in the same way. */

const live: SessionState = Object.freeze({ kind: 'live' })
const beginning: Generations = Object.freeze({ user: 0, tenant: 0, everyone: 0 })

/** The record with exactly its own fields, nothing shared with the caller, frozen through and through. */
export function freezeRecord(record: SessionRecord): SessionRecord {
  return Object.freeze({
    sid: record.sid,
    user: record.user,
    tenant: record.tenant,
    generations: freezeGenerations(record.generations),
    version: record.version,
    state: record.state.kind === 'live' ? live : Object.freeze({ ...record.state }),
    createdAt: record.createdAt,
    seenAt: record.seenAt,
    idle: record.idle,
    endsAt: record.endsAt,
    authentication: freezeAuthentication(record.authentication),
    claims: freezeClaims(record.claims),
    presentation: record.presentation,
    persistent: record.persistent,
    client: record.client,
    device: Object.freeze({ agent: record.device.agent, address: record.device.address }),
    binding: record.binding && Object.freeze({ kind: record.binding.kind, thumbprint: record.binding.thumbprint }),
    salt: record.salt,
    rotation: freezeRotation(record.rotation),
    renewIdentity: record.renewIdentity,
  })
}

function freezeGenerations({ user, tenant, everyone }: Generations): Generations {
  return user === 0 && tenant === 0 && everyone === 0 ? beginning : Object.freeze({ user, tenant, everyone })
}

function freezeAuthentication(authentication: Authentication | null): Authentication | null {
  if (authentication === null) return null
  const { at, level, levelUntil, methods } = authentication
  return Object.freeze({ at, level, levelUntil, methods: Object.freeze([...methods]) })
}

function freezeClaims(claims: Claims): Claims {
  const copy = { ...claims }
  for (const [name, value] of Object.entries(copy)) {
    // Defined, not assigned: `__proto__` is a name like any other.
    if (typeof value === 'object') Object.defineProperty(copy, name, { value: Object.freeze([...value]) })
  }
  return Object.freeze(copy)
}

function freezeRotation({ cur, par, grace, forks, at }: Rotation): Rotation {
  return Object.freeze({ cur, par, grace: Object.freeze([...grace]), forks, at })
}

export function withRotation(record: SessionRecord, to: Rotation, seenAt: Millis): SessionRecord {
  return Object.freeze({ ...record, rotation: freezeRotation(to), seenAt: Math.max(record.seenAt, seenAt) })
}

export function withActivity(record: SessionRecord, seenAt: Millis): SessionRecord {
  return Object.freeze({ ...record, seenAt })
}

export function withUserGeneration(record: SessionRecord, user: number): SessionRecord {
  const { generations } = record
  const raised = Object.freeze({ ...generations, user: Math.max(generations.user, user) })
  return Object.freeze({ ...record, generations: raised })
}

export function ended(record: SessionRecord, cause: Cause, at: Millis): SessionRecord {
  return Object.freeze({ ...record, state: Object.freeze({ kind: 'ended', cause, at }) })
}

export function moved(record: SessionRecord, to: Sid, at: Millis): SessionRecord {
  return Object.freeze({ ...record, state: Object.freeze({ kind: 'moved', to, at }) })
}

export function amended(record: SessionRecord, amendment: Amendment): SessionRecord {
  const { claims, authentication, renewIdentity } = amendment
  return Object.freeze({
    ...record,
    ...(claims !== undefined && { claims: freezeClaims(claims) }),
    ...(authentication !== undefined && { authentication: freezeAuthentication(authentication) }),
    ...(renewIdentity !== undefined && { renewIdentity }),
    version: record.version + 1,
  })
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
