import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { failurePage } from '../../../src/server/pages/failure.ts'
import { reader } from './states.ts'

function page(status: number, retryAfter: number | null = null): string {
  return failurePage({ status, what: { title: 'Title', detail: 'Detail.' }, reason: 'the_reason', retryAfter }, reader)
}

describe('failure page', () => {
  test('says what happened, what to do, and what to report', () => {
    for (const status of [400, 401, 403, 404, 415, 429, 500, 503]) {
      assert.match(page(status), new RegExp(`${status} .*the_reason`))
      assert.match(page(status), /<h1>Title<\/h1>\n<p class="lede">Detail\.<\/p>\n<h2>What to do<\/h2>\n<p>/)
    }
  })

  test('a 503 never reads as signed out', () => {
    assert.match(page(503, 5000), /This does not sign you out\. Wait <strong>5 seconds<\/strong>/)
    assert.doesNotMatch(page(503), /href="\/login"/)
    assert.match(page(401), /href="\/login"/)
  })

  test('a wait is rounded up', () => {
    assert.match(page(429, 1), /1 second</)
    assert.match(page(429, 61_000), /2 minutes</)
    assert.match(page(429), /Wait a moment/)
  })
})
