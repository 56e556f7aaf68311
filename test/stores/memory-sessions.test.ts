import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memory } from '../../src/stores/memory.ts'
import { heldDataOf, noData } from '../../src/stores/memory-data.ts'
import { memoryLog } from '../../src/stores/memory-log.ts'
import { memorySessions } from '../../src/stores/memory-sessions.ts'
import { userIndex } from '../../src/stores/memory-users.ts'
import { newSession } from '../../src/testing/contract/subject.ts'
import { manualClock } from '../support/manual-clock.ts'

test('the data goes when its session ends or moves, not only when it is swept', () => {
  const clock = manualClock()
  const subject = { backend: memory({ clock }), clock }
  const sessions = memorySessions(
    clock,
    memoryLog(1, clock, () => undefined),
    1,
  )
  const [ended, moved, next] = [newSession(subject), newSession(subject), newSession(subject)]
  for (const record of [ended, moved]) sessions.add(record, heldDataOf(new Map([['cart', 1]])))
  sessions.end(ended, 'logout', 0)
  assert.equal(sessions.dataOf(ended.sid), noData)
  sessions.move(moved, next, 0)
  assert.equal(sessions.dataOf(moved.sid), noData)
  assert.equal(sessions.dataOf(next.sid).entries.get('cart')?.text, '1')
})

test('a session that ended has no place among its user’s, were its sid to come again', async () => {
  const clock = manualClock()
  const subject = { backend: memory({ clock }), clock }
  const { store } = subject.backend
  const record = newSession(subject)
  for (let times = 0; times < 3; times++) {
    await store.insert(record, new Map())
    assert.deepEqual(await store.list('ann', 9), [record])
    await store.kill(record.sid, 'logout', 0)
    assert.equal(await store.sweep(clock.now(), 9), 1)
  }
})

test('the sessions of a user are listed, whatever their number', () => {
  const users = userIndex()
  assert.deepEqual(users.of('ann'), [])
  users.remove('ann', 'a')
  for (const sid of ['a', 'b', 'c']) users.add('ann', sid)
  users.add('bob', 'd')
  assert.deepEqual(users.of('ann'), ['a', 'b', 'c'])
  users.remove('ann', 'b')
  users.remove('ann', 'not there')
  assert.deepEqual(users.of('ann'), ['a', 'c'])
  users.remove('ann', 'a')
  assert.deepEqual(users.of('ann'), ['c'])
  users.remove('ann', 'c')
  assert.deepEqual(users.of('ann'), [])
  assert.deepEqual(users.of('bob'), ['d'])
})
