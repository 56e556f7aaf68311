import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { watchBehaviour } from '../../bench/behaviour.ts'
import { loadContestants, pick } from '../../bench/field.ts'
import { measureCases } from '../../bench/measure.ts'
import { measureSpeed } from '../../bench/rounds.ts'

const seed = 20260101
const progress = (): void => {}
const contestants = await loadContestants()

// Whether it measures; never how much.
describe('the bench', () => {
  test('knows each contestant by one name, and each framework bare', () => {
    const names = contestants.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { framework } of contestants) assert.ok(names.includes(`bare ${framework}`), framework)
    assert.throws(() => pick(contestants, 'nobody'), /There is no contestant nobody/)
  })

  test('measures requests that are all answered as signed in', async () => {
    const chosen = ['Map look-up', 'Handstamp cookie, memory', 'Handstamp token, SQLite'].map((name) =>
      pick(contestants, name),
    )
    const sizes = { rounds: 2, slot: 60, lead: 0, warmUp: 1, sessions: 30, seed, progress }
    const speed = await measureSpeed({ contestants: chosen, ...sizes })
    assert.deepEqual(
      speed.map(({ name }) => name),
      chosen.map(({ name }) => name),
    )
    for (const { added, perSecond, p50, p99, requests } of speed) {
      assert.ok(requests > 0 && perSecond.median > 0 && p50.median <= p99.median)
      assert.ok(Number.isFinite(added.median) && added.low <= added.median && added.median <= added.high)
    }
  })

  test('S6 P-D1 P-D2 J14 sees what a contestant does with copies, slow requests and forgeries', async () => {
    const chosen = ['Handstamp cookie, memory', 'Handstamp token, SQLite'].map((name) => pick(contestants, name))
    const sizes = { lifetime: 1, trials: 3, forgeries: 30, seed, progress }
    const [cookie, token] = await watchBehaviour({ contestants: chosen, ...sizes })
    assert.deepEqual([cookie?.acceptedFor, token?.acceptedFor, token?.acceptedElsewhereFor], [0, 0, 0])
    assert.deepEqual(cookie?.races, { trials: 3, revived: 0, lost: 0 })
    assert.deepEqual([cookie?.forged.accepted, token?.forged.accepted, token?.forged.storeCalls], [0, 0, 0])
    // A tag that is wrong takes one look at the record.
    assert.ok((cookie?.forged.storeCalls ?? 99) <= 1)
  })

  test('sees a product that ends nothing and keeps everything in its cookie', async () => {
    const forgetful = pick(contestants, 'crypto.verify ES256')
    const [seen] = await watchBehaviour({
      contestants: [forgetful],
      lifetime: 0.1,
      trials: 1,
      forgeries: 3,
      seed,
      progress,
    })
    assert.equal(seen?.acceptedFor, null)
  })

  test('measures small steps with what they allocate', async () => {
    const keep: unknown[] = []
    const [one] = await measureCases([{ name: 'a list', block: 200, prepare: () => () => keep.push([1, 2, 3]) }], 2, 0)
    assert.equal(one?.name, 'a list')
    assert.ok((one?.cpu.median ?? -1) >= 0)
  })
})
