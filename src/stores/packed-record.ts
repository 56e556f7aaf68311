import type { Millis } from '../base/clock.ts'
import type { Rotation } from '../model/rotation.ts'
import {
  type Authentication,
  type Binding,
  type Cause,
  type Claims,
  type ClaimValue,
  expiryOf,
  type Generations,
  type Level,
  type SessionRecord,
  type SessionState,
  type Sid,
} from '../model/session.ts'

/**
 * A record as a list by position, for JSON: short, because many are kept. Without the sid, which is its key. The state comes first, then the
 * times, so that `isPackedLive` and `packedExpiry` need not read the rest.
 */
type Packed = readonly [
  state: PackedState,
  times: PackedTimes,
  user: string | null,
  tenant: string | null,
  generations: PackedGenerations,
  version: number,
  authentication: PackedAuthentication | null,
  claims: PackedClaims,
  presentation: SessionRecord['presentation'],
  persistent: boolean,
  client: string,
  device: readonly [agent: string, address: string | null],
  binding: readonly [kind: Binding['kind'], thumbprint: string] | null,
  salt: string,
  rotation: PackedRotation,
  renewIdentity: boolean,
]

type PackedHead = readonly [state: typeof live, times: PackedTimes]
type PackedState = typeof live | readonly [kind: 'ended' | 'moved', detail: string, at: PackedTime]
type PackedTimes = readonly [createdAt: PackedNumber, seenAt: PackedTime, idle: PackedNumber, endsAt: PackedTime]
type PackedGenerations = readonly [user: number, tenant: number, everyone: number]
type PackedAuthentication = readonly [at: PackedTime, level: Level, levelUntil: PackedTime, methods: readonly string[]]
type PackedClaims = Readonly<Record<string, ClaimValue | OddNumber>>
type PackedRotation = readonly [cur: number, par: number, grace: readonly number[], forks: number, at: PackedTime]

type PackedNumber = number | OddNumber
/** A plain number is counted from `createdAt`, an odd one is the instant itself. */
type PackedTime = PackedNumber

/** A number as its words: JSON has none for some, such as -0. */
interface OddNumber {
  readonly number: string
}

const live = 0
const liveStart = `[${live},`

/** The record without its sid as one text, which shares no memory with what the record was made of. */
export function packRecord(record: SessionRecord): string {
  const { state, createdAt, generations, authentication, device, binding } = record
  const timeOf = (at: Millis): PackedTime => packTime(at, createdAt)
  const packed: Packed = [
    packState(state, timeOf),
    [packNumber(createdAt), timeOf(record.seenAt), packNumber(record.idle), timeOf(record.endsAt)],
    record.user,
    record.tenant,
    [generations.user, generations.tenant, generations.everyone],
    record.version,
    authentication && packAuthentication(authentication, timeOf),
    packClaims(record.claims),
    record.presentation,
    record.persistent,
    record.client,
    [device.agent, device.address],
    binding && [binding.kind, binding.thumbprint],
    record.salt,
    packRotation(record.rotation, timeOf),
    record.renewIdentity,
  ]
  return JSON.stringify(packed)
}

/** A new record each time, frozen through and through. */
export function unpackRecord(sid: Sid, text: string): SessionRecord {
  const [
    state,
    [created, seen, idle, ends],
    user,
    tenant,
    generations,
    version,
    authentication,
    claims,
    presentation,
    persistent,
    client,
    [agent, address],
    binding,
    salt,
    rotation,
    renewIdentity,
  ] = JSON.parse(text) as Packed
  const createdAt = unpackNumber(created)
  const instantOf = (at: PackedTime): Millis => unpackTime(at, createdAt)
  return Object.freeze({
    sid,
    user,
    tenant,
    generations: unpackGenerations(generations),
    version,
    state: unpackState(state, instantOf),
    createdAt,
    seenAt: instantOf(seen),
    idle: unpackNumber(idle),
    endsAt: instantOf(ends),
    authentication: authentication && unpackAuthentication(authentication, instantOf),
    claims: unpackClaims(claims),
    presentation,
    persistent,
    client,
    device: Object.freeze({ agent, address }),
    binding: binding && Object.freeze({ kind: binding[0], thumbprint: binding[1] }),
    salt,
    rotation: unpackRotation(rotation, instantOf),
    renewIdentity,
  })
}

