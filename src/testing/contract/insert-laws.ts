import assert from 'node:assert/strict'
import { hour, minute } from '../../base/clock.ts'
import { makeSid } from '../../model/partition.ts'
import type { SessionRecord } from '../../model/session.ts'
import type { AtMost } from '../../model/store.ts'
import {
  allEntries,
  allRevocations,
  begin,
  type Laws,
  later,
  newSession,
  parallel,
  recordOf,
  rejectsWith,
  type Subject,
} from './subject.ts'

export const insertLaws: Laws = {
  'find gives back what was inserted, with the store’s clock': async (subject) => {
    const { backend, clock } = subject
    const anonymous = await begin(subject, { user: null, authentication: null, binding: null, claims: {} })
    const full = await begin(subject, { tenant: 'acme', persistent: true, presentation: 'token', renewIdentity: true })
    clock.advance(5)
    assert.deepEqual(await backend.store.find(anonymous.sid), { record: anonymous, userGeneration: 0, at: clock.now() })
    assert.deepEqual(await backend.store.find(full.sid), { record: full, userGeneration: 0, at: clock.now() })
    assert.equal(await backend.store.find(newSession(subject).sid), null)
    assert.equal(await backend.store.find(''), null)
  },

  'insert never overwrites, whatever has become of the session': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const live = await begin(subject)
    const dead = await begin(subject)
    await store.kill(dead.sid, 'logout', later(subject))
    const before = await allEntries(backend)
    for (const { sid } of [live, dead]) {
      const found = await recordOf(subject, sid)
      const twin = newSession(subject, { sid, claims: { role: 'admin' } })
      await rejectsWith('not_stored', store.insert(twin, new Map([['key', 1]])))
      await rejectsWith('not_stored', store.insert(twin, new Map(), atMost(subject, 1, 'evict_oldest')))
      await rejectsWith('not_stored', store.insert(twin, new Map(), atMost(subject, 1, 'refuse')))
      assert.deepEqual(await recordOf(subject, sid), found)
    }
    assert.deepEqual(await store.data(live.sid), new Map())
    assert.deepEqual(await allEntries(backend), before)
  },

  'of 50 parallel inserts of one sid exactly one is carried out': async (subject) => {
    const { sid } = newSession(subject)
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        subject.backend.store.insert(newSession(subject, { sid, salt: `salt ${index}` }), new Map()),
      ),
    )
    const winners = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [`salt ${index}`] : []))
    assert.equal(winners.length, 1)
    assert.equal((await recordOf(subject, sid))?.salt, winners[0])
  },

  'a session lives in the partition of its user, and nowhere else': async (subject) => {
    const { store } = subject.backend
    const { sid } = newSession(subject, { user: null })
    const beyond = makeSid(store.partitions % 64, sid.slice(1))
    if (store.partitions < 64) {
      await rejectsWith('not_stored', store.insert(newSession(subject, { user: null, sid: beyond }), new Map()))
    }
    const { sid: own } = newSession(subject, { user: 'ann' })
    for (let partition = 0; partition < store.partitions; partition++) {
      const record = newSession(subject, { user: 'ann', sid: makeSid(partition, own.slice(1)) })
      const inserted = store.insert(record, new Map())
      await (record.sid === own ? inserted : rejectsWith('not_stored', inserted))
    }
    assert.deepEqual(
      (await store.list('ann', 9)).map((record) => record.sid),
      [own],
    )
  },

  'S11 with evict_oldest the ones unused for longest make room, and their kills are logged': async (subject) => {
    const { backend, clock } = subject
    const made = await several(subject, 4)
    const [first, second, third, fourth] = made as [SessionRecord, SessionRecord, SessionRecord, SessionRecord]
    await backend.store.touch(new Map([[first.sid, clock.now()]]))
    const others = await begin(subject, { user: 'bob' })
    const next = newSession(subject)
    const inserted = await backend.store.insert(next, new Map(), atMost(subject, 3, 'evict_oldest'))
    assert.deepEqual(inserted, { kind: 'inserted', evicted: [second.sid, third.sid] })
    assert.deepEqual(await sidsOf(subject), new Set([next.sid, first.sid, fourth.sid]))
    assert.deepEqual((await recordOf(subject, second.sid))?.state, { kind: 'ended', cause: 'evicted', at: clock.now() })
    assert.equal((await recordOf(subject, others.sid))?.state.kind, 'live')
    assert.deepEqual(
      await allRevocations(backend),
      [second, third].map(({ sid }) => ({ kind: 'kill', sid, cause: 'evicted', until: later(subject) })),
    )
  },

  'S11 with refuse nothing is added, and nothing else changes': async (subject) => {
    const { backend } = subject
    const before = await several(subject, 3)
    const next = newSession(subject)
    assert.deepEqual(await backend.store.insert(next, new Map(), atMost(subject, 3, 'refuse')), { kind: 'full' })
    assert.equal(await backend.store.find(next.sid), null)
    assert.deepEqual(await sidsOf(subject), new Set(before.map(({ sid }) => sid)))
    assert.deepEqual(await allRevocations(backend), [])
    const inserted = await backend.store.insert(next, new Map(), atMost(subject, 4, 'refuse'))
    assert.deepEqual(inserted, { kind: 'inserted', evicted: [] })
  },

  'S11 only sessions that stand are counted: not ended, timed out, generations of before, nor others’': async (
    subject,
  ) => {
    const { backend, clock } = subject
    const { store } = backend
    const ended = await begin(subject)
    await store.kill(ended.sid, 'logout', later(subject))
    await begin(subject, { idle: minute })
    await begin(subject, { endsAt: clock.now() + minute })
    await begin(subject, { user: 'bob' })
    await begin(subject, { user: null })
    await begin(subject, { tenant: 'acme' })
    await store.bump({ kind: 'tenant', tenant: 'acme' }, 'revoked', later(subject))
    await begin(subject)
    await store.bump({ kind: 'user', user: 'ann' }, 'revoked', later(subject))
    await begin(subject, { generations: { user: 1, tenant: 0, everyone: 0 } })
    await store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    clock.advance(minute)
    const generations = { user: 1, tenant: 0, everyone: 1 }
    const first = newSession(subject, { generations })
    const second = newSession(subject, { generations })
    const refuse = atMost(subject, 1, 'refuse')
    assert.deepEqual(await store.insert(first, new Map(), refuse), { kind: 'inserted', evicted: [] })
    assert.deepEqual(await store.insert(second, new Map(), refuse), { kind: 'full' })
  },

  'S11 an anonymous session has no limit': async (subject) => {
    const { store } = subject.backend
    await begin(subject, { user: null })
    const next = newSession(subject, { user: null })
    assert.equal((await store.insert(next, new Map(), atMost(subject, 1, 'refuse'))).kind, 'inserted')
  },

  'S11 of 50 parallel inserts with refuse exactly as many are carried out as may be': async (subject) => {
    const { store } = subject.backend
    const answers = await parallel(50, () => store.insert(newSession(subject), new Map(), atMost(subject, 7, 'refuse')))
    assert.equal(answers.filter(({ kind }) => kind === 'inserted').length, 7)
    assert.equal((await store.list('ann', 99)).length, 7)
  },

  'S11 of 50 parallel inserts with evict_oldest all are carried out, and as many stand as may be': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const answers = await parallel(50, () =>
      store.insert(newSession(subject), new Map(), atMost(subject, 7, 'evict_oldest')),
    )
    const evicted = answers.flatMap((answer) => (answer.kind === 'inserted' ? answer.evicted : assert.fail()))
    assert.equal((await store.list('ann', 99)).length, 7)
    assert.equal(new Set(evicted).size, 43)
    assert.equal(evicted.length, 43)
    assert.equal((await allRevocations(backend)).length, 43)
  },

  'what the caller passed in is not kept': async (subject) => {
    const { store } = subject.backend
    const record = newSession(subject)
    const { claims } = record
    const expected = structuredClone(record)
    const value = { list: [1] }
    const data = new Map<string, { list: number[] }>([['cart', value]])
    const inserting = store.insert(record, data)
    spoil(record)
    value.list.push(2)
    data.set('more', { list: [] })
    await inserting
    assert.equal(claims.role, 'spoilt', 'and nothing of the caller’s is frozen')
    assert.deepEqual(await recordOf(subject, expected.sid), expected)
    assert.deepEqual(await store.data(expected.sid), new Map([['cart', { value: { list: [1] }, version: 1 }]]))
  },

  'answers are immutable, or the caller’s own': async (subject) => {
    const { store } = subject.backend
    const record = newSession(subject)
    await store.insert(record, new Map([['cart', { list: [1] }]]))
    const answers: unknown[] = [await store.find(record.sid), await store.list('ann', 9), await store.data(record.sid)]
    for (const answer of answers) spoil(answer)
    const cart = (await store.data(record.sid))?.get('cart')
    spoil(cart)
    assert.deepEqual(await recordOf(subject, record.sid), record)
    assert.deepEqual(await store.list('ann', 9), [record])
    assert.deepEqual(await store.data(record.sid), new Map([['cart', { value: { list: [1] }, version: 1 }]]))
  },
}

export function atMost(subject: Subject, count: number, otherwise: AtMost['otherwise']): AtMost {
  return { count, otherwise, until: later(subject) }
}

/** Sessions of `ann`, each used a second later than the one before. */
async function several(subject: Subject, count: number): Promise<readonly SessionRecord[]> {
  const made: SessionRecord[] = []
  for (let index = 0; index < count; index++) {
    made.push(await begin(subject))
    subject.clock.advance(1000)
  }
  return made
}

async function sidsOf({ backend }: Subject): Promise<ReadonlySet<string>> {
  return new Set((await backend.store.list('ann', 99)).map(({ sid }) => sid))
}

/** Changes everything that lets itself be changed. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Map) {
    for (const inner of value.values()) spoil(inner)
    value.clear()
    return
  }
  for (const [name, inner] of Object.entries(value)) {
    spoil(inner)
    Reflect.set(value, name, typeof inner === 'number' ? inner + hour : 'spoilt')
  }
  if (Array.isArray(value)) Reflect.set(value, value.length, 'spoilt')
}
