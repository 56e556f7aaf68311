import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseCredential, writeCredential } from '../../src/crypto/credential.ts'
import { createKeyRing } from '../../src/crypto/keyring.ts'
import { randomText } from '../../src/crypto/random.ts'
import { type App, type AppOptions, atBothDoors, type Browser, secrets, withApp } from '../support/app.ts'
import type { Answer, Lines } from '../support/app-client.ts'
import { json, type Routes, whoOf } from '../support/app-routes.ts'

/** A client that sends no Fetch Metadata, no Origin and no Referer. */
const silent = { 'Sec-Fetch-Site': null } as const

let notes = 0

const routes: Routes = {
  'GET /csrf': (request, response) => json(response, { token: request.session.csrfToken() }),
  'POST /note': {
    guard: {},
    handle: (request, response) => json(response, { notes: ++notes, user: request.session.user }),
  },
  'POST /form': async (request, response) => {
    const { csrf } = Object.fromEntries(new URLSearchParams(await textOf(request)))
    const proven = await request.session.proveOrigin(csrf)
    if (proven) notes++
    json(response, { proven, ...whoOf(request.session) })
  },
  'POST /unproven': async (request, response) => json(response, await tryAll(request.session)),
  'POST /again': async (request, response) => {
    await request.session.login({ user: 'ada' })
    json(response, { token: request.session.csrfToken() })
  },
}

type Session = Parameters<Extract<Routes[string], (...args: never[]) => unknown>>[0]['session']

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** What every word of the session says to a request whose start is not proven. */
async function tryAll(session: Session): Promise<Readonly<Record<string, unknown>>> {
  const reasonOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { reason?: string }) => error.reason,
    )
  return {
    user: session.user,
    token: session.csrfToken(),
    login: await reasonOf(session.login({ user: 'mallory' })),
    logout: await reasonOf(session.logout()),
    logoutEverywhere: await reasonOf(session.logoutEverywhere()),
    stepUp: await reasonOf(session.stepUp()),
    set: await reasonOf(session.set('key', 'value')),
    update: await reasonOf(session.update('key', () => 'value')),
    get: (await session.get('key')) ?? null,
  }
}

async function tokenOf(browser: Browser): Promise<string> {
  const { token } = (await browser.get('/csrf')).json()
  assert.match(token as string, /^[A-Za-z0-9_-]{72}$/)
  return token as string
}

function note(browser: Browser, headers: Lines, path = '/note'): Promise<Answer> {
  return browser.send({ method: 'POST', path, headers: { ...silent, ...headers } })
}

async function refused(app: App, answer: Promise<Answer>, reason: string, why: string): Promise<void> {
  const before = [notes, app.events.length] as const
  const { status, reason: given, cookies } = await answer
  assert.deepEqual([status, given, cookies.length], [403, reason, 0], why)
  assert.deepEqual([notes, app.events.length], before, why)
}

atBothDoors(
  'X3 the token in the header lets a silent client act for its session',
  async (app) => {
    const browser = await app.signIn('ada')
    const token = await tokenOf(browser)
    await refused(app, note(browser, {}), 'unproven_origin', 'without a token')
    const answer = await note(browser, { 'X-CSRF-Token': token })
    assert.equal(answer.status, 200)
    assert.equal(answer.json().user, 'ada')
    assert.equal(
      (await note(browser, { 'x-csrf-token': await tokenOf(browser) })).status,
      200,
      'any token of the session',
    )
    assert.equal((await browser.post('/logout', undefined, { ...silent, 'X-CSRF-Token': token })).status, 204)
    await refused(
      app,
      note(await app.signIn('ada'), { 'X-CSRF-Token': token }),
      'unproven_origin',
      'of a session that is over',
    )
  },
  { routes },
)