/** Whether the packed record is of a live session. */
export function isPackedLive(text: string): boolean {
  return text.startsWith(liveStart)
}

/** When a live session ends if it is not used again. Reads only the head of the record: sweeping asks this of many. */
export function packedExpiry(text: string): Millis {
  const head = `${text.slice(0, text.indexOf(']') + 1)}]`
  const [, [created, seen, idle, ends]] = JSON.parse(head) as PackedHead
  const createdAt = unpackNumber(created)
  const endsAt = unpackTime(ends, createdAt)
  return expiryOf({ seenAt: unpackTime(seen, createdAt), idle: unpackNumber(idle), endsAt })
}

type Pack = (at: Millis) => PackedTime
type Unpack = (at: PackedTime) => Millis

function packState(state: SessionState, timeOf: Pack): PackedState {
  switch (state.kind) {
    case 'live':
      return live
    case 'ended':
      return ['ended', state.cause, timeOf(state.at)]
    case 'moved':
      return ['moved', state.to, timeOf(state.at)]
  }
}

function unpackState(state: PackedState, instantOf: Unpack): SessionState {
  if (state === live) return Object.freeze({ kind: 'live' })
  const [kind, detail, time] = state
  const at = instantOf(time)
  return Object.freeze(kind === 'ended' ? { kind, cause: detail as Cause, at } : { kind, to: detail, at })
}

function unpackGenerations([user, tenant, everyone]: PackedGenerations): Generations {
  return Object.freeze({ user, tenant, everyone })
}

function packAuthentication({ at, level, levelUntil, methods }: Authentication, timeOf: Pack): PackedAuthentication {
  return [timeOf(at), level, timeOf(levelUntil), methods]
}

function unpackAuthentication(packed: PackedAuthentication, instantOf: Unpack): Authentication {
  const [at, level, levelUntil, methods] = packed
  return Object.freeze({
    at: instantOf(at),
    level,
    levelUntil: instantOf(levelUntil),
    methods: Object.freeze(methods),
  })
}

function packRotation({ cur, par, grace, forks, at }: Rotation, timeOf: Pack): PackedRotation {
  return [cur, par, grace, forks, timeOf(at)]
}

function unpackRotation([cur, par, grace, forks, at]: PackedRotation, instantOf: Unpack): Rotation {
  return Object.freeze({ cur, par, grace: Object.freeze(grace), forks, at: instantOf(at) })
}

function packClaims(claims: Claims): PackedClaims {
  const entries = Object.entries(claims)
  if (!entries.some(([, value]) => typeof value === 'number')) return claims
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'number' ? packNumber(value) : value]),
  )
}

/** Of the parsed object itself, which nobody else has. */
function unpackClaims(packed: PackedClaims): Claims {
  const entries = Object.entries(packed)
  if (!entries.some(([, value]) => typeof value === 'object')) return Object.freeze(packed as Claims)
  return Object.freeze(Object.fromEntries(entries.map(([name, value]) => [name, unpackClaim(value)])))
}

function unpackClaim(value: ClaimValue | OddNumber): ClaimValue {
  if (typeof value !== 'object') return value
  return 'number' in value ? unpackNumber(value) : Object.freeze(value)
}

function packTime(at: Millis, createdAt: Millis): PackedTime {
  const since = at - createdAt
  return Object.is(createdAt + since, at) ? packNumber(since) : oddNumber(at)
}

function unpackTime(packed: PackedTime, createdAt: Millis): Millis {
  return typeof packed === 'number' ? createdAt + packed : unpackNumber(packed)
}

function packNumber(value: number): PackedNumber {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : oddNumber(value)
}

function unpackNumber(packed: PackedNumber): number {
  return typeof packed === 'number' ? packed : Number(packed.number)
}

function oddNumber(value: number): OddNumber {
  return { number: Object.is(value, -0) ? '-0' : String(value) }
}
