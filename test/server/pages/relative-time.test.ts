import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { render } from '../../../src/server/pages/html.ts'
import { duration, exactTime, relativeTime, timeElement } from '../../../src/server/pages/relative-time.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const now = Date.parse('2025-11-23T08:53:12Z')

const words: readonly { readonly distance: number; readonly says: string }[] = [
  { distance: 0, says: 'now' },
  { distance: -44 * second, says: 'now' },
  { distance: 44 * second, says: 'now' },
  { distance: -50 * second, says: '1 minute ago' },
  { distance: -3 * minute, says: '3 minutes ago' },
  { distance: -59.7 * minute, says: '1 hour ago' },
  { distance: 2 * hour, says: 'in 2 hours' },
  { distance: -47 * hour, says: '47 hours ago' },
  { distance: -47.8 * hour, says: '2 days ago' },
  { distance: 14 * day, says: 'in 14 days' },
  { distance: -70 * day, says: '2 months ago' },
  { distance: -800 * day, says: '2 years ago' },
]

describe('relative time', () => {
  for (const { distance, says } of words) {
    test(says, () => assert.equal(relativeTime(now + distance, now), says))
  }

  test('durations are rounded to their largest unit', () => {
    assert.deepEqual([0, 1, 5000, 90 * minute, 30 * day].map(duration), [
      '0 seconds',
      '0 seconds',
      '5 seconds',
      '2 hours',
      '30 days',
    ])
  })

  test('the exact instant is UTC and said so', () => assert.equal(exactTime(now), '23 November 2025, 08:53 UTC'))

  test('a time element carries both', () => {
    assert.equal(
      render(timeElement(now - 3 * minute, now)),
      '<time datetime="2025-11-23T08:50:12.000Z" title="23 November 2025, 08:50 UTC">3 minutes ago</time>',
    )
  })
})
