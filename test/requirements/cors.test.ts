import assert from 'node:assert/strict'
import { test } from 'node:test'
import { handstamp, memory } from '../../src/index.ts'
import { type AppOptions, atAllDoors, atBothDoors } from '../support/app.ts'
import type { Answer, Lines } from '../support/app-client.ts'

const own = 'https://example.com'
const sibling = 'https://app.example.com'
const client = 'https://client.example'
const options: AppOptions = {
  ...{ present: 'both', origin: own, trustedOrigins: [sibling] },
  cors: { credentials: [sibling], tokens: [client] },
}

const fuzz = [
  ...[
    'null',
    'https://evil.example',
    own,
    'http://app.example.com',
    'https://App.example.com',
    'https://app.example.com.',
  ],
  ...['https://app.example.com.evil.example', 'https://evilapp.example.com', 'https://evil.app.example.com', '*', ''],
  ...['https://app.example.com:8443', 'https://user@app.example.com', `${sibling}, https://evil.example`],
] as const

function allowed(answer: Answer): readonly (string | undefined)[] {
  return [answer.header('access-control-allow-origin'), answer.header('access-control-allow-credentials')]
}

function assertVaries(answer: Answer): void {
  assert.match(answer.header('vary') ?? '', /(^|, )Origin($|,)/)
}

atAllDoors(
  'X7 an answer names only a listed origin, and allows credentials only to a listed sibling',
  async (app) => {
    const browser = await app.signIn('ada')
    const ask = (headers: Lines): Promise<Answer> => browser.get(app.guarded, headers)
    assert.deepEqual(allowed(await ask({ 'Sec-Fetch-Site': 'same-site', Origin: sibling })), [sibling, 'true'])
    assert.deepEqual(allowed(await ask({ 'Sec-Fetch-Site': 'cross-site', Origin: client })), [client, undefined])
    for (const origin of fuzz) {
      const answer = await ask({ Origin: origin })
      assert.deepEqual(allowed(answer), [undefined, undefined], origin)
      assertVaries(answer)
    }
    assert.deepEqual(allowed(await ask({ Origin: [sibling, sibling] })), [undefined, undefined])
    assertVaries(await ask({}))
  },
  options,
)

atAllDoors(
  'X7 a refusal may be read by a listed origin too, and by no other',
  async (app) => {
    const token = { Authorization: 'Bearer x' }
    const refused = await app.get(app.guarded, { Origin: client, ...token })
    assert.equal(refused.status, 401)
    assert.deepEqual(allowed(refused), [client, undefined])
    assert.match(refused.header('access-control-expose-headers') ?? '', /WWW-Authenticate/)
    const browser = await app.signIn('ada')
    const crossSite = await browser.post('/logout', undefined, { 'Sec-Fetch-Site': 'cross-site', Origin: client })
    assert.equal(crossSite.status, 403)
    assert.deepEqual(allowed(crossSite), [client, undefined])
    for (const origin of fuzz)
      assert.deepEqual(
        allowed(await app.get(app.guarded, { Origin: origin, ...token })),
        [undefined, undefined],
        origin,
      )
  },
  options,
)

atAllDoors(
  'X7 a preflight is answered for listed origins',
  async (app) => {
    const preflight = (origin: string): Promise<Answer> => {
      const asked = { 'Access-Control-Request-Method': 'DELETE', 'Access-Control-Request-Headers': 'x-evil' }
      return app.send({ method: 'OPTIONS', path: app.guarded, headers: { Origin: origin, ...asked } })
    }
    const answer = await preflight(sibling)
    assert.equal(answer.status, 204)
    assert.deepEqual(allowed(answer), [sibling, 'true'])
    assert.match(answer.header('access-control-allow-methods') ?? '', /DELETE/)
    assert.doesNotMatch(answer.lines.join(), /x-evil/)
    assert.deepEqual(allowed(await preflight(client)), [client, undefined])
    for (const origin of fuzz) assert.deepEqual(allowed(await preflight(origin)), [undefined, undefined], origin)
  },
  options,
)

atBothDoors(
  'X1 X7 a listed page without cookies signs in for tokens and renews them, and never touches the cookies that came along',
  async (app) => {
    const page = { 'Sec-Fetch-Site': 'cross-site', Origin: client }
    const signedIn = await app.post('/login', { user: 'ada', present: 'token' }, page)
    assert.equal(signedIn.status, 200)
    const form = { grant_type: 'refresh_token', refresh_token: String(signedIn.json().refresh_token) }
    const renewed = await app.send({ method: 'POST', path: '/auth/token', form, headers: page })
    assert.equal(renewed.status, 200)
    assert.deepEqual(renewed.cookies, [])

    const browser = await app.signIn('bob')
    const before = browser.cookie()
    for (const [path, body] of [
      ['/login', { user: 'eve' }],
      ['/logout', undefined],
      ['/auth/logout', undefined],
      ['/data', { key: 'cart', value: 1 }],
      ['/step-up', { level: 2 }],
    ] as const) {
      const answer = await browser.post(path, body, page)
      assert.ok([401, 403].includes(answer.status), `${path}: ${answer.status}`)
      assert.deepEqual(answer.cookies, [], path)
      assert.equal(answer.header('clear-site-data'), undefined)
    }
    assert.equal(browser.cookie(), before)
    assert.equal((await browser.get('/me')).json().user, 'bob')
    // In its name nobody else gets in, and the session of the cookie is not seen.
    assert.equal((await browser.post('/me', undefined, page)).reason, 'cross_site')
    assert.equal((await browser.post('/me', undefined, { ...page, Origin: 'https://evil.example' })).status, 403)
  },
  options,
)

atBothDoors('X7 without the option nobody is named', async (app) => {
  for (const origin of [...fuzz, sibling, client])
    assert.deepEqual(allowed(await app.get('/public', { Origin: origin })), [undefined, undefined])
})

test('X7 what would let anybody in is refused when the application starts', () => {
  const cors = { credentials: [sibling, '*'], tokens: ['null'] }
  assert.throws(
    () => handstamp({ backend: memory(), origin: own, cors }),
    (error: Error) => /cors.credentials: "\*" is not an origin/.test(error.message) && /"null"/.test(error.message),
  )
  assert.throws(
    () => handstamp({ backend: memory(), origin: own, cors: { credentials: [sibling] } }),
    /must be listed in trustedOrigins/,
  )
})
