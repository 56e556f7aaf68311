import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { render } from '../../../src/server/pages/html.ts'
import { duration, exactTime, relativeTime, timeElement } from '../../../src/server/pages/relative-time.ts'
import { english } from '../../../src/server/pages/words/english.ts'
import { german } from '../../../src/server/pages/words/german.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const now = Date.parse('2025-11-23T08:53:12Z')

const words: readonly { readonly distance: number; readonly says: string; readonly sagt: string }[] = [
  { distance: 0, says: 'now', sagt: 'jetzt' },
  { distance: -44 * second, says: 'now', sagt: 'jetzt' },
  { distance: 44 * second, says: 'now', sagt: 'jetzt' },
  { distance: -50 * second, says: '1 minute ago', sagt: 'vor 1 Minute' },
  { distance: -3 * minute, says: '3 minutes ago', sagt: 'vor 3 Minuten' },
  { distance: -59.7 * minute, says: '1 hour ago', sagt: 'vor 1 Stunde' },
  { distance: 2 * hour, says: 'in 2 hours', sagt: 'in 2 Stunden' },
  { distance: -47 * hour, says: '47 hours ago', sagt: 'vor 47 Stunden' },
  { distance: -47.8 * hour, says: '2 days ago', sagt: 'vor 2 Tagen' },
  { distance: 14 * day, says: 'in 14 days', sagt: 'in 14 Tagen' },
  { distance: -70 * day, says: '2 months ago', sagt: 'vor 2 Monaten' },
  { distance: -800 * day, says: '2 years ago', sagt: 'vor 2 Jahren' },
]

describe('relative time', () => {
  for (const { distance, says, sagt } of words) {
    test(`${says}, ${sagt}`, () => {
      assert.equal(relativeTime(now + distance, now, english), says)
      assert.equal(relativeTime(now + distance, now, german), sagt)
    })
  }

  test('durations are rounded to their largest unit', () => {
    const said = (words: typeof english): readonly string[] =>
      [0, 1, 5000, 90 * minute, 30 * day].map((length) => duration(length, words))
    assert.deepEqual(said(english), ['0 seconds', '0 seconds', '5 seconds', '2 hours', '30 days'])
    assert.deepEqual(said(german), ['0 Sekunden', '0 Sekunden', '5 Sekunden', '2 Stunden', '30 Tage'])
  })

  test('the exact instant is UTC and said so', () => {
    assert.equal(exactTime(now, english), '23 November 2025, 08:53 UTC')
    assert.equal(exactTime(now, german), '23. November 2025, 08:53 UTC')
  })

  test('a time element carries both', () => {
    assert.equal(
      render(timeElement(now - 3 * minute, now, english)),
      '<time datetime="2025-11-23T08:50:12.000Z" title="23 November 2025, 08:50 UTC">3 minutes ago</time>',
    )
  })
})
