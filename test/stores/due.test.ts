import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Millis, minute } from '../../src/base/clock.ts'
import { type DueBuckets, dueBuckets } from '../../src/stores/due.ts'

const seed = 20_260_302
const many = Number.POSITIVE_INFINITY

interface Shelf {
  readonly due: DueBuckets<string>
  /** When each thing is due; what is not in it is gone. */
  readonly times: Map<string, Millis>
  /** How often the buckets have asked: once for each entry that they looked at. */
  looks(): number
}

function shelf(): Shelf {
  const times = new Map<string, Millis>()
  let looks = 0
  const due = dueBuckets<string>((item) => {
    looks++
    return times.get(item) ?? null
  })
  return { due, times, looks: () => looks }
}

type Step =
  | { readonly kind: 'file'; readonly item: string; readonly at: Millis }
  | { readonly kind: 'later'; readonly item: string; readonly by: Millis }
  | { readonly kind: 'remove'; readonly item: string }
  | { readonly kind: 'take'; readonly at: Millis; readonly limit: number }

/** Something new, or something that is due at another time, filed for it. */
function file({ due, times }: Shelf, item: string, at: Millis): void {
  times.set(item, at)
  due.put(item, at)
}

describe('things by when they are due', () => {
  test('what is past is taken, once, from the earliest bucket on, and at most as many as are wanted', () => {
    const it = shelf()
    for (const [item, at] of [
      ['c', 3 * minute],
      ['a', minute],
      ['b', 2 * minute],
      ['d', 9 * minute],
    ] as const)
      file(it, item, at)
    assert.deepEqual([...it.due.take(3 * minute, 0)], [])
    assert.deepEqual([...it.due.take(3 * minute, 2)], ['a', 'b'])
    assert.deepEqual([...it.due.take(3 * minute, many)], ['c'])
    assert.deepEqual([...it.due.take(3 * minute, many)], [])
  })

  test('the instant counts, not its minute', () => {
    const it = shelf()
    file(it, 'a', minute + 7)
    assert.deepEqual([...it.due.take(minute + 6, many)], [])
    assert.deepEqual([...it.due.take(minute + 7, many)], ['a'])
  })

  test('what has become due later is put off without being put again', () => {
    const it = shelf()
    file(it, 'a', minute)
    it.times.set('a', 5 * minute)
    assert.deepEqual([...it.due.take(2 * minute, many)], [])
    assert.deepEqual([...it.due.take(4 * minute, many)], [])
    assert.equal(it.looks(), 1, 'it is not looked at where it no longer stands')
    assert.deepEqual([...it.due.take(5 * minute, many)], ['a'])
  })

  test('what has become due earlier is taken when it is, and only then', () => {
    const it = shelf()
    file(it, 'a', 9 * minute)
    file(it, 'a', minute)
    assert.deepEqual([...it.due.take(minute, many)], ['a'])
    it.times.delete('a')
    assert.deepEqual([...it.due.take(9 * minute, many)], [], 'the other entry is dropped')
  })

  test('a thing that stands in two buckets is taken once and counted once', () => {
    const it = shelf()
    file(it, 'a', 2 * minute)
    file(it, 'a', minute)
    file(it, 'b', 3 * minute)
    assert.deepEqual([...it.due.take(3 * minute, 2)], ['a', 'b'])
  })

  test('what is gone is dropped', () => {
    const it = shelf()
    file(it, 'a', minute)
    it.times.delete('a')
    assert.deepEqual([...it.due.take(minute, many)], [])
    it.times.set('a', minute)
    assert.deepEqual([...it.due.take(minute, many)], [])
    assert.equal(it.looks(), 1)
  })

  test('what was left behind by a limit is looked at first, and what is not yet due but once', () => {
    const it = shelf()
    for (let index = 0; index < 100; index++) file(it, `${index}`, minute + (index < 50 ? 0 : 1))
    const taken: string[] = []
    for (let times = 0; times < 10; times++) {
      const some = it.due.take(minute, 5)
      for (const item of some) it.times.delete(item)
      taken.push(...some)
    }
    assert.equal(new Set(taken).size, 50)
    assert.equal(it.looks(), 100)
  })

  test('entries do not multiply, however often things are put off, end early or come again', () => {
    const it = shelf()
    const items = Array.from({ length: 10 }, (_, index) => `${index}`)
    for (const item of items) file(it, item, minute)
    for (let now = minute; now < 500 * minute; now += minute) {
      for (const item of items) it.times.set(item, now + minute)
      for (const item of items.slice(0, 3)) file(it, item, now + minute)
      assert.equal(it.due.take(now, many).size, 0)
    }
    const before = it.looks()
    assert.equal(it.due.take(500 * minute, many).size, 10)
    assert.ok(it.looks() - before <= 20, `${it.looks() - before} entries of 10 things`)
  })

  test(`as a plain list would do (seed ${seed})`, () => {
    const item = fc.constantFrom('a', 'b', 'c', 'd')
    const at = fc.nat(5 * minute)
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ kind: fc.constant('file' as const), item, at }),
      fc.record({ kind: fc.constant('later' as const), item, by: at }),
      fc.record({ kind: fc.constant('remove' as const), item }),
      fc.record({ kind: fc.constant('take' as const), at, limit: fc.nat(5) }),
    )
    const check = (steps: readonly Step[]): void => {
      const it = shelf()
      for (const one of steps) {
        if (one.kind === 'file') file(it, one.item, one.at)
        else if (one.kind === 'remove') it.times.delete(one.item)
        else if (one.kind === 'later') putOff(it, one.item, one.by)
        else takeAs(it, one.at, one.limit)
      }
    }
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), check), { numRuns: 3_000, seed })
  })
})

function putOff({ times }: Shelf, item: string, by: Millis): void {
  const at = times.get(item)
  if (at !== undefined) times.set(item, at + by)
}

/** Exactly as many as a look at every single thing finds. */
function takeAs({ due, times }: Shelf, past: Millis, limit: number): void {
  const expected = [...times].filter(([, at]) => at <= past).map(([item]) => item)
  const taken = [...due.take(past, limit)]
  assert.equal(taken.length, Math.min(limit, expected.length))
  for (const item of taken) {
    assert.ok(expected.includes(item))
    times.delete(item)
  }
}
