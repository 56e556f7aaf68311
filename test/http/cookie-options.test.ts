import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deleteCookie, serializeCookie } from '../../src/http/cookie.ts'
import { defineCookies } from '../../src/http/cookie-options.ts'
import { cookiePair } from '../../src/http/transports.ts'
import { type CookieOptions, handstamp, isFault, memory } from '../../src/index.ts'
import { secrets } from '../support/app.ts'

const surroundings = { origin: 'https://app.example.com', insecureHttp: false }

/** Both lines that set, and both that delete. */
function lines(options: CookieOptions | undefined, insecureHttp = false): readonly string[] {
  const { rules, findings } = defineCookies(options, { ...surroundings, insecureHttp })
  assert.deepEqual(findings, [])
  const { session, snapshot } = cookiePair(rules)
  return [
    serializeCookie({ ...session, value: 'a' }),
    serializeCookie({ ...snapshot, value: 'b', maxAge: 300 }),
    deleteCookie(session),
    deleteCookie(snapshot),
  ]
}

function expected(session: string, snapshot: string, attributes: string): readonly string[] {
  const gone = '=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
  return [
    `${session}=a; ${attributes}`,
    `${snapshot}=b; Max-Age=300; ${attributes}`,
    `${session}${gone}; ${attributes}`,
    `${snapshot}${gone}; ${attributes}`,
  ]
}

describe('C1 C2 C9 the option cookies: the lines to the letter', () => {
  const strictest = ['__Host-session', '__Host-snapshot', 'Path=/; Secure; HttpOnly; SameSite=Lax'] as const
  const cases: readonly (readonly [
    CookieOptions | undefined,
    session: string,
    snapshot: string,
    attributes: string,
  ])[] = [
    [undefined, ...strictest],
    [{}, ...strictest],
    [{ sameSite: 'Lax', partitioned: false, budget: { bytes: 16_000, count: 20 } }, ...strictest],
    [{ sameSite: 'Strict' }, '__Host-session', '__Host-snapshot', 'Path=/; Secure; HttpOnly; SameSite=Strict'],
    [{ name: { session: 'id' } }, '__Host-id', '__Host-snapshot', 'Path=/; Secure; HttpOnly; SameSite=Lax'],
    [
      { sharedDomain: 'example.com' },
      '__Secure-session',
      '__Secure-snapshot',
      'Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax',
    ],
    [
      { sameSite: 'None', partitioned: true },
      '__Host-session',
      '__Host-snapshot',
      'Path=/; Secure; HttpOnly; SameSite=None; Partitioned',
    ],
    [
      { sameSite: 'None', partitioned: false, sharedDomain: 'app.example.com', name: { snapshot: 's' } },
      '__Secure-session',
      '__Secure-s',
      'Domain=app.example.com; Path=/; Secure; HttpOnly; SameSite=None',
    ],
  ]
  for (const [options, session, snapshot, attributes] of cases) {
    test(JSON.stringify(options) ?? 'none', () =>
      assert.deepEqual(lines(options), expected(session, snapshot, attributes)),
    )
  }

  test('over plain http that was asked for by name: no prefix, no Secure', () => {
    assert.deepEqual(
      lines({ sameSite: 'Strict', name: { session: 'id' } }, true),
      expected('id', 'snapshot', 'Path=/; HttpOnly; SameSite=Strict'),
    )
  })
})

