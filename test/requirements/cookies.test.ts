import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deleteCookie, serializeCookie } from '../../src/http/cookie.ts'
import type { CookieOptions } from '../../src/index.ts'
import { type Answer, type App, atAllDoors, atBothDoors, type Browser, everywhere, withApp } from '../support/app.ts'
import { bodyOf, json, type Routes } from '../support/app-routes.ts'

const second = 1000
const minute = 60 * second
const session = '__Host-session'
const snapshot = '__Host-snapshot'

/** Our Set-Cookie lines, with the values left out. */
function shapes(answer: Answer): readonly string[] {
  return answer.cookies.map(({ line }) => line.replace(/^([^=]+)=[A-Za-z0-9_-]+/, '$1=…'))
}

const flags = 'Path=/; Secure; HttpOnly; SameSite=Lax'
const pair = [`${session}=…; ${flags}`, `${snapshot}=…; Max-Age=300; ${flags}`]
const deleted = [session, snapshot].map(
  (name) => `${name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${flags}`,
)

// What holds of every line, on every answer of every test that uses the harness, is asserted in test/support/app-client.ts: C1, C2, C4, C5, C10.
describe('C1 C2 C4 C9 the lines to the letter, on every route that sets cookies', () => {
  everywhere('the words of the interface', async (app) => {
    const browser = app.browser()
    assert.deepEqual(shapes(await browser.post('/data', { key: 'a', value: 1 })), pair)
    assert.deepEqual(shapes(await browser.post('/login', { user: 'ada' })), pair)
    assert.deepEqual(shapes(await browser.post('/step-up', { level: 2 })), pair)
    app.clock.advance(6 * minute)
    assert.deepEqual(shapes(await browser.get('/public')), pair, 'renewed in passing')
    app.clock.advance(6 * minute)
    const denied = await browser.get('/admin')
    assert.equal(denied.reason, 'claim_required')
    assert.deepEqual(shapes(denied), pair, 'renewed with the refusal of a guard')
    assert.deepEqual(shapes(await browser.post('/logout')), deleted)
    assert.deepEqual(shapes(await browser.post('/logout-everywhere')), deleted)
    const remembered = await browser.post('/login', { user: 'ada', remember: true })
    assert.deepEqual(shapes(remembered), [`${session}=…; Max-Age=2592000; ${flags}`, pair[1]])
  })

  test('the server: JSON, form and logout', async () => {
    await withApp({ door: 'server' }, async (app) => {
      const browser = await app.signIn('ada')
      app.clock.advance(6 * minute)
      for (const path of ['/session', '/sessions', '/', '/nothing']) {
        app.clock.advance(6 * minute)
        assert.deepEqual(shapes(await browser.get(path)), pair, path)
      }
      const form = { username: 'ada', password: 'correct horse battery staple', remember: 'on' }
      const answer = await browser.send({ method: 'POST', path: '/login', form })
      assert.equal(answer.status, 303)
      assert.deepEqual(shapes(answer), [`${session}=…; Max-Age=2592000; ${flags}`, pair[1]])
      assert.deepEqual(shapes(await browser.post('/logout')), deleted)
    })
  })

  atBothDoors(
    'over plain http that was asked for by name, the same without prefix and Secure',
    async (app) => {
      const browser = app.browser()
      const bare = (lines: readonly string[]): readonly string[] =>
        lines.map((line) => line.replace('__Host-', '').replace(' Secure;', ''))
      assert.deepEqual(shapes(await browser.post('/login', { user: 'ada' })), bare(pair))
      assert.equal((await browser.get('/me')).status, 200)
      assert.deepEqual(shapes(await browser.post('/logout')), bare(deleted))
    },
    { insecureHttp: true },
  )
})

