import type { Millis } from '../base/clock.ts'
import type { LogEntry, Revocation, Scope } from '../model/revocation.ts'
import { type Cause, expiryOf, type SessionRecord, type SessionState, type Sid } from '../model/session.ts'
import { decodeText, encodeText } from './redis-text.ts'

/**
 * A session as the fields of a hash, each at most 64 bytes where nothing long is in it, so that Redis keeps the hash in one piece. `a` is what never changes, `b` what each renewal changes; the
 * scripts read and write both.
 */
export interface SessionFields {
  readonly a: string
  readonly b: string
  /** The others, by name: `u` user, `t` tenant, `z` state, `l` claims, `w` client, `v` device, `y` authentication, `x` binding. */
  readonly others: readonly (readonly [name: string, value: string])[]
}

/** The order in which the scripts give them. */
const order = ['a', 'b', 'u', 't', 'z', 'l', 'w', 'v', 'y', 'x'] as const
type FieldName = (typeof order)[number]

const usualClient = 'first-party'

/** Buckets of each partition; sessions of one user are in one, with when they are due. */
export const buckets = 1024

/** FNV-1a over UTF-16 units, other bits than those of the partition. */
export function bucketOf(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return ((hash >>> 0) >>> 6) % buckets
}

export function bucketOfRecord({ user, sid }: Pick<SessionRecord, 'user' | 'sid'>): number {
  return bucketOf(user ?? sid)
}

/** How a user’s sessions are marked in the bucket, behind their 22 characters. */
export function ownerOf(user: string | null): string {
  return user === null ? 'a' : `u${encodeText(user)}`
}

export function fieldsOf(record: SessionRecord): SessionFields {
  const { createdAt, rotation, generations } = record
  const since = (at: Millis): string => sinceText(at, createdAt)
  const marks = `${record.presentation === 'cookie' ? 'c' : 't'}${record.persistent ? 'p' : 's'}`
  return {
    a: [numberText(createdAt), numberText(record.idle), since(record.endsAt), marks, encodeText(record.salt)].join(' '),
    b: [
      since(record.seenAt),
      since(rotation.at),
      rotation.cur,
      rotation.par,
      rotation.forks,
      graceText(rotation.grace),
      record.version,
      generations.user,
      generations.tenant,
      generations.everyone,
      record.renewIdentity ? 1 : 0,
      bucketOfRecord(record),
    ].join(' '),
    others: othersOf(record),
  }
}

function othersOf(record: SessionRecord): readonly (readonly [string, string])[] {
  const { user, tenant, state, claims, client, device, authentication, binding } = record
  const all: readonly (readonly [FieldName, string | null])[] = [
    ['u', user === null ? null : encodeText(user)],
    ['t', tenant === null ? null : encodeText(tenant)],
    ['z', stateText(state)],
    ['l', Object.keys(claims).length === 0 ? null : JSON.stringify(claims)],
    ['w', client === usualClient ? null : encodeText(client)],
    ['v', device.agent === '' && device.address === null ? null : JSON.stringify([device.agent, device.address])],
    ['y', authentication === null ? null : authenticationText(authentication)],
    ['x', binding === null ? null : JSON.stringify([binding.kind, binding.thumbprint])],
  ]
  return all.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
}

export function authenticationText(authentication: SessionRecord['authentication']): string {
  if (authentication === null) return 'null'
  const { at, level, levelUntil, methods } = authentication
  return JSON.stringify([at, level, sinceText(levelUntil, at), methods])
}

/** Each field with a mark before it, or an empty text where there is none. */
export function recordOf(sid: Sid, given: readonly string[]): SessionRecord {
  const value = (name: FieldName): string | null => {
    const text = given[order.indexOf(name)] ?? ''
    return text === '' ? null : text.slice(1)
  }
  const [created = '', idle, ends = '', marks = '', ...salt] = (value('a') ?? '').split(' ')
  const hot = (value('b') ?? '').split(' ')
  const createdAt = Number(created)
  const instant = (text: string | undefined): Millis => instantOf(text ?? '', createdAt)
  const [user, tenant, client] = [value('u'), value('t'), value('w')]
  const device = value('v')
  const [agent, address] = device === null ? ['', null] : (JSON.parse(device) as [string, string | null])
  return {
    sid,
    user: user === null ? null : decodeText(user),
    tenant: tenant === null ? null : decodeText(tenant),
    generations: { user: Number(hot[7]), tenant: Number(hot[8]), everyone: Number(hot[9]) },
    version: Number(hot[6]),
    state: stateOf(value('z')),
    createdAt,
    seenAt: instant(hot[0]),
    idle: Number(idle),
    endsAt: instant(ends),
    authentication: authenticationOf(value('y')),
    claims: JSON.parse(value('l') ?? '{}') as SessionRecord['claims'],
    presentation: marks.startsWith('c') ? 'cookie' : 'token',
    persistent: marks.endsWith('p'),
    client: client === null ? usualClient : decodeText(client),
    device: { agent, address },
    binding: bindingOf(value('x')),
    salt: decodeText(salt.join(' ')),
    rotation: {
      at: instant(hot[1]),
      cur: Number(hot[2]),
      par: Number(hot[3]),
      forks: Number(hot[4]),
      grace: graceOf(hot[5] ?? '-'),
    },
    renewIdentity: hot[10] === '1',
  }
}

