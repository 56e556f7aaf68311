import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Reason, reasons } from '../../src/base/reasons.ts'
import { type Answer, oauthError, type ProblemExtra, problem } from '../../src/http/problem.ts'

const every = Object.keys(reasons) as Reason[]

function valuesOf(answer: Answer, name: string): readonly string[] {
  return answer.headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
}

function challengeOf(reason: Reason, extra?: ProblemExtra): string {
  return valuesOf(problem(reason, extra), 'www-authenticate').join(' | ')
}

describe('problem', () => {
  for (const reason of every) {
    test(`${reason} is a whole answer`, () => {
      const entry = reasons[reason]
      const answer = problem(reason)
      assert.equal(answer.status, entry.status)
      assert.deepEqual(JSON.parse(answer.body), {
        type: `urn:handstamp:reason:${reason}`,
        title: entry.sentence,
        status: entry.status,
        detail: entry.remedy,
        reason,
      })
      assert.deepEqual(valuesOf(answer, 'content-type'), ['application/problem+json'])
      assert.deepEqual(valuesOf(answer, 'cache-control'), ['no-store'])
      assert.deepEqual(valuesOf(answer, 'x-content-type-options'), ['nosniff'])
      assert.equal(valuesOf(answer, 'www-authenticate').length, entry.status === 401 ? 1 : 0)
      assert.deepEqual(valuesOf(answer, 'retry-after'), entry.status === 503 || entry.status === 429 ? ['1'] : [])
      assert.equal(valuesOf(answer, 'allow').length, entry.status === 405 ? 1 : 0)
    })
  }

  test('a challenge without a token says nothing about one (RFC 6750 3)', () => {
    assert.equal(challengeOf('anonymous'), 'Bearer realm="handstamp"')
    assert.equal(challengeOf('revoked'), 'Bearer realm="handstamp"')
  })

  test('a refused token is invalid_token (RFC 6750 3.1)', () => {
    assert.equal(
      challengeOf('expired_token', { tokenShown: true, realm: 'api' }),
      'Bearer realm="api", error="invalid_token", error_description="The access token has expired."',
    )
  })

  test('a sign-in that does not suffice is insufficient_user_authentication (RFC 9470 3)', () => {
    const open = 'Bearer realm="handstamp", error="insufficient_user_authentication"'
    assert.ok(challengeOf('step_up_required').startsWith(open))
    assert.ok(challengeOf('step_up_required', { tokenShown: true }).startsWith(open))
    assert.match(
      challengeOf('step_up_required', { stepUp: { acrValues: 'aal2 aal3', maxAgeSeconds: 300 } }),
      /, acr_values="aal2 aal3", max_age="300"$/,
    )
  })

  test('no text leaves its quotes', () => {
    assert.equal(challengeOf('revoked', { realm: 'a"b\\c\r\nd é' }), 'Bearer realm="a\\"b\\\\c??d ?"')
  })

  test('Retry-After and Allow as given', () => {
    assert.deepEqual(valuesOf(problem('store_unavailable', { retryAfter: 7 }), 'retry-after'), ['7'])
    assert.deepEqual(valuesOf(problem('method_not_allowed', { allow: ['GET', 'HEAD'] }), 'allow'), ['GET, HEAD'])
  })
})

describe('oauthError', () => {
  for (const reason of every) {
    test(`${reason} has the form of RFC 6749 5.2`, () => {
      const answer = oauthError(reason)
      const body = JSON.parse(answer.body) as Record<string, string>
      assert.deepEqual(Object.keys(body), ['error', 'error_description', 'reason'])
      assert.equal(body.reason, reason)
      assert.match(body.error_description ?? '', /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
      assert.match(
        body.error ?? '',
        /^(invalid_request|invalid_grant|invalid_scope|unsupported_grant_type|retry|temporarily_unavailable)$/,
      )
      assert.equal(answer.status, reasons[reason].status === 401 ? 400 : reasons[reason].status)
      assert.deepEqual(valuesOf(answer, 'content-type'), ['application/json'])
      assert.deepEqual(valuesOf(answer, 'cache-control'), ['no-store'])
      assert.deepEqual(valuesOf(answer, 'pragma'), ['no-cache'])
      assert.deepEqual(valuesOf(answer, 'www-authenticate'), [])
      assert.deepEqual(valuesOf(answer, 'retry-after'), [429, 503].includes(reasons[reason].status) ? ['1'] : [])
    })
  }

  const errors: Partial<Record<Reason, string>> = {
    unknown_session: 'invalid_grant',
    revoked: 'invalid_grant',
    replayed_credential: 'invalid_grant',
    malformed_credential: 'invalid_grant',
    wrong_client: 'invalid_grant',
    wider_scope: 'invalid_scope',
    unsupported_grant_type: 'unsupported_grant_type',
    invalid_request: 'invalid_request',
    malformed_body: 'invalid_request',
    unsupported_media_type: 'invalid_request',
    cross_site: 'invalid_request',
    retry_renewal: 'retry',
    store_unavailable: 'temporarily_unavailable',
  }
  for (const [reason, error] of Object.entries(errors)) {
    test(`${reason} is ${error}`, () => assert.equal(JSON.parse(oauthError(reason as Reason).body).error, error))
  }
})
