import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type RedirectOptions, redirectTarget } from '../../src/index.ts'

const own = 'https://example.com'
const sibling = 'https://app.example.com'
const options: RedirectOptions = { origin: own, allowed: [sibling], fallback: '/home' }

const kept = [
  '/',
  '/a',
  '/a/b?c=d&e#f',
  '/a?next=https://evil.example',
  '/a?next=//evil.example',
  '/a//b',
  '/@evil.example',
  '/a:b',
  '/a%20b',
  '/%61',
  '/.well-known/x',
  '/#//evil.example',
  sibling,
  `${sibling}/`,
  `${sibling}/a?b#c`,
  `${sibling}?a`,
  `${sibling}#a`,
]

const refused = [
  '',
  'a',
  'evil.example',
  './a',
  '../a',
  '?a',
  '#a',
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '\t//evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  ' //evil.example',
  '//evil.example ',
  '/a b',
  '/%2f/evil.example',
  '/%2f%2fevil.example',
  '%2f%2fevil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/./%2fevil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/%2e/%2fevil.example',
  '/%2e%2e//evil.example',
  '/a/..//evil.example',
  '/a/%2e%2e//evil.example',
  '/a\\b',
  '/a\r\nSet-Cookie: a=b',
  '/a\u0000',
  '/a\u2028b',
  '/\u00fc',
  '/\uff0fevil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'https://evil.example',
  'HTTPS://evil.example',
  'https:\\\\evil.example',
  'https://',
  'https:example.com/a',
  'https:/example.com/a',
  'https:app.example.com/a',
  'http://example.com/a',
  'http://app.example.com',
  'ws://app.example.com',
  'https://example.com:8443/a',
  'https://example.com:443/a',
  'https://app.example.com:443',
  'https://app.example.com:8443',
  'https://app.example.com:',
  'https://Example.com/a',
  'HTTPS://app.example.com',
  'https://APP.example.com',
  'https://app.example.com.',
  'https://app.example.com./a',
  'https://example.com./a',
  'https://app.example.com.evil.example',
  'https://evilapp.example.com',
  'https://evil.app.example.com',
  'https://app.example.comevil',
  'https://user@app.example.com',
  'https://user:pass@app.example.com',
  'https://@app.example.com',
  'https://app.example.com@evil.example',
  'https://app.example.com:x@evil.example',
  'https://app.example.com\\@evil.example',
  'https://app.example.com%2f@evil.example',
  'https://app.example.com%00.evil.example',
  'https://app%2eexample.com',
  'https://app。example.com',
  'https://evil.example/https://app.example.com',
  'https://evil.example?https://app.example.com',
  'https://evil.example#https://app.example.com',
  'https://example.com//evil.example',
  'https://example.com/%2fevil.example',
  'https://[::1]',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'java\nscript:alert(1)',
  'javascript://app.example.com/%0aalert(1)',
  'data:text/html,x',
  'blob:https://app.example.com/x',
  'file:///etc/passwd',
  'vbscript:x',
  'mailto:a@b',
  'null',
  `/${'a'.repeat(5000)}`,
  `${sibling}/${'a'.repeat(5000)}`,
]

describe('X10 redirectTarget', () => {
  for (const target of kept) test(`X10 goes to ${target}`, () => assert.equal(redirectTarget(target, options), target))

  for (const target of refused)
    test(`X10 does not go to ${JSON.stringify(target.slice(0, 60))}`, () =>
      assert.equal(redirectTarget(target, options), '/home'))

  test('X10 a URL of the own origin becomes its path', () => {
    assert.equal(redirectTarget(`${own}/a?b#c`, options), '/a?b#c')
    assert.equal(redirectTarget(own, options), '/')
    assert.equal(redirectTarget(`${own}?a`, options), '/?a')
  })

  test('X10 whatever is no text goes to the fallback', () => {
    const values = [
      undefined,
      null,
      7,
      true,
      {},
      ['/a'],
      ['/a', '/b'],
      { toString: () => '/a' },
      new URL(sibling),
      Symbol('x'),
    ]
    for (const value of values) assert.equal(redirectTarget(value, options), '/home')
  })

  test('X10 without options only paths, and else /', () => {
    assert.equal(redirectTarget('/a'), '/a')
    assert.equal(redirectTarget(`${own}/a`), '/')
    assert.equal(redirectTarget(undefined), '/')
  })

  test('X10 nothing leads to another origin, whatever stands there', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '//',
      '.',
      '..',
      ':',
      '@',
      '%2f',
      '%5c',
      '%2e',
      '\t',
      '\n',
      ' ',
      '?',
      '#',
      'https:',
      'javascript:',
      'evil.example',
      'example.com',
      'app.example.com',
      own,
      sibling,
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.string({ maxLength: 5 }), (pieces, rest) => {
        const target = redirectTarget(pieces.join('') + rest, options)
        assert.match(target, /^[\x21-\x7e]+$/)
        const { origin } = new URL(target, own)
        assert.ok(origin === own || origin === sibling, target)
        // Nor after a proxy or a framework has decoded it once, as long as it begins as a path.
        const decoded = target.replace(/%2f/gi, '/').replace(/%5c/gi, '\\').replace(/%2e/gi, '.')
        if (target.startsWith('/')) assert.ok(!/^[/\\]{2}/.test(decoded), target)
      }),
      { numRuns: 5000 },
    )
  })

  test('options that are none are refused all at once', () => {
    const wrong = { origin: 'https://example.com/', allowed: ['example.com', 'null', '*'], fallback: '//evil.example' }
    assert.throws(
      () => redirectTarget('/a', wrong),
      (error: Error) => error.message.split('\n- ').length === 6,
    )
    for (const fallback of ['', 'https://evil.example', '/a b', '/\\a'])
      assert.throws(() => redirectTarget('/a', { fallback }), /fallback must be a path/)
  })
})
