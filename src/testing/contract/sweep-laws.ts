import assert from 'node:assert/strict'
import { hour, minute } from '../../base/clock.ts'
import { genesis } from '../../model/log.ts'
import type { Position } from '../../model/revocation.ts'
import { begin, entriesAfter, type Laws, later, newSession, recordOf } from './subject.ts'

export const sweepLaws: Laws = {
  'V4 sweep takes what is past, at most as many as allowed, and leaves the rest': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const ended = await begin(subject, { user: 'eve' })
    await store.kill(ended.sid, 'logout', later(subject))
    const moved = await begin(subject, { user: 'eve' })
    const next = newSession(subject, { user: 'eve' })
    await store.move(moved, next, later(subject))
    for (let times = 0; times < 3; times++) await begin(subject, { idle: minute })
    await begin(subject, { endsAt: clock.now() + minute })
    const touched = await begin(subject, { idle: minute })
    await store.touch(new Map([[touched.sid, clock.now() + minute]]))
    clock.advance(minute - 1)
    assert.equal(await store.sweep(clock.now() - minute, 99), 0)
    assert.equal(await store.sweep(clock.now(), 99), 2, 'the ended and the moved')
    clock.advance(1)
    assert.equal(await store.sweep(clock.now(), 0), 0)
    assert.equal(await store.sweep(clock.now(), 3), 3)
    assert.equal(await store.sweep(clock.now(), 3), 1)
    assert.equal(await store.sweep(clock.now(), 3), 0)
    assert.equal(await store.find(ended.sid), null)
    assert.equal(await store.find(moved.sid), null)
    assert.deepEqual(await recordOf(subject, next.sid), next)
    assert.deepEqual(
      (await store.list('ann', 9)).map(({ sid }) => sid),
      [touched.sid],
    )
  },

  'V4 a few at a time, until none is left, and again': async (subject) => {
    const { backend, clock } = subject
    for (let times = 0; times < 3; times++) {
      for (let index = 0; index < 40; index++) await begin(subject, { user: `user ${index}`, idle: minute })
      const lasting = await begin(subject, { user: 'lasting', idle: hour })
      clock.advance(minute)
      const swept: number[] = []
      while (swept.at(-1) !== 0) swept.push(await backend.store.sweep(clock.now(), 7))
      assert.deepEqual(swept, [7, 7, 7, 7, 7, 5, 0])
      assert.deepEqual(await recordOf(subject, lasting.sid), lasting)
    }
  },

  'V4 an instant equal to the end has passed': async (subject) => {
    const { backend, clock } = subject
    await begin(subject, { idle: minute })
    clock.advance(minute - 1)
    assert.equal(await backend.store.sweep(clock.now(), 9), 0)
    clock.advance(1)
    assert.equal(await backend.store.sweep(clock.now(), 9), 1)
  },

  'V4 the store’s clock is the latest that a sweep goes by': async (subject) => {
    const { backend } = subject
    const record = await begin(subject)
    await backend.store.kill((await begin(subject)).sid, 'logout', later(subject))
    await backend.store.sweep(Number.MAX_SAFE_INTEGER, 99)
    assert.deepEqual(await recordOf(subject, record.sid), record)
    assert.equal((await entriesAfter(backend, partitionIn(record.sid), genesis)).length, 1)
  },

  'P-I6 the dead stay as long as is asked for, however early they ended': async (subject) => {
    const { backend, clock } = subject
    const { sid } = await begin(subject)
    clock.advance(2 * hour)
    await backend.store.kill(sid, 'idle', later(subject))
    clock.advance(hour)
    assert.equal(await backend.store.sweep(clock.now() - hour - 1, 9), 0)
    assert.equal((await recordOf(subject, sid))?.state.kind, 'ended')
    assert.equal(await backend.store.sweep(clock.now() - hour, 9), 1)
  },

  'V4 what was swept leaves nothing behind: no data, no place in a list': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const record = newSession(subject, { idle: minute })
    await store.insert(record, new Map([['cart', 1]]))
    clock.advance(minute)
    assert.equal(await store.sweep(clock.now(), 9), 1)
    const again = newSession(subject, { sid: record.sid })
    assert.equal((await store.insert(again, new Map())).kind, 'inserted')
    assert.deepEqual(await store.data(record.sid), new Map())
    assert.deepEqual(await store.list('ann', 9), [again])
    assert.equal(await store.sweep(clock.now(), 9), 0)
  },

  'P-I6 log entries stay until their time, and go from the oldest on': async (subject) => {
    const { backend, clock } = subject
    const { store, log } = backend
    const now = clock.now()
    for (const until of [now + minute, now + 3 * minute, now + minute, now + hour]) await store.retireKey('key', until)
    const all = await entriesAfter(backend, 0, genesis)
    const [first, second, third, fourth] = all.map(({ position }) => position) as [
      Position,
      Position,
      Position,
      Position,
    ]
    clock.advance(minute - 1)
    await store.sweep(clock.now(), 99)
    assert.equal((await entriesAfter(backend, 0, genesis)).length, 4)
    clock.advance(1)
    await store.sweep(clock.now(), 99)
    assert.deepEqual(await log.read(0, genesis, 9), { kind: 'diverged' }, 'behind the first that is left')
    assert.deepEqual(await entriesAfter(backend, 0, first), all.slice(1), 'the third has to wait for the second')
    clock.advance(2 * minute)
    await store.sweep(clock.now(), 1)
    assert.deepEqual(await entriesAfter(backend, 0, second), all.slice(2), 'bounded')
    await store.sweep(clock.now(), 99)
    assert.deepEqual(await log.read(0, second, 9), { kind: 'diverged' })
    assert.deepEqual(await log.read(0, { ...third, chain: second.chain }, 9), { kind: 'diverged' })
    assert.deepEqual(await entriesAfter(backend, 0, third), all.slice(3))
    assert.deepEqual(await log.tail(0, 0), { kind: 'entries', entries: all.slice(3), head: fourth })
  },

  'P-R3 a log that was swept empty goes on where it was': async (subject) => {
    const { backend, clock } = subject
    const { store, log } = backend
    await store.retireKey('one', clock.now() + 1)
    await store.retireKey('two', clock.now() + 1)
    const head = (await log.tail(0, 0)).head
    clock.advance(1)
    await store.sweep(clock.now(), 99)
    assert.deepEqual(await log.read(0, head, 9), { kind: 'entries', entries: [], head })
    assert.deepEqual(await log.tail(0, 0), { kind: 'entries', entries: [], head })
    assert.deepEqual((await log.heartbeat('node', [])).heads[0], head)
    assert.deepEqual(await log.read(0, genesis, 9), { kind: 'diverged' })
    assert.equal(log.local?.since(0, head) ?? null, null)
    if (log.local !== null) assert.deepEqual(log.local.since(0, genesis), { kind: 'diverged' })
    await store.retireKey('three', later(subject))
    const [entry, ...others] = await entriesAfter(backend, 0, head)
    assert.deepEqual([entry?.position.seq, others], [3, []])
  },
}

function partitionIn(sid: string): number {
  return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(sid.charAt(0))
}