describe('C1 C2 C9 the option cookies: what is set is what is read and deleted', () => {
  const origin = 'https://app.example.com'
  const none = { sameSite: 'None', partitioned: true, name: { session: 'id', snapshot: 'seal' } } as const
  const cases: readonly (readonly [why: string, cookies: CookieOptions, names: readonly string[], flags: string])[] = [
    [
      'shared with sub-domains',
      { sharedDomain: 'example.com' },
      ['__Secure-session', '__Secure-snapshot'],
      'Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax',
    ],
    [
      'in the frames of others',
      none,
      ['__Host-id', '__Host-seal'],
      'Path=/; Secure; HttpOnly; SameSite=None; Partitioned',
    ],
    [
      'strict',
      { sameSite: 'Strict', name: { session: 'id', snapshot: 'seal' } },
      ['__Host-id', '__Host-seal'],
      'Path=/; Secure; HttpOnly; SameSite=Strict',
    ],
  ]
  for (const [why, cookies, names, expected] of cases) {
    atBothDoors(
      why,
      async (app) => {
        const browser = app.browser()
        const set = [`${names[0]}=…; ${expected}`, `${names[1]}=…; Max-Age=300; ${expected}`]
        assert.deepEqual(shapes(await browser.post('/login', { user: 'ada' })), set)
        assert.equal((await browser.get('/me')).json().user, 'ada')
        app.clock.advance(6 * minute)
        assert.deepEqual(shapes(await browser.get('/me')), set, 'renewed in passing')
        const others = `${session}=${browser.jar.get(names[0] as string)}`
        assert.equal((await app.get('/me', { Cookie: others })).reason, 'anonymous', 'C7 other names are not ours')
        const twice = `${browser.cookie()}; ${names[0]}=evil`
        assert.equal((await app.get('/me', { Cookie: twice })).reason, 'duplicate_cookie', 'C8')
        const gone = names.map((name) => `${name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${expected}`)
        assert.deepEqual(shapes(await browser.post('/logout')), gone)
        assert.equal(browser.cookie(), undefined, 'C9')
      },
      { origin, cookies },
    )
  }

  atBothDoors(
    'X1 with SameSite=None pages of other sites still change nothing',
    async (app) => {
      const browser = await app.signIn('ada')
      const from = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://first.example' }
      for (const path of ['/logout', '/me', '/data'])
        assert.equal((await browser.post(path, {}, from)).status, 403, path)
      assert.equal((await browser.get('/me')).json().user, 'ada')
    },
    { origin, cookies: none },
  )

  everywhere(
    'C3 the largest claims that a login takes still fit beside the longest names',
    async (app) => {
      const browser = app.browser()
      let size = 2700
      let answer = await browser.post('/login', { user: 'ada', claims: { role: 'x'.repeat(size) } })
      assert.equal(answer.status, 200)
      for (; answer.status === 200; size += 8)
        answer = await browser.post('/login', { user: 'ada', claims: { role: 'x'.repeat(size) } })
      assert.ok(answer.status >= 400 && size < 3100 && answer.cookies.length === 0, `${answer.status} at ${size}`)
      assert.equal((await browser.get('/me')).status, 200)
      assert.equal((await app.auth.list('ada')).length, 1, 'what did not fit was not stored')
    },
    { cookies: { name: { session: 'a'.repeat(23), snapshot: 'b'.repeat(23) } } },
  )
})

/** Sets cookies of its own, beside a sign-in if it is asked for. */
const ownCookies: Routes = {
  'POST /own': async (request, response) => {
    const { user, lines } = await bodyOf(request)
    if (typeof user === 'string') await request.session.login({ user })
    response.setHeader('Set-Cookie', lines as string[])
    json(response, 'set')
  },
}