atBothDoors(
  'X3 any other token is refused',
  async (app) => {
    const browser = await app.signIn('ada')
    const token = await tokenOf(browser)
    const other = await tokenOf(await app.signIn('bob'))
    const own = await tokenOf(await app.signIn('ada'))
    const visitor = app.browser()
    await visitor.post('/data', { key: 'basket', value: '1' })
    const anonymous = await tokenOf(visitor)
    const wrong: Readonly<Record<string, Lines>> = {
      'of another user': { 'X-CSRF-Token': other },
      'of another session of the user': { 'X-CSRF-Token': own },
      'of an anonymous session': { 'X-CSRF-Token': anonymous },
      truncated: { 'X-CSRF-Token': token.slice(0, -1) },
      longer: { 'X-CSRF-Token': `${token}A` },
      empty: { 'X-CSRF-Token': '' },
      'a doubled line': { 'X-CSRF-Token': [token, token] },
      'a list': { 'X-CSRF-Token': `${token}, ${token}` },
      changed: { 'X-CSRF-Token': token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A') },
      'the credential': { 'X-CSRF-Token': browser.jar.get('__Host-session') ?? '' },
      'only in a cookie': { Cookie: `${browser.cookie()}; X-CSRF-Token=${token}; csrf=${token}; __Host-csrf=${token}` },
      'in another header': { 'X-XSRF-Token': token, 'CSRF-Token': token },
    }
    for (const [why, headers] of Object.entries(wrong))
      await refused(app, note(browser, headers), 'unproven_origin', why)
    for (const path of [`/note?X-CSRF-Token=${token}`, `/note?csrf=${token}&_csrf=${token}`])
      await refused(app, note(browser, {}, path), 'unproven_origin', path)
    const form = { 'X-CSRF-Token': token, csrf: token }
    await refused(
      app,
      browser.send({ method: 'POST', path: '/note', form, headers: silent }),
      'unproven_origin',
      'in the body',
    )
    await visitor.post('/login', { user: 'ada' })
    await refused(app, note(visitor, { 'X-CSRF-Token': anonymous }), 'unproven_origin', 'of before the login')
    const { token: after } = (await visitor.post('/again')).json()
    assert.equal(
      (await note(visitor, { 'X-CSRF-Token': after as string })).status,
      200,
      'of the login in the same request',
    )
  },
  { routes },
)

atBothDoors(
  'X3 a token never outweighs what a header says',
  async (app) => {
    const browser = await app.signIn('ada')
    const token = { 'X-CSRF-Token': await tokenOf(browser) }
    const foreign: readonly Lines[] = [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'cross-site', Origin: app.origin },
      { 'Sec-Fetch-Site': ['same-origin', 'same-origin'] },
      { 'Sec-Fetch-Site': '' },
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: '' },
      { Origin: [app.origin, app.origin] },
      { Referer: 'https://evil.example/' },
      { Referer: '' },
    ]
    for (const lines of foreign)
      await refused(app, note(browser, { ...lines, ...token }), 'cross_site', JSON.stringify(lines))
  },
  { routes },
)

atBothDoors(
  'X3 a token alone is nobody: the credential that names the session is judged as ever',
  async (app) => {
    const browser = await app.signIn('ada')
    const token = { 'X-CSRF-Token': await tokenOf(browser) }
    const session = browser.jar.get('__Host-session') as string
    const ring = createKeyRing([secrets[0]])
    const parsed = parseCredential(session, ring)
    assert.ok(parsed.ok)
    const forged = writeCredential(parsed.value.sid, 1, randomText(16), ring)
    const answer = await note(browser, { Cookie: `__Host-session=${forged}`, ...token })
    assert.equal(answer.status, 401)
    assert.equal((await note(browser, { Cookie: `__Host-session=${session}`, ...token })).status, 200)
    for (const cookie of [
      `__Host-session=${session}; __Host-session=${session}`,
      `__Host-snapshot=x`,
      '__Host-session=x',
      `__Host-session=${session.slice(0, -4)}${session.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`,
    ])
      await refused(app, note(browser, { Cookie: cookie, ...token }), 'unproven_origin', cookie.slice(0, 20))
  },
  { routes },
)

test('X3 tokens live through a rotation of the secret', async () => {
  await withApp({ routes }, async (app) => {
    const browser = await app.signIn('ada')
    const token = await tokenOf(browser)
    const second = await app.node({ secrets: [secrets[1], secrets[0]] })
    const headers = { ...silent, Cookie: browser.cookie() ?? '', 'X-CSRF-Token': token }
    assert.equal((await second.send({ method: 'POST', path: '/note', headers })).status, 200)
  })
})