describe('the option cookies is checked all at once', () => {
  const cases: readonly (readonly [options: unknown, finding: RegExp, surroundings?: Partial<typeof surroundings>])[] =
    [
      [null, /^cookies must be an object like/],
      ['Strict', /^cookies must be an object like/],
      [[], /^cookies must be an object like/],
      [{ samesite: 'Lax' }, /^cookies\.samesite is not known: did you mean sameSite\?$/],
      [{ secure: false }, /^cookies\.secure is not known$/],
      [{ httpOnly: false }, /^cookies\.httpOnly is not known$/],
      [{ domain: 'example.com' }, /^cookies\.domain is not known$/],
      [{ sameSite: 'lax' }, /^cookies\.sameSite must be/],
      [{ sameSite: false }, /^cookies\.sameSite must be/],
      [{ sameSite: 'None' }, /needs cookies\.partitioned/],
      [{ sameSite: 'None', partitioned: true }, /insecureHttp/, { insecureHttp: true }],
      [{ partitioned: true }, /needs sameSite: 'None'/],
      [{ partitioned: 'yes' }, /^cookies\.partitioned must be true or false$/],
      [{ sharedDomain: 'com' }, /single label/],
      [{ sharedDomain: 'localhost' }, /single label/],
      [{ sharedDomain: '127.0.0.1' }, /is an address/],
      [{ sharedDomain: '127.1' }, /is an address/],
      [{ sharedDomain: '127.0x1' }, /is an address/],
      [{ sharedDomain: '[::1]' }, /not a host name/],
      [{ sharedDomain: '.example.com' }, /not a host name/],
      [{ sharedDomain: 'example.com.' }, /not a host name/],
      [{ sharedDomain: 'Example.com' }, /in lower case/],
      [{ sharedDomain: 'https://example.com' }, /not a host name/],
      [{ sharedDomain: 'example.com:443' }, /not a host name/],
      [{ sharedDomain: 'bücher.example.com' }, /not a host name/],
      [{ sharedDomain: '' }, /not a host name/],
      [{ sharedDomain: 1 }, /not a host name/],
      [{ sharedDomain: `${'a.'.repeat(126)}com` }, /not a host name/],
      [{ sharedDomain: 'www.app.example.com' }, /is not above the origin/],
      [{ sharedDomain: 'ample.com' }, /is not above the origin/],
      [{ sharedDomain: 'example.org' }, /is not above the origin/],
      [{ sharedDomain: 'example.com' }, /needs the option origin/, { origin: null as unknown as string }],
      [{ sharedDomain: 'example.com' }, /insecureHttp/, { origin: 'http://example.com', insecureHttp: true }],
      [{ name: 'id' }, /^cookies\.name must be an object/],
      [{ name: { id: 'id' } }, /^cookies\.name\.id is not known$/],
      [{ name: { session: '' } }, /^cookies\.name\.session must be a token of 23 characters at most$/],
      [{ name: { session: 'a b' } }, /must be a token/],
      [{ name: { session: 'a=b' } }, /must be a token/],
      [{ name: { snapshot: 'x'.repeat(24) } }, /must be a token/],
      [{ name: { session: 1 } }, /must be a token/],
      [{ name: { session: '__Host-id' } }, /the prefix is put before it/],
      [{ name: { session: '__host-id' } }, /the prefix is put before it/],
      [{ name: { session: 'snapshot' } }, /must differ/],
      [{ name: { session: 'Snapshot' } }, /must differ/],
      [{ budget: 1 }, /^cookies\.budget must be an object/],
      [{ budget: { byte: 1 } }, /^cookies\.budget\.byte is not known: did you mean bytes\?$/],
      [{ budget: { bytes: 2047 } }, /^cookies\.budget\.bytes must be a whole number from 2048 to 65536$/],
      [{ budget: { bytes: 8190.5 } }, /bytes must be/],
      [{ budget: { bytes: '8190' } }, /bytes must be/],
      [{ budget: { count: 3 } }, /^cookies\.budget\.count must be a whole number from 4 to 180$/],
      [{ budget: { count: Number.POSITIVE_INFINITY } }, /count must be/],
    ]
  for (const [options, finding, change] of cases) {
    test(`${JSON.stringify(options)?.slice(0, 60)} ${JSON.stringify(change) ?? ''}`, () => {
      const { findings } = defineCookies(options, { ...surroundings, ...change })
      assert.equal(findings.length, 1, findings.join('\n'))
      assert.match(findings[0] as string, finding)
    })
  }

  test('by handstamp(), with everything else that is wrong', () => {
    const cookies = { sameSite: 'none', sharedDomain: 'com', name: { session: '' }, budget: { count: 0 }, sekure: 1 }
    try {
      handstamp({ backend: memory(), secrets: secrets[0], present: 'jwt', cookies } as never)
      assert.fail('accepted')
    } catch (error) {
      assert.ok(isFault(error) && error.kind === 'invalid_option')
      assert.equal(error.message.split('\n- ').length - 1, 6, error.message)
    }
  })

  test('names of objects are names like any other', () => {
    assert.match(
      defineCookies(JSON.parse('{"__proto__":1}'), surroundings).findings[0] ?? '',
      /^cookies\.__proto__ is not known/,
    )
  })
})