describe('C3 C5 cookies of the application that a browser would not keep are an error, before they leave', () => {
  const secret = 'v4lue-of-the-cookie'
  const others = Array.from({ length: 60 }, (_, n) => `other${n}=1`).join('; ')
  const cases: readonly (readonly [why: string, lines: readonly string[], held: string | undefined])[] = [
    ['over 4096 octets', [`big=${secret.padEnd(4094, 'x')}`], undefined],
    ['SameSite=None without Secure', [`a=${secret}; SameSite=None`], undefined],
    ['a prefix that is not kept', ['fine=1', `__Host-a=${secret}; Secure`], undefined],
    ['one too many', [`theme=${secret}`], others],
    ['together too large', [1, 2, 3].map((n) => `part${n}=${secret.padEnd(3000, 'x')}`), undefined],
  ]
  for (const [why, lines, held] of cases) {
    atBothDoors(
      why,
      async (app) => {
        const browser = await app.signIn('ada')
        const cookie = [browser.cookie(), held].filter((part) => part !== undefined).join('; ')
        const answer = await app.post('/own', { lines }, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' })
        assert.equal(answer.status, 500)
        assert.deepEqual(answer.cookies, [])
        assert.ok(!answer.body.includes(secret))
        const user = await app.post('/own', { user: 'bob', lines }, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' })
        assert.equal(user.status, 500)
        assert.deepEqual(shapes(user), pair, 'those of the session leave all the same')
      },
      { routes: ownCookies },
    )
  }

  atBothDoors(
    'what fits leaves beside those of the session',
    async (app) => {
      const lines = [`theme=dark; Path=/`, `cart=${'x'.repeat(4000)}; Path=/`, 'old=; Max-Age=0']
      const answer = await app.browser().post('/own', { user: 'ada', lines })
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.cookies.map(({ name }) => name).toSorted(), [session, snapshot, 'cart', 'old', 'theme'])
    },
    { routes: ownCookies },
  )

  everywhere('C5 sixty cookies that others have planted are in nobody’s way', async (app) => {
    const planted = { Cookie: others, 'Sec-Fetch-Site': 'same-origin' }
    const answer = await app.post('/login', { user: 'ada' }, planted)
    assert.deepEqual(shapes(answer), pair)
    const cookie = `${others}; ${answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')}`
    app.clock.advance(6 * minute)
    assert.deepEqual(shapes(await app.get('/me', { Cookie: cookie })), pair)
    const out = await app.post('/logout', undefined, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' })
    assert.deepEqual(shapes(out), deleted)
  })
})

describe('C3 what does not fit into a cookie is an error, and nothing is stored', () => {
  everywhere('claims that are too large at login and in an update', async (app) => {
    const answer = await app.browser().post('/login', { user: 'ada', claims: { role: 'x'.repeat(4000) } })
    assert.ok(answer.status >= 400, `${answer.status}`)
    assert.deepEqual(answer.cookies, [])
    assert.deepEqual(await app.auth.list('ada'), [])
    const browser = await app.signIn('ada', { claims: { role: 'x'.repeat(2000) } })
    const { id } = (await browser.get('/me')).json()
    await assert.rejects(app.auth.update(id as string, { claims: { role: 'x'.repeat(4000) } }), {
      kind: 'invalid_value',
      message: /role/,
    })
    app.clock.advance(6 * minute)
    assert.equal((await browser.get('/me')).status, 200)
  })

  test('each bound', () => {
    const cookie = { name: 'c', value: '', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
    assert.equal(
      serializeCookie({ ...cookie, value: 'x'.repeat(4095) }).length,
      4097 + ' Path=/; Secure; HttpOnly; SameSite=Lax'.length + 1,
    )
    assert.throws(() => serializeCookie({ ...cookie, value: 'x'.repeat(4096) }), { kind: 'invalid_value' })
    assert.throws(() => serializeCookie({ ...cookie, path: `/${'x'.repeat(1024)}` }), { kind: 'invalid_value' })
    assert.throws(() => serializeCookie({ ...cookie, maxAge: 34_560_001 }), { kind: 'invalid_value' })
    assert.throws(() => deleteCookie({ ...cookie, domain: 'x'.repeat(1025) }), { kind: 'invalid_value' })
  })
})

describe('C5 few cookies, and each of them may be missing', () => {
  everywhere('either one alone', async (app) => {
    const browser = await app.signIn('ada')
    assert.equal(browser.jar.size, 2)
    app.clock.advance(minute)
    const onlySnapshot = browser.copy()
    onlySnapshot.put(session, null)
    for (const path of ['/me', '/level2', '/admin']) assert.equal((await onlySnapshot.get(path)).reason, 'anonymous')
    assert.equal((await onlySnapshot.get('/whoami')).json().id, null)
    assert.equal((await onlySnapshot.post('/me')).reason, 'anonymous')
    assert.equal((await onlySnapshot.post('/data', { key: 'k', value: 1 })).status, 200, 'begins an anonymous session')
    assert.equal((await onlySnapshot.post('/login', { user: 'ada' })).status, 200)
    assert.equal((await onlySnapshot.get('/me')).json().user, 'ada')
    browser.put(snapshot, null)
    const renewed = await browser.get('/me')
    assert.equal(renewed.json().user, 'ada')
    assert.deepEqual(shapes(renewed), pair)
    browser.put(snapshot, null)
    assert.equal((await browser.post('/logout')).status, 204)
    assert.equal(browser.cookie(), undefined)
  })

  everywhere('a snapshot of another session, of another user, of none: the credential decides', async (app) => {
    const [ada, bob] = [await app.signIn('ada'), await app.signIn('bob')]
    const second = await app.signIn('ada')
    for (const value of [bob, second].map((one) => one.jar.get(snapshot) as string).concat('x', '', 'a'.repeat(200))) {
      app.clock.advance(minute)
      const answer = await app.get('/me', { Cookie: `${session}=${ada.jar.get(session)}; ${snapshot}=${value}` })
      assert.equal(answer.json().user, 'ada')
      ada.take(answer)
    }
  })

  everywhere('among 48 others of the same site', async (app) => {
    const browser = await app.signIn('ada')
    const others = Array.from({ length: 48 }, (_, n) => `other${n}=${'v'.repeat(60)}`).join('; ')
    assert.equal((await app.get('/me', { Cookie: `${others}; ${browser.cookie()}` })).json().user, 'ada')
    assert.equal((await app.get('/me', { Cookie: `${browser.cookie()}; ${others}` })).json().user, 'ada')
    assert.equal((await app.get('/me', { Cookie: [others, browser.cookie() ?? ''] })).json().user, 'ada', 'two lines')
  })
})

/** Sends a Cookie header as bytes, and tells the status line and whether anything was set. */
async function rawCookie(app: App, header: string): Promise<{ readonly status: string; readonly set: boolean }> {
  const text = await app.raw(
    `GET ${app.guarded} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${header}\r\n\r\n`,
  )
  return { status: text.slice(9, 12), set: /set-cookie/i.test(text) }
}

describe('C6 C7 other spellings, and values that no cookie may have, are no session', () => {
  atAllDoors('as bytes on the wire', async (app) => {
    const browser = await app.signIn('ada')
    const value = browser.jar.get(session) as string
    const sealed = browser.jar.get(snapshot) as string
    assert.deepEqual(await rawCookie(app, `${session}=${value}; ${snapshot}=${sealed}`), { status: '200', set: false })
    const names = [
      '%5F%5FHost-session',
      '__host-session',
      '__HOST-SESSION',
      '=__Host-session',
      '..Host-session',
      '__Host-session ',
      '__Host_session',
      'session',
      '__Host-sessio',
      '__Host-session2',
      '__Host--session',
      '"__Host-session"',
      '__Host-session%00',
      '\u00a0__Host-session',
      '__Secure-session',
      'x; y__Host-session',
    ]
    for (const name of names)
      assert.deepEqual(
        await rawCookie(app, `${name}=${value}; ${name.replace('session', 'snapshot')}=${sealed}`),
        { status: '401', set: false },
        name,
      )
    const values = [
      `"${value}"`,
      `${value} x`,
      `${value},x`,
      `${value}\\`,
      `${value}\u00e9`,
      encodeURIComponent(`${value}/`),
      `${value}%20`,
      `${value}=`,
      `${value}A`,
      value.slice(0, -1),
      value.toLowerCase(),
      '',
      '=',
      `${value.slice(0, 20)}\t${value.slice(20)}`,
    ]
    for (const odd of values)
      assert.deepEqual(await rawCookie(app, `${session}=${odd}`), { status: '401', set: false }, odd)
    for (const control of ['\x01', '\x08', '\x0b', '\x1f', '\x7f']) {
      const { status, set } = await rawCookie(app, `${session}=${value}${control}`)
      assert.ok(['400', '401'].includes(status) && !set, `${status} for ${control.charCodeAt(0)}`)
    }
    assert.equal((await browser.get(app.guarded)).status, 200)
  })

  test('C6 nothing of the kind goes out', () => {
    const good = { name: 'c', value: 'v', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
    const bad = ['\0', '\r\nSet-Cookie: x=y', '\n', ';', ',', '\x7f', '\x1f', '\u00e9']
    for (const text of bad) {
      for (const change of [
        { name: `c${text}` },
        { value: `v${text}` },
        { path: `/${text}` },
        { domain: `a.b${text}` },
      ])
        assert.throws(() => serializeCookie({ ...good, ...change }), { kind: 'invalid_value' }, JSON.stringify(change))
    }
  })
})

describe('C8 two cookies of one name are refused, whatever they are', () => {
  everywhere('both orders, equal ones, either name, one line or two', async (app) => {
    const [good, evil] = [await app.signIn('ada'), await app.signIn('evil')]
    const value = (one: Browser, name: string): string => `${name}=${one.jar.get(name)}`
    const headers = [
      [value(evil, session), value(good, session)],
      [value(good, session), value(evil, session)],
      [value(good, session), value(good, session)],
      [value(good, session), value(good, snapshot), value(evil, snapshot)],
      [value(evil, snapshot), value(good, session), value(good, snapshot)],
      [value(good, snapshot), value(good, snapshot)],
      [value(good, session), `${session}=`, value(good, snapshot)],
      [`${session}="planted"`, value(good, session)],
    ]
    for (const parts of headers) {
      for (const cookie of [parts.join('; '), parts.join(';'), parts]) {
        for (const method of ['GET', 'POST']) {
          const answer = await app.send({
            method,
            path: '/me',
            headers: { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' },
          })
          assert.equal(answer.reason, 'duplicate_cookie')
          assert.equal(answer.status, 401)
          assert.deepEqual(answer.cookies, [])
        }
        assert.equal((await app.get('/whoami', { Cookie: cookie })).json().user, null)
      }
    }
  })

  atAllDoors('a logout with two is not said to be one', async (app) => {
    const [good, evil] = [await app.signIn('ada'), await app.signIn('evil')]
    const cookie = `${session}=${good.jar.get(session)}; ${session}=${evil.jar.get(session)}`
    const answer = await app.post('/logout', undefined, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' })
    assert.equal(answer.reason, 'duplicate_cookie')
    assert.deepEqual(answer.cookies, [])
    for (const one of [good, evil]) assert.equal((await one.get(app.guarded)).status, 200)
  })
})

describe('C9 after logout the jar is empty', () => {
  atAllDoors('remembered or not', async (app) => {
    for (const options of [{}, { remember: true }]) {
      const browser = await app.signIn('ada', options)
      browser.put('theme', 'dark')
      assert.equal((await browser.post('/logout')).status, 204)
      assert.deepEqual([...browser.jar], [['theme', 'dark']])
    }
  })

  everywhere('a browser session ends with the browser, a remembered one does not', async (app) => {
    const [brief, lasting] = [await app.signIn('ada'), await app.signIn('bob', { remember: true })]
    brief.restart()
    lasting.restart()
    assert.equal((await brief.get('/me')).reason, 'anonymous')
    assert.equal((await lasting.get('/me')).json().user, 'bob')
    app.clock.advance(6 * minute)
    await lasting.get('/me')
    lasting.restart()
    assert.equal((await lasting.get('/me')).json().user, 'bob', 'renewed cookies last as well')
  })
})

describe('a refused credential never clears or sets cookies', () => {
  everywhere('forged, malformed, foreign, ended, timed out, replayed', async (app) => {
    const cases: [string, string][] = [
      ['malformed_credential', `${session}=nonsense`],
      ['oversized_credential', `${session}=${'A'.repeat(65)}`],
      ['malformed_credential', `${session}=${'A'.repeat(64)}`],
    ]
    const ended = await app.signIn('ada')
    cases.push(['revoked', ended.cookie() ?? ''])
    await ended.post('/logout')
    const replayed = await app.signIn('bob')
    const first = `${session}=${replayed.jar.get(session)}`
    for (let n = 0; n < 3; n++) {
      app.clock.advance(6 * minute)
      await replayed.get('/me')
    }
    app.clock.advance(minute)
    cases.push(['replayed_credential', first], ['revoked', first])
    const idle = await app.signIn('eve')
    for (const [reason, cookie] of cases) await assertUntouched(app, reason, cookie)
    const cookie = idle.cookie() ?? ''
    app.clock.advance(61 * minute)
    await assertUntouched(app, 'idle_timeout', cookie)
    await assertUntouched(app, 'revoked', cookie)
  })
})

async function assertUntouched(app: App, reason: string, cookie: string): Promise<void> {
  const guarded = await app.get('/me', { Cookie: cookie })
  assert.equal(guarded.reason, reason)
  assert.equal(guarded.status, 401)
  const others = [
    await app.get('/public', { Cookie: cookie }),
    await app.get('/whoami', { Cookie: cookie }),
    await app.post('/public', {}, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' }),
  ]
  for (const answer of [guarded, ...others]) assert.deepEqual(answer.cookies, [], reason)
  assert.equal(others[0]?.status, 200, 'the application goes on, as for anybody')
}

describe('C11 the cookies say nothing to whoever holds them', () => {
  everywhere('in no common encoding', async (app) => {
    const user = 'ada.lovelace@example.com'
    const browser = await app.signIn(user, {
      claims: { role: 'administrator' },
      tenant: 'analytical-engines',
      level: 2,
    })
    const { id } = (await browser.get('/me')).json()
    for (const value of browser.jar.values()) {
      const forms = [
        value,
        ...(['base64', 'base64url', 'hex', 'latin1'] as const).map((form) =>
          Buffer.from(value, form).toString('latin1'),
        ),
      ]
      for (const form of [...forms, ...forms.map((one) => [...one].reverse().join(''))])
        for (const word of ['lovelace', 'example.com', 'administrator', 'analytical', String(id).slice(1)])
          assert.ok(!form.includes(word), `${word} is readable`)
    }
    const again = await app.signIn(user)
    assert.notEqual(
      again.jar.get(snapshot)?.slice(0, 40),
      browser.jar.get(snapshot)?.slice(0, 40),
      'equal contents, different texts',
    )
  })
})

describe('C12 no body holds a cookie value', () => {
  everywhere('of all that an application is told', async (app) => {
    const browser = await app.signIn('ada')
    for (const path of ['/me', '/whoami', '/data?key=k', '/level2', '/auth/.well-known/jwks.json'])
      await browser.get(path)
    await browser.post('/step-up', {})
    const values = [...app.issued]
    assert.equal(values.length, 4)
    for (const text of app.said) for (const value of values) assert.ok(!text.includes(value))
    const started = (await browser.post('/login', { user: 'bob' })).json()
    assert.deepEqual(
      Object.keys(started).filter((name) => /token|credential|secret|salt|cookie/.test(name)),
      [],
    )
  })
})
