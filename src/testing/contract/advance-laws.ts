import assert from 'node:assert/strict'
import { hour, second } from '../../base/clock.ts'
import type { SessionRecord } from '../../model/session.ts'
import type { Newest } from '../../model/store.ts'
import { allEntries, begin, type Law, type Laws, later, newSession, newSid, parallel, recordOf } from './subject.ts'

const quiet = 40 * second

function newest(record: SessionRecord, changes: Partial<Newest> = {}): Newest {
  return { counter: record.rotation.cur, presentation: record.presentation, quiet, ...changes }
}

/** Nothing comes of it, and the record stays as it is. */
function unmoved(what: string, given: Partial<SessionRecord>, asked: Partial<Newest> = {}, wait = quiet + 1): Law {
  return async (subject) => {
    const { backend, clock } = subject
    const record = await begin(subject, given)
    clock.advance(wait)
    const answer = await backend.store.advance(record.sid, newest(record, asked), clock.now())
    assert.deepEqual(answer, { record, userGeneration: 0, at: clock.now(), to: null }, what)
    assert.deepEqual(await recordOf(subject, record.sid), record, what)
  }
}

export const advanceLaws: Laws = {
  'advance rotates a session whose newest credential was presented, and tells what it was before': async (subject) => {
    const { backend, clock } = subject
    const record = await begin(subject)
    clock.advance(quiet + 1)
    const at = clock.now()
    const to = { cur: 2, par: 1, grace: [0, 1], forks: 0, at }
    const first = await backend.store.advance(record.sid, newest(record), at - 5)
    assert.deepEqual(first, { record, userGeneration: 0, at, to })
    const second = { ...record, rotation: to, seenAt: at - 5 }
    assert.deepEqual(await recordOf(subject, record.sid), second)
    clock.advance(quiet + 1)
    const next = { cur: 3, par: 2, grace: [1, 2], forks: 0, at: clock.now() }
    assert.deepEqual((await backend.store.advance(record.sid, newest(second), 0))?.to, next)
    assert.deepEqual(await recordOf(subject, record.sid), { ...second, rotation: next }, 'activity is not lowered')
    assert.deepEqual(await allEntries(backend), [], 'nothing is logged')
  },

  'advance forgets forks': async (subject) => {
    const { backend, clock } = subject
    const rotation = { cur: 9, par: 7, grace: [], forks: 3, at: clock.now() }
    const record = await begin(subject, { rotation })
    clock.advance(quiet + 1)
    const answer = await backend.store.advance(record.sid, newest(record), clock.now())
    assert.deepEqual(answer?.to, { cur: 10, par: 9, grace: [7, 9], forks: 0, at: clock.now() })
  },

  'advance knows no session that is not there': async ({ backend }) => {
    const wanted = { counter: 1, presentation: 'cookie', quiet: 0 } as const
    assert.equal(await backend.store.advance(newSid(backend, 'ann'), wanted, 0), null)
  },

  'advance leaves alone: an older or a newer counter': async (subject) => {
    await unmoved('older', { rotation: { cur: 5, par: 4, grace: [], forks: 0, at: 0 } }, { counter: 4 })(subject)
    await unmoved('newer', {}, { counter: 2 })(subject)
  },
  'advance leaves alone: another presentation': unmoved('token', {}, { presentation: 'token' }),
  'advance leaves alone: a rotation that is not older than the quiet zone': unmoved('quiet', {}, {}, quiet),
  'advance leaves alone: a session that is to get a new identity': unmoved('new identity', { renewIdentity: true }),
  'advance leaves alone: a session that has timed out': async (subject) => {
    await unmoved('idle', {}, {}, hour)(subject)
    await unmoved('absolute', { endsAt: subject.clock.now() + quiet + 1 })(subject)
  },

  'P-D2 advance leaves alone: what has ended, moved, or is of a generation that is over': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const [ended, moved, old] = [await begin(subject), await begin(subject), await begin(subject)]
    await store.kill(ended.sid, 'logout', later(subject))
    await store.move(moved, newSession(subject), later(subject))
    await store.bump({ kind: 'user', user: 'ann' }, 'revoked', later(subject))
    clock.advance(quiet + 1)
    for (const record of [ended, moved, old]) {
      const before = await recordOf(subject, record.sid)
      const answer = await store.advance(record.sid, newest(record), clock.now())
      assert.deepEqual(answer, { record: before, userGeneration: 1, at: clock.now(), to: null })
      assert.deepEqual(await recordOf(subject, record.sid), before)
    }
  },

  'P-P1 of many that advance at once, one does': async (subject) => {
    const { backend, clock } = subject
    const record = await begin(subject)
    clock.advance(quiet + 1)
    const answers = await parallel(20, () => backend.store.advance(record.sid, newest(record), clock.now()))
    assert.equal(answers.filter((answer) => answer?.to != null).length, 1)
    assert.equal((await recordOf(subject, record.sid))?.rotation.cur, 2)
  },

  'advance and rotate see each other': async (subject) => {
    const { backend, clock } = subject
    const { store } = backend
    const record = await begin(subject)
    clock.advance(quiet + 1)
    const to = { ...record.rotation, cur: 2, at: clock.now() }
    const outcomes = await Promise.all([
      store.rotate(record.sid, record.rotation, to, clock.now()),
      store.advance(record.sid, newest(record), clock.now()),
    ])
    assert.ok((outcomes[0] === 'done') !== (outcomes[1]?.to != null))
    const advanced = await recordOf(subject, record.sid)
    assert.equal(advanced?.rotation.cur, 2)
    const back = await store.rotate(record.sid, advanced?.rotation ?? to, record.rotation, record.seenAt)
    assert.equal(back, 'done', 'it can be taken back')
  },
}
