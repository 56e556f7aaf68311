import assert from 'node:assert/strict'
import { hour, minute } from '../../base/clock.ts'
import type { Rotation } from '../../model/rotation.ts'
import type { Amendment, Change } from '../../model/store.ts'
import {
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

const rotated: Rotation = { cur: 2, par: 1, grace: [0, 1], forks: 3, at: 1_700_000_100_000 }

export const changeLaws: Laws = {
  'R2 rotate compares and sets: rotation and activity, nothing else, and no log entry': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const record = await begin(subject)
    clock.advance(minute)
    assert.equal(await store.rotate(record.sid, record.rotation, rotated, clock.now()), 'done')
    assert.deepEqual(await recordOf(subject, record.sid), { ...record, rotation: rotated, seenAt: clock.now() })
    assert.equal(await store.rotate(record.sid, record.rotation, { ...rotated, cur: 9 }, clock.now()), 'changed')
    assert.deepEqual(await recordOf(subject, record.sid), { ...record, rotation: rotated, seenAt: clock.now() })
    assert.equal(await store.rotate(record.sid, rotated, { ...rotated, cur: 3 }, record.seenAt), 'done')
    assert.equal((await recordOf(subject, record.sid))?.seenAt, clock.now(), 'activity never goes back')
    assert.deepEqual(await allRevocations(backend), [])
  },

  'R2 rotate wants the same counter and the same instant': async (subject) => {
    const { store } = subject.backend
    const { sid, rotation, seenAt } = await begin(subject)
    assert.equal(await store.rotate(sid, { ...rotation, cur: rotation.cur + 1 }, rotated, seenAt), 'changed')
    assert.equal(await store.rotate(sid, { ...rotation, at: rotation.at + 1 }, rotated, seenAt), 'changed')
    assert.equal(await store.rotate(sid, { ...rotation, grace: [7], par: 7, forks: 7 }, rotated, seenAt), 'done')
  },

  'R2 of 100 parallel rotations from one state exactly one is carried out': async (subject) => {
    const { store } = subject.backend
    const { sid, rotation, seenAt } = await begin(subject)
    const answers = await parallel(100, (index) =>
      store.rotate(sid, rotation, { ...rotated, forks: index }, seenAt + index),
    )
    assert.equal(answers.filter((answer) => answer === 'done').length, 1)
    assert.equal(answers.filter((answer) => answer === 'changed').length, 99)
    const forks = answers.indexOf('done')
    const record = await recordOf(subject, sid)
    assert.deepEqual([record?.rotation, record?.seenAt], [{ ...rotated, forks }, seenAt + forks])
  },

  'S2 move carries the data along, ends the old identity for good, and makes what was issued for it stale': async (
    subject,
  ) => {
    const { backend, clock } = subject
    const { store } = backend
    const old = await begin(subject, { version: 4 })
    await store.patch(old.sid, { set: new Map([['a', 1]]), remove: [] })
    await store.patch(old.sid, { set: new Map([['b', { c: [2] }]]), remove: [] })
    clock.advance(minute)
    const data = await store.data(old.sid)
    const next = newSession(subject, { createdAt: old.createdAt, version: 5, rotation: rotated })
    assert.equal(await store.move(old, next, later(subject)), 'done')
    assert.deepEqual(await recordOf(subject, next.sid), next)
    assert.deepEqual(await store.data(next.sid), data)
    const state = { kind: 'moved', to: next.sid, at: clock.now() }
    assert.deepEqual(await recordOf(subject, old.sid), { ...old, state })
    assert.equal(await store.data(old.sid), null)
    assert.deepEqual(await store.list('ann', 9), [next])
    const event = { kind: 'version', sid: old.sid, version: 5, until: later(subject) }
    assert.deepEqual(await allRevocations(backend), [event])
    assert.equal(await store.kill(old.sid, 'logout', later(subject)), false)
    assert.equal(await store.patch(next.sid, { set: new Map([['a', 3]]), remove: [] }), 'done')
    assert.deepEqual((await store.data(next.sid))?.get('a'), { value: 3, version: 4 }, 'versions go on')
  },

  'S2 move only from the version and the rotation that were read': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const old = await begin(subject)
    const next = newSession(subject)
    const stale = [
      { ...old, version: 2 },
      { ...old, rotation: { ...old.rotation, cur: 2 } },
      { ...old, rotation: { ...old.rotation, at: old.rotation.at + 1 } },
    ]
    for (const from of stale) assert.equal(await store.move(from, next, later(subject)), 'changed')
    assert.equal(await store.find(next.sid), null)
    assert.deepEqual(await recordOf(subject, old.sid), old)
    assert.deepEqual(await allRevocations(backend), [])
  },

  'S2 move never overwrites': async (subject) => {
    const { backend } = subject
    const old = await begin(subject)
    const other = await begin(subject)
    await backend.store.patch(other.sid, { set: new Map([['mine', 1]]), remove: [] })
    await rejectsWith('not_stored', backend.store.move(old, { ...old, sid: other.sid }, later(subject)))
    await rejectsWith('not_stored', backend.store.move(old, old, later(subject)))
    assert.deepEqual(await recordOf(subject, old.sid), old)
    assert.deepEqual(await recordOf(subject, other.sid), other)
    assert.equal((await backend.store.data(other.sid))?.size, 1)
    assert.deepEqual(await allRevocations(backend), [])
  },

  'S2 an anonymous session moves to a user, in whichever partition': async (subject) => {
    const { store } = subject.backend
    for (const user of ['ann', 'bob', 'cleo', 'dan', 'eve']) {
      const old = await begin(subject, { user: null })
      await store.patch(old.sid, { set: new Map([['cart', [user]]]), remove: [] })
      const next = newSession(subject, { user })
      assert.equal(await store.move(old, next, later(subject)), 'done')
      assert.deepEqual((await store.data(next.sid))?.get('cart')?.value, [user])
      assert.deepEqual(await store.list(user, 9), [next])
    }
  },

  'S2 of 50 parallel moves exactly one is carried out': async (subject) => {
    const { store } = subject.backend
    const old = await begin(subject)
    const nexts = Array.from({ length: 50 }, () => newSession(subject))
    const answers = await Promise.all(nexts.map((next) => store.move(old, next, later(subject))))
    assert.equal(answers.filter((answer) => answer === 'done').length, 1)
    assert.equal(answers.filter((answer) => answer === 'gone').length, 49)
    assert.deepEqual(await store.list('ann', 99), [nexts[answers.indexOf('done')]])
  },

  'touch only raises, and passes over what is gone': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const one = await begin(subject)
    const two = await begin(subject)
    const missing = newSession(subject)
    const now = clock.now()
    const activity = new Map([one, two, missing].map(({ sid }, index) => [sid, index === 0 ? now + 5 : now - 5]))
    await store.touch(activity)
    assert.deepEqual(await recordOf(subject, one.sid), { ...one, seenAt: now + 5 })
    assert.deepEqual(await recordOf(subject, two.sid), two)
    assert.equal(await store.find(missing.sid), null)
    await store.touch(new Map([[one.sid, now + 4]]))
    assert.equal((await recordOf(subject, one.sid))?.seenAt, now + 5)
    await store.touch(new Map())
    assert.deepEqual(await allRevocations(backend), [])
  },

  'a touched session lives on, and is listed as long as it does': async (subject) => {
    const { backend, clock } = subject
    const record = await begin(subject)
    clock.advance(50 * minute)
    await backend.store.touch(new Map([[record.sid, clock.now()]]))
    clock.advance(hour - 1)
    assert.equal((await backend.store.list('ann', 9)).length, 1)
    assert.equal(await backend.store.sweep(clock.now(), 9), 0)
    clock.advance(1)
    assert.equal((await backend.store.list('ann', 9)).length, 0)
    assert.equal(await backend.store.sweep(clock.now(), 9), 1)
  },

  'P-I4 amend changes what it names, raises the version and logs it': async (subject) => {
    const { backend } = subject
    const { store } = backend
    let expected = await begin(subject)
    const { sid } = expected
    const amendments: readonly Amendment[] = [
      { claims: { role: 'admin' } },
      { authentication: null },
      { renewIdentity: true },
      { claims: {}, authentication: { at: 1, level: 3, levelUntil: 2, methods: ['hwk'] }, renewIdentity: false },
      {},
    ]
    for (const amendment of amendments) {
      assert.equal(await store.amend(sid, expected.version, amendment, later(subject)), 'done')
      expected = { ...expected, ...amendment, version: expected.version + 1 }
      assert.deepEqual(await recordOf(subject, sid), expected)
    }
    const events = [2, 3, 4, 5, 6].map((version) => ({ kind: 'version', sid, version, until: later(subject) }))
    assert.deepEqual(await allRevocations(backend), events)
  },

  'P-D1 amend only from the version that was read; of 50 in parallel one is carried out': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const { sid } = await begin(subject)
    const answers = await parallel(50, (index) => store.amend(sid, 1, { claims: { index } }, later(subject)))
    assert.equal(answers.filter((answer) => answer === 'done').length, 1)
    assert.equal(answers.filter((answer) => answer === 'changed').length, 49)
    assert.deepEqual((await recordOf(subject, sid))?.claims, { index: answers.indexOf('done') })
    assert.equal((await allRevocations(backend)).length, 1)
  },

  'S6 kill ends the session once, logs it once, and its data goes': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const record = await begin(subject)
    await store.patch(record.sid, { set: new Map([['cart', 1]]), remove: [] })
    clock.advance(1)
    const until = later(subject)
    assert.equal(await store.kill(record.sid, 'logout', until), true)
    const state = { kind: 'ended', cause: 'logout', at: clock.now() }
    assert.deepEqual(await recordOf(subject, record.sid), { ...record, state })
    assert.equal(await store.data(record.sid), null)
    clock.advance(1)
    assert.equal(await store.kill(record.sid, 'revoked', until), false)
    assert.equal(await store.kill(newSession(subject).sid, 'revoked', until), false)
    assert.deepEqual(await recordOf(subject, record.sid), { ...record, state })
    assert.deepEqual(await store.list('ann', 9), [])
    assert.deepEqual(await allRevocations(backend), [{ kind: 'kill', sid: record.sid, cause: 'logout', until }])
  },

  'S6 of 50 parallel kills exactly one is the kill': async (subject) => {
    const { backend } = subject
    const { sid } = await begin(subject)
    const answers = await parallel(50, () => backend.store.kill(sid, 'logout', later(subject)))
    assert.equal(answers.filter(Boolean).length, 1)
    assert.equal((await allRevocations(backend)).length, 1)
  },

  'P-D2 V3 nothing makes a session live again that has ended or moved, and nothing creates one': async (subject) => {
    const { backend } = subject
    const { store } = backend
    const ended = await begin(subject)
    const moved = await begin(subject)
    const missing = newSession(subject)
    const to = newSession(subject, { user: 'bob' })
    await store.kill(ended.sid, 'logout', later(subject))
    assert.equal(await store.move(moved, to, later(subject)), 'done')
    const logged = await allRevocations(backend)
    for (const record of [ended, moved, missing]) {
      const before = await store.find(record.sid)
      for (const [name, answer] of await everyChange(subject, record)) assert.equal(answer, 'gone', name)
      await store.touch(new Map([[record.sid, record.seenAt + hour]]))
      assert.equal(await store.kill(record.sid, 'revoked', later(subject)), false)
      assert.equal(await store.data(record.sid), null)
      assert.equal(await store.data(record.sid, ['key']), null)
      assert.deepEqual(await store.find(record.sid), before)
    }
    assert.deepEqual(await store.list('ann', 9), [])
    assert.deepEqual(await allRevocations(backend), logged)
  },

  'P-D2 V3 whatever is done at the same time as a kill, the session is over afterwards': async (subject) => {
    const { backend } = subject
    const { store } = backend
    for (let round = 0; round < 10; round++) {
      const record = await begin(subject)
      await Promise.all([
        everyChange(subject, record),
        store.kill(record.sid, 'logout', later(subject)),
        store.touch(new Map([[record.sid, record.seenAt + hour]])),
      ])
      assert.notEqual((await recordOf(subject, record.sid))?.state.kind, 'live')
      assert.equal(await store.data(record.sid), null)
      for (const [name, answer] of await everyChange(subject, record)) assert.equal(answer, 'gone', name)
    }
  },
}

/** Every operation that changes one live session, at the same time. */
async function everyChange(
  subject: Subject,
  record: Awaited<ReturnType<typeof begin>>,
): Promise<readonly (readonly [string, Change])[]> {
  const { store } = subject.backend
  const { sid, rotation, seenAt } = record
  const until = later(subject)
  const changes = {
    set: store.patch(sid, { set: new Map([['key', 1]]), remove: [] }),
    remove: store.patch(sid, { set: new Map(), remove: ['key'] }),
    nothing: store.patch(sid, { set: new Map(), remove: [] }),
    expected: store.patch(sid, { set: new Map(), remove: [], expected: new Map([['key', 0]]) }),
    rotate: store.rotate(sid, rotation, rotated, seenAt),
    amend: store.amend(sid, record.version, { renewIdentity: true }, until),
    move: store.move(record, newSession(subject, { user: record.user }), until),
  }
  return Promise.all(Object.entries(changes).map(async ([name, change]) => [name, await change] as const))
}
