import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type App, password, withApp } from '../support/app.ts'

const html = { Accept: 'text/html' }

const everywhere: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'self'; img-src 'self'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Every kind of answer that the server gives: pages, data, files, refusals at each depth, redirections. */
async function answers(app: App): Promise<readonly Awaited<ReturnType<App['get']>>[]> {
  const browser = app.browser()
  const form = { username: 'ada', password }
  const signedIn = await browser.send({ method: 'POST', path: '/login', form, headers: html })
  assert.equal(signedIn.status, 303)
  const paths = [
    '/',
    '/login',
    '/session',
    '/sessions',
    '/preferences',
    '/nothing',
    '/healthz',
    '/favicon.ico',
    '/assets/handstamp.css',
    '/assets/handstamp.js',
    '/.well-known/jwks.json',
  ]
  const all = [signedIn]
  for (const path of paths)
    for (const headers of [html, { Accept: 'application/json' }])
      all.push(await browser.get(path, headers), await app.get(path, headers))
  const wrong = { ...form, password: 'wrong' }
  for (const headers of [html, {}]) {
    all.push(await app.send({ method: 'POST', path: '/login', form: wrong, headers }))
    all.push(await app.post('/logout', {}, { ...headers, 'Sec-Fetch-Site': 'cross-site' }))
    all.push(await app.send({ method: 'POST', path: '/healthz', headers }))
    all.push(await app.get(`/${'x'.repeat(9000)}`, headers))
  }
  all.push(await app.post('/token', {}), await browser.post('/logout'))
  return all
}

describe('X8 headers', () => {
  test('X8 stand on every answer of the server, and promise https only where it is https', async () => {
    await withApp({ door: 'server' }, async (app) => {
      for (const { status, lines, header } of await answers(app)) {
        for (const [name, value] of Object.entries(everywhere)) assert.equal(header(name), value, `${status} ${name}`)
        assert.match(header('permissions-policy') ?? '', /camera=\(\), .*geolocation=\(\)/)
        assert.equal(header('strict-transport-security'), undefined)
        const names = lines.map(([name]) => name.toLowerCase()).filter((name) => name !== 'set-cookie')
        assert.deepEqual(names, [...new Set(names)], 'no header twice')
      }
    })
  })

  test('X8 HSTS stands on every answer of an https origin, files and refusals too', async () => {
    await withApp({ door: 'server', origin: 'https://app.example' }, async (app) => {
      for (const { status, header } of await answers(app))
        assert.equal(header('strict-transport-security'), 'max-age=63072000; includeSubDomains', `${status}`)
    })
  })

  test('every 401 says how to sign in (RFC 9110 15.5.2), the page too', async () => {
    await withApp({ door: 'server' }, async (app) => {
      const refused = (await answers(app)).filter(({ status }) => status === 401)
      const pages = refused.filter(({ header }) => header('content-type')?.startsWith('text/html'))
      assert.ok(pages.length >= 2 && refused.length > pages.length)
      for (const { header } of refused) assert.equal(header('www-authenticate'), 'Bearer realm="handstamp"')
    })
  })

  test('the icon that browsers ask for by themselves is there', async () => {
    await withApp({ door: 'server' }, async (app) => {
      const icon = await app.get('/favicon.ico')
      assert.deepEqual([icon.status, icon.header('content-type')], [200, 'image/svg+xml'])
      assert.match(icon.body, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    })
  })
})

describe('the way back to the login page', () => {
  test('says why a session is over, and not to somebody who never had one', async () => {
    await withApp({ door: 'server' }, async (app) => {
      const browser = await app.signIn('ada')
      assert.equal((await app.get('/', html)).header('location'), '/login')
      assert.equal((await app.get('/sessions', html)).header('location'), '/login?next=/sessions')
      await app.auth.revokeAll({ user: 'ada' })
      assert.equal((await browser.get('/', html)).header('location'), '/login?ended=revoked')
      const away = (await browser.get('/sessions', html)).header('location') ?? ''
      assert.equal(away, '/login?next=/sessions&ended=revoked')
      const { body } = await browser.get(away, html)
      assert.match(body, /This session was ended elsewhere\./)
      // A change of theme there leads back without saying it again.
      assert.match(body, /name="next" value="\/login\?next=%2Fsessions"/)
      assert.doesNotMatch((await browser.get('/login', html)).body, /was ended elsewhere/)
      assert.doesNotMatch((await browser.get('/login?ended=nonsense', html)).body, /id="notice"/)
    })
  })

  test('says that it was not used for a while', async () => {
    await withApp({ door: 'server' }, async (app) => {
      const browser = await app.signIn('ada')
      app.clock.advance(61 * 60_000)
      assert.equal((await browser.get('/', html)).header('location'), '/login?ended=idle_timeout')
    })
  })
})
