import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { day, hour, type Millis } from '../../base/clock.ts'
import { type FaultKind, isFault } from '../../base/fault.ts'
import type { Backend } from '../../model/backend.ts'
import { genesis } from '../../model/log.ts'
import { makeSid, partitionOfUser } from '../../model/partition.ts'
import type { LogEntry, Position, Revocation } from '../../model/revocation.ts'
import { firstRotation } from '../../model/rotation.ts'
import type { SessionRecord, Sid } from '../../model/session.ts'
import type { ManualClock } from '../manual-clock.ts'

/** What a law is tried on: an empty backend, and the clock that it goes by. */
export interface Subject {
  readonly backend: Backend
  readonly clock: ManualClock
  /** Closes the backend and opens the same data again; for durable ones. */
  readonly reopen?: () => Promise<Backend>
}

export type Law = (subject: Subject) => Promise<void>

/** Laws by what they say. */
export type Laws = Readonly<Record<string, Law>>

let made = 0

/** A handle like any other, but the same in every run. */
export function newSid({ store }: Backend, user: string | null, name = `session ${++made}`): Sid {
  const random = hash('sha256', name, 'buffer').subarray(0, 16).toString('base64url')
  return makeSid(user === null ? 0 : partitionOfUser(user, store.partitions), random)
}

/** A live session of `ann` that begins now, with whatever is to be different. */
export function newSession({ backend, clock }: Subject, changes: Partial<SessionRecord> = {}): SessionRecord {
  const now = clock.now()
  const user = changes.user === undefined ? 'ann' : changes.user
  return {
    sid: newSid(backend, user),
    user,
    tenant: null,
    generations: { user: 0, tenant: 0, everyone: 0 },
    version: 1,
    state: { kind: 'live' },
    createdAt: now,
    seenAt: now,
    idle: hour,
    endsAt: now + day,
    authentication: { at: now, level: 2, levelUntil: now + day, methods: ['pwd', 'otp'] },
    claims: { role: 'editor', limit: 3, beta: true, groups: ['a', 'b'] },
    presentation: 'cookie',
    persistent: false,
    client: 'web',
    device: { agent: 'Mozilla/5.0', address: '192.0.2.1' },
    binding: { kind: 'dpop', thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' },
    salt: 'AAAAAAAAAAAAAAAAAAAAAA',
    rotation: firstRotation(now),
    renewIdentity: false,
    ...changes,
  }
}

/** Inserts it. */
export async function begin(subject: Subject, changes: Partial<SessionRecord> = {}): Promise<SessionRecord> {
  const record = newSession(subject, changes)
  assert.deepEqual(await subject.backend.store.insert(record, new Map()), { kind: 'inserted', evicted: [] })
  return record
}

export async function recordOf({ backend }: Subject, sid: Sid): Promise<SessionRecord | undefined> {
  return (await backend.store.find(sid))?.record
}

/** When a revocation of now may be forgotten. */
export function later({ clock }: Subject): Millis {
  return clock.now() + hour
}

/** Everything in the log, partition by partition. */
export async function allEntries({ log }: Backend): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for (let partition = 0; partition < log.partitions; partition++) {
    entries.push(...(await entriesAfter({ log }, partition, genesis)))
  }
  return entries
}

export async function entriesAfter(
  { log }: Pick<Backend, 'log'>,
  partition: number,
  after: Position,
): Promise<readonly LogEntry[]> {
  const page = await log.read(partition, after, 10_000)
  assert.equal(page.kind, 'entries')
  return page.kind === 'entries' ? page.entries : []
}

export async function allRevocations(backend: Backend): Promise<readonly Revocation[]> {
  return (await allEntries(backend)).map(({ revocation }) => revocation)
}

export async function rejectsWith(kind: FaultKind, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isFault(error), `expected a Fault, got ${String(error)}`)
    assert.equal(error.kind, kind)
    return true
  })
}

export async function parallel<T>(count: number, run: (index: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => run(index)))
}

/** Text that has broken stores: each is only ever a value, and equal to itself alone. */
export const naughty: readonly string[] = [
  ...['', ' ', '  ', '\0', 'a', 'A', 'a ', ' a', 'a\0', 'a\0b', 'a\n', 'a\r\nb', '\t', '\u0007', '\u001b[2J'],
  ...['*', '?', '%', '_', '[a-z]', '{a}', '{b}', '{}', '$1', ':1', '@a', '?1', '"', "'", "''", '`', '\\', '\\\\', '--'],
  ...[
    `'; DROP TABLE session; --`,
    `" OR ""="`,
    'redis.call("FLUSHALL")',
    '\r\nFLUSHALL\r\n',
    '{{x}}',
    '%s%n',
    '../../etc',
  ],
  ...['u:a', 't:a', 'e', 'user', 'everyone', 'null', 'undefined', 'true', 'NaN', '0', '00', '-0', '1e3', '1000', '1.0'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'then'],
  ...['\u00e9', 'e\u0301', '\u00df', 'ss', '\u0130', 'i', '\u212a', 'k', '\u{1F600}', '\u{10FFFF}', '\uffff', '\ue000'],
  ...['\ufeffa', '\u200b', '\u202e', '\ufffd', '\ud800', '\udc00', '\udc00\ud800', 'a\ud800', '\ud800a'],
  ...['x'.repeat(999), 'x'.repeat(1000), '\u{1F600}'.repeat(300)],
]
