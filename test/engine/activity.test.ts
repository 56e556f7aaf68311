import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minute } from '../../src/base/clock.ts'
import { createActivity } from '../../src/engine/activity.ts'
import type { Sid } from '../../src/model/session.ts'
import { memory } from '../../src/stores/memory.ts'
import { manualClock } from '../support/manual-clock.ts'

function world() {
  const clock = manualClock()
  const touched: [Sid, number][] = []
  const store = {
    ...memory({ clock }).store,
    touch: async (batch: ReadonlyMap<Sid, number>) => void touched.push(...batch),
  }
  const activity = createActivity(store, clock, 0.1, () => assert.fail('trouble'))
  const note = (known?: Parameters<typeof activity.note>[4]) => activity.note('sid', clock.now(), 10 * minute, 0, known)
  return { clock, touched, activity, note }
}

test('T4 activity that is noted through what an earlier check kept is written', async () => {
  const { clock, touched, activity, note } = world()
  const kept = note()
  await activity.flush('all')
  clock.advance(30_000)
  assert.equal(note(kept), kept)
  await activity.flush('all')
  assert.deepEqual(
    touched.map(([, at]) => at),
    [clock.now() - 30_000, clock.now()],
  )
})

test('T4 what an earlier check kept is not used once the session is off the list', async () => {
  for (const drop of ['time', 'forget'] as const) {
    const { clock, touched, activity, note } = world()
    const kept = note()
    await activity.flush('all')
    if (drop === 'forget') activity.forget('sid')
    clock.advance(2 * minute)
    await activity.flush('due')
    touched.length = 0
    assert.notEqual(note(kept), kept, drop)
    await activity.flush('all')
    assert.deepEqual(touched, [['sid', clock.now()]], drop)
    assert.equal(activity.lastOf('sid'), clock.now())
  }
})