test('X3 a page without a session has no token', async () => {
  await withApp({ routes }, async (app) => {
    assert.deepEqual((await app.browser().get('/csrf')).json(), { token: null })
  })
})

const withForms: AppOptions = { routes, formTokens: true }

describe('X3 in a field of a form, under formTokens', () => {
  const send = (browser: Browser, path: string, form: Readonly<Record<string, string>>, headers: Lines = {}) =>
    browser.send({ method: 'POST', path, form, headers: { ...silent, ...headers } })

  atBothDoors(
    'X3 a form is nobody until its token is right, and then its session is there',
    async (app) => {
      const browser = await app.signIn('ada')
      const token = await tokenOf(browser)
      const right = (await send(browser, '/form', { csrf: token })).json()
      assert.deepEqual([right.proven, right.user], [true, 'ada'])
      const other = await tokenOf(await app.signIn('ada'))
      const before = notes
      for (const csrf of [other, '', token.slice(1), 'x']) {
        const wrong = (await send(browser, '/form', { csrf })).json()
        assert.deepEqual([wrong.proven, wrong.user, wrong.id], [false, null, null])
      }
      assert.equal(notes, before)
    },
    withForms,
  )

  atBothDoors(
    'X3 until then it can begin, end and change nothing, and guards refuse it',
    async (app) => {
      const browser = await app.signIn('ada')
      const jar = browser.cookie()
      const events = app.events.length
      const answer = await send(browser, '/unproven', {})
      const no = 'unproven_origin'
      assert.deepEqual(answer.json(), {
        ...{ user: null, token: null, get: null },
        ...{ login: no, logout: no, logoutEverywhere: no, stepUp: no, set: no, update: no },
      })
      assert.deepEqual([answer.cookies.length, app.events.length, browser.cookie()], [0, events, jar])
      await refused(app, send(browser, '/note', { csrf: await tokenOf(browser) }), no, 'guarded')
      assert.equal((await browser.get('/me')).json().user, 'ada')
    },
    withForms,
  )

  atBothDoors(
    'X3 what a header proves needs no field, and what a header denies gets none',
    async (app) => {
      const browser = await app.signIn('ada')
      const csrf = await tokenOf(browser)
      const own = (await send(browser, '/form', {}, { 'Sec-Fetch-Site': 'same-origin' })).json()
      assert.deepEqual([own.proven, own.user], [true, 'ada'])
      const foreign: readonly Lines[] = [
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
        { Origin: 'null' },
        { Origin: 'https://evil.example' },
        { Referer: 'https://evil.example/' },
      ]
      for (const lines of foreign)
        await refused(app, send(browser, '/form', { csrf }, lines), 'cross_site', JSON.stringify(lines))
    },
    withForms,
  )

  atBothDoors(
    'X3 only forms are let in like that',
    async (app) => {
      const browser = await app.signIn('ada')
      const csrf = await tokenOf(browser)
      const type = 'application/x-www-form-urlencoded'
      const body = `csrf=${csrf}`
      for (const types of ['text/plain', 'application/json', '', [type, type], 'application/x-www-form-urlencodedx'])
        await refused(
          app,
          browser.send({ method: 'POST', path: '/form', body, headers: { ...silent, 'Content-Type': types } }),
          'unproven_origin',
          JSON.stringify(types),
        )
      await refused(app, note(browser, {}, '/form'), 'unproven_origin', 'no body')
      const put = browser.send({ method: 'PUT', path: '/form', form: { csrf }, headers: silent })
      await refused(app, put, 'unproven_origin', 'PUT')
    },
    withForms,
  )

  test('X3 without the option it is refused at the door', async () => {
    await withApp({ routes }, async (app) => {
      const browser = await app.signIn('ada')
      await refused(app, send(browser, '/form', { csrf: await tokenOf(browser) }), 'unproven_origin', 'no option')
    })
  })
})
