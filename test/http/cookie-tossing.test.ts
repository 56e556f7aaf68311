import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type CookieShape, deleteCookie, duplicate, readCookies, serializeCookie } from '../../src/http/cookie.ts'
import { type CookieOptions, defineCookies } from '../../src/http/cookie-options.ts'
import { cookiePair } from '../../src/http/transports.ts'
import { type JarModel, jarModel } from './cookie-jar-model.ts'

const now = Date.UTC(2026, 0, 1)
const host = 'app.example.com'
const siblings = ['blog.example.com', 'example.com', 'www.app.example.com']

function pairOf(options?: CookieOptions): { readonly session: CookieShape; readonly snapshot: CookieShape } {
  return cookiePair(defineCookies(options, { origin: `https://${host}`, insecureHttp: false }).rules)
}

/** What our server reads of a browser that visits it. */
function seen(jar: JarModel, path?: string): readonly unknown[] {
  const { session, snapshot } = pairOf()
  return readCookies(jar.cookie(host, path), [session.name, snapshot.name])
}

/** Names that look like ours, from all that could be confused with it. */
const name = fc.oneof(
  fc.constantFrom(
    '__Host-session',
    '__Host-snapshot',
    '__host-session',
    '__HOST-SESSION',
    '__Secure-session',
    'session',
  ),
  fc.constantFrom(
    '',
    ' __Host-session',
    '__Host-session ',
    '\t__Host-session',
    '=__Host-session',
    '%5F%5FHost-session',
  ),
  fc.constantFrom(
    '__Host-session[]',
    '..Host-session',
    '"__Host-session"',
    '__Host-session\u00a0',
    'x, __Host-session',
  ),
)
const value = fc.constantFrom(
  'evil',
  '',
  '__Host-session=evil',
  '=__Host-session=evil',
  'a, __Host-session=evil',
  '"; __Host-session=evil"',
  'evil\t',
)
const attribute = fc.constantFrom(
  'Domain=example.com',
  'Domain=.example.com',
  'domain = EXAMPLE.com',
  'Domain=app.example.com',
  'Domain=com',
  'Path=/',
  'Path=/me',
  'path',
  'Secure',
  'HttpOnly',
  'SameSite=None',
  'Partitioned',
  'Max-Age=0',
  'Max-Age=34560000',
  'Expires=Thu, 01 Jan 1970 00:00:00 GMT',
  `Path=/${'p'.repeat(1024)}`,
)
const line = fc
  .tuple(name, fc.constantFrom('=', '=', '=', ' = ', '', ';', '=;'), value, fc.array(attribute, { maxLength: 6 }))
  .map(([one, equals, other, more]) => [one + equals + other, ...more].join('; '))
const toss = fc.tuple(fc.constantFrom(...siblings), line)

describe('C7 C8 30 whatever a sibling throws at the jar of a browser that goes by the letter', () => {
  test('the server reads its own two cookies, and nothing else', () => {
    const { session, snapshot } = pairOf()
    let arrived = 0
    fc.assert(
      fc.property(fc.array(toss, { maxLength: 30 }), fc.nat(30), fc.boolean(), (tosses, at, before) => {
        const jar = jarModel(now)
        const signIn = (): void => {
          jar.receive(host, serializeCookie({ ...session, value: 'good' }))
          jar.receive(host, serializeCookie({ ...snapshot, value: 'seal', maxAge: 300 }))
        }
        if (before) signIn()
        for (const [index, [from, text]] of tosses.entries()) {
          if (index === at) signIn()
          if (jar.receive(from, text) !== null) arrived++
        }
        signIn()
        for (const path of ['/', '/me', '/deep/page']) assert.deepEqual(seen(jar, path), ['good', 'seal'])
        jar.receive(host, deleteCookie(session))
        jar.receive(host, deleteCookie(snapshot))
        for (const path of ['/', '/me', '/deep/page']) assert.deepEqual(seen(jar, path), [undefined, undefined])
      }),
      { numRuns: 3000 },
    )
    assert.ok(arrived > 1000, `${arrived} of them were stored`)
  })

  test('a browser that knows no prefixes: ours, or two of a name, never theirs for ours', () => {
    const good = '__Host-session=good'
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), fc.nat(6), (others, at) => {
        const pairs = others.map(([one, other]) => `${one}=${other}`).filter((pair) => !pair.includes(';'))
        pairs.splice(at, 0, good)
        const [found] = readCookies(pairs.join('; '), ['__Host-session'])
        const twins = pairs.filter((pair) => /^[ \t]*__Host-session=/.test(pair)).length
        assert.equal(found, twins > 1 ? duplicate : 'good')
      }),
      { numRuns: 3000 },
    )
  })

  test('C9 in every configuration deleting leaves nothing in the jar', () => {
    const configurations: readonly CookieOptions[] = [
      {},
      { sameSite: 'Strict' },
      { sharedDomain: 'example.com' },
      { sharedDomain: host, sameSite: 'None', partitioned: true },
      { sameSite: 'None', partitioned: false, name: { session: 'a', snapshot: 'b' } },
    ]
    for (const options of configurations) {
      const jar = jarModel(now)
      const shapes = Object.values(pairOf(options))
      for (const shape of shapes) assert.notEqual(jar.receive(host, serializeCookie({ ...shape, value: 'v' })), null)
      assert.equal(jar.kept.length, shapes.length)
      for (const shape of shapes) jar.receive(host, deleteCookie(shape))
      assert.deepEqual(jar.kept, [])
    }
  })
})
