import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { estimate, median, paired, percentile } from '../../bench/stats.ts'

test('the median is the middle, or between the two', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  assert.ok(Number.isNaN(median([])))
})

test('the interval leaves out as many as a fair coin allows: known ranks', () => {
  // n: the rank of the lower end, counted from 1, as tables of the sign test give it for 95 %.
  const ranks: Readonly<Record<number, number>> = { 6: 1, 8: 1, 9: 2, 11: 2, 12: 3, 15: 4, 20: 6, 25: 8, 30: 10 }
  for (const [n, rank] of Object.entries(ranks)) {
    const values = Array.from({ length: Number(n) }, (_, index) => index + 1)
    const { low, high } = estimate(values)
    assert.deepEqual([low, high], [rank, Number(n) + 1 - rank], n)
  }
  assert.deepEqual(estimate([5, 7, 6]), { median: 6, low: 5, high: 7, n: 3 })
})

test('the interval holds the true median in 95 of 100 cases', () => {
  let state = 12345
  const random = (): number => {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return state / 0x7fffffff
  }
  let held = 0
  const trials = 4000
  for (let trial = 0; trial < trials; trial++) {
    // Far from normal: the median of -ln(u) is ln 2.
    const { low, high } = estimate(Array.from({ length: 11 }, () => -Math.log(random() || 1e-9)))
    if (low <= Math.LN2 && Math.LN2 <= high) held++
  }
  assert.ok(held / trials > 0.95, `${held / trials}`)
})

test('differences are taken within rounds', () => {
  const noise = [10, 200, 30, 4000, 50, 600, 70]
  const { median, low, high } = paired(
    noise.map((value) => value + 3),
    noise,
  )
  assert.deepEqual([median, low, high], [3, 3, 3])
})

test('a percentile is a value that was there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, part) => {
        const sorted = values.sort((a, b) => a - b)
        assert.ok(sorted.includes(percentile(sorted, part)))
      },
    ),
  )
  assert.equal(percentile([1, 2, 3, 4], 0.5), 3)
})
