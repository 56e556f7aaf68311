import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { awaitsFormToken, type Carries, headerToken } from '../../src/http/csrf.ts'
import {
  anonymous,
  firstOf,
  foreignOrigins,
  headOf,
  holds,
  judge,
  own,
  sibling,
  unknown,
  withCookie,
} from './csrf-cases.ts'

describe('X1 the handshake of a WebSocket', () => {
  const upgrade = { upgrade: 'websocket', connection: 'Upgrade' }

  test('X1 is judged like an unsafe request, by whatever method', () => {
    for (const method of ['GET', 'HEAD', 'POST', 'CONNECT'])
      for (const name of ['websocket', 'WebSocket', 'h2c, websocket']) {
        const handshake = { ...upgrade, upgrade: name }
        assert.equal(judge(method, { ...handshake, origin: own }), 'passes')
        assert.equal(judge(method, { ...handshake, origin: sibling }), 'passes')
        assert.equal(judge(method, { ...handshake, 'sec-fetch-site': 'same-origin' }), 'passes')
        assert.equal(judge(method, { ...handshake, 'sec-fetch-site': 'cross-site', origin: own }), 'cross_site')
        assert.equal(judge(method, handshake), 'unproven_origin')
        assert.equal(judge(method, handshake, anonymous), 'passes')
        for (const origin of foreignOrigins)
          assert.equal(judge(method, { ...handshake, origin }), 'cross_site', `${method} ${origin}`)
      }
  })

  test('X1 another upgrade is not one', () => {
    for (const name of ['h2c', 'TLS/1.0', '']) assert.equal(judge('GET', { upgrade: name }), 'passes')
  })
})

describe('X3 a CSRF token', () => {
  const shows = (valid: boolean): Carries => ({ ...withCookie, showsToken: () => valid })
  const mustNotAsk: Carries = { ...withCookie, showsToken: () => assert.fail('a token was looked at') }

  test('X3 is what counts where nothing else speaks', () => {
    holds({}, 'passes', [shows(true)])
    holds({}, 'unproven_origin', [shows(false)])
  })

  test('X3 is not looked at where anything else speaks', () => {
    for (const site of ['same-origin', 'none']) holds({ 'sec-fetch-site': site }, 'passes', [mustNotAsk])
    for (const site of ['same-site', 'cross-site', '', 'x'])
      holds({ 'sec-fetch-site': site }, 'cross_site', [mustNotAsk])
    holds({ origin: own }, 'passes', [mustNotAsk])
    for (const origin of foreignOrigins) holds({ origin }, 'cross_site', [mustNotAsk])
    holds({ referer: 'https://evil.example/' }, 'cross_site', [mustNotAsk])
    holds({ host: 'example.com', origin: own }, 'unproven_origin', [mustNotAsk], unknown)
  })

  test('X3 in the header is one line', () => {
    assert.equal(headerToken(headOf('POST', { 'x-csrf-token': 'a' })), 'a')
    assert.equal(headerToken(headOf('POST', {})), null)
    assert.equal(headerToken(firstOf('POST', { 'x-csrf-token': ['a', 'a'] })), null)
  })

  test('X3 in a field is awaited of forms that say nothing else, and of nothing else', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal(awaitsFormToken(headOf('POST', form)), true)
    assert.equal(awaitsFormToken(headOf('POST', { 'content-type': 'Multipart/Form-Data; boundary=x' })), true)
    for (const name of ['origin', 'referer', 'sec-fetch-site'])
      for (const value of [own, 'none', ''])
        assert.equal(awaitsFormToken(headOf('POST', { ...form, [name]: value })), false)
    for (const method of ['PUT', 'DELETE', 'post']) assert.equal(awaitsFormToken(headOf(method, form)), false)
    for (const type of ['text/plain', 'application/json', '', 'x/x-www-form-urlencoded'])
      assert.equal(awaitsFormToken(headOf('POST', { 'content-type': type })), false)
    const twice = { 'content-type': [form['content-type'], 'text/plain'] }
    assert.equal(awaitsFormToken(firstOf('POST', twice)), false)
  })
})