function authenticationOf(text: string | null): SessionRecord['authentication'] {
  if (text === null || text === 'null') return null
  const [at, level, until, methods] = JSON.parse(text) as [Millis, 1 | 2 | 3, string, readonly string[]]
  return { at, level, levelUntil: instantOf(until, at), methods }
}

function bindingOf(text: string | null): SessionRecord['binding'] {
  if (text === null) return null
  const [kind, thumbprint] = JSON.parse(text) as [NonNullable<SessionRecord['binding']>['kind'], string]
  return { kind, thumbprint }
}

function stateText(state: SessionState): string | null {
  switch (state.kind) {
    case 'live':
      return null
    case 'ended':
      return `e ${numberText(state.at)} ${state.cause}`
    case 'moved':
      return `m ${numberText(state.at)} ${state.to}`
  }
}

function stateOf(text: string | null): SessionState {
  if (text === null) return { kind: 'live' }
  const [kind, at, detail = ''] = text.split(' ')
  if (kind === 'm') return { kind: 'moved', to: detail, at: Number(at) }
  return { kind: 'ended', cause: detail as Cause, at: Number(at) }
}

export function graceText(grace: readonly number[]): string {
  return grace.length === 0 ? '-' : grace.join(',')
}

function graceOf(text: string): readonly number[] {
  return text === '-' ? [] : text.split(',').map(Number)
}

/** As short as it can be, and exact: an instant that cannot be counted from the other one stands for itself. */
function sinceText(at: Millis, from: Millis): string {
  const since = at - from
  return Object.is(from + since, at) ? numberText(since) : `=${numberText(at)}`
}

function instantOf(text: string, from: Millis): Millis {
  return text.startsWith('=') ? Number(text.slice(1)) : from + Number(text)
}

export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

export function dueText(record: SessionRecord): string {
  const due = record.state.kind === 'live' ? expiryOf(record) : record.state.at
  return due === Number.POSITIVE_INFINITY ? '+inf' : numberText(due)
}

/** A revocation as the text in the log, without `until`; always with the same parts in the same order. */
export function eventText(revocation: Revocation): string {
  if (revocation.kind === 'generation') {
    const { generation, spare, cause } = revocation
    return `${beginningOf(revocation)}${generation},"spare":${JSON.stringify(spare)}${endOf(cause)}`
  }
  if (revocation.kind === 'kill') return `${beginningOf(revocation)},"cause":${JSON.stringify(revocation.cause)}}`
  return revocation.kind === 'version' ? `${beginningOf(revocation)}${revocation.version}}` : beginningOf(revocation)
}

/** How every event begins that is about the same; a number follows where one can say more than another. */
export function beginningOf(revocation: Revocation): string {
  switch (revocation.kind) {
    case 'kill':
      return `{"kind":"kill","sid":${JSON.stringify(revocation.sid)}`
    case 'version':
      return `{"kind":"version","sid":${JSON.stringify(revocation.sid)},"version":`
    case 'key':
      return `{"kind":"key","kid":${JSON.stringify(revocation.kid)}}`
    case 'generation':
      return `${scopeText(revocation.scope)},"generation":`
  }
}

export function scopeText(scope: Scope): string {
  return `{"kind":"generation","scope":${JSON.stringify(copyOf(scope))}`
}

/** The same members in the same order, whatever the caller's object has. */
function copyOf(scope: Scope): Scope {
  switch (scope.kind) {
    case 'user':
      return { kind: 'user', user: scope.user }
    case 'tenant':
      return { kind: 'tenant', tenant: scope.tenant }
    case 'everyone':
      return { kind: 'everyone' }
  }
}

export function endOf(cause: Cause): string {
  return `,"cause":${JSON.stringify(cause)}}`
}

/** An entry of the stream: its id, and its fields. */
export type StreamEntry = readonly [id: string, fields: readonly string[]]

export function entryOf(partition: number, [id, fields]: StreamEntry): LogEntry {
  const value = (name: string): string => fields[fields.indexOf(name) + 1] ?? ''
  const revocation = { ...(JSON.parse(value('e')) as Revocation), until: Number(value('u')) }
  return {
    partition,
    position: { seq: Number.parseInt(id, 10), chain: value('c') },
    at: Number(value('a')),
    revocation,
  }
}
