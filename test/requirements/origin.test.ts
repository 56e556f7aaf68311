import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, type App, atAllDoors, atBothDoors, type Browser, password, withApp } from '../support/app.ts'
import type { Lines } from '../support/app-client.ts'

const safe = ['GET', 'HEAD', 'OPTIONS']
const unsafe = ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']

/** Every path that changes something, and one of the application's own. */
function pathsOf(app: App): readonly string[] {
  const own = [
    '/login',
    '/logout',
    '/public',
    '/me',
    '/data',
    '/step-up',
    '/logout-everywhere',
    '/auth/token',
    '/auth/revoke',
    '/auth/logout',
  ]
  return app.door === 'server'
    ? ['/login', '/logout', '/sessions', '/sessions/x', '/sessions/end', '/token', '/revoke', '/nowhere']
    : own
}

/** Without the header that browsers add, unless it is among the lines. */
async function ask(one: Browser, method: string, path: string, headers: Lines): Promise<Answer> {
  return one.send({ method, path, json: {}, headers: { 'Sec-Fetch-Site': null, ...headers } })
}

async function assertRefused(app: App, headers: Lines, reason: string): Promise<void> {
  const browser = await app.signIn('ada')
  const before = [...browser.jar]
  for (const method of unsafe) {
    for (const path of pathsOf(app)) {
      const answer = await ask(browser, method, path, headers)
      assert.equal(answer.status, 403, `${method} ${path} ${JSON.stringify(headers)}`)
      assert.equal(answer.reason, reason)
      assert.equal(answer.header('content-type'), 'application/problem+json')
      assert.equal(answer.header('access-control-allow-origin'), undefined)
      assert.equal(answer.header('clear-site-data'), undefined)
      assert.deepEqual(answer.cookies, [])
    }
  }
  assert.deepEqual([...browser.jar], before)
  assert.equal((await browser.get(app.guarded)).status, 200)
}

async function assertPasses(app: App, headers: Lines): Promise<void> {
  const browser = await app.signIn('ada')
  for (const method of unsafe)
    for (const path of ['/public', '/nowhere'])
      assert.notEqual((await ask(browser, method, path, headers)).status, 403, JSON.stringify(headers))
  assert.equal((await ask(browser, 'POST', '/logout', headers)).status, 204)
}

describe('X1 Sec-Fetch-Site decides where it is there', () => {
  atAllDoors('refused for every unsafe method, on every path', async (app) => {
    await assertRefused(app, { 'Sec-Fetch-Site': 'cross-site' }, 'cross_site')
    await assertRefused(app, { 'Sec-Fetch-Site': 'same-site' }, 'cross_site')
    await assertRefused(app, { 'Sec-Fetch-Site': 'cross-site', Origin: app.origin }, 'cross_site')
    await assertRefused(app, { 'Sec-Fetch-Site': '' }, 'cross_site')
    await assertRefused(app, { 'Sec-Fetch-Site': 'Same-Origin' }, 'cross_site')
    await assertRefused(app, { 'Sec-Fetch-Site': ['same-origin', 'cross-site'] }, 'cross_site')
    await assertRefused(app, { 'Sec-Fetch-Site': 'same-origin, cross-site' }, 'cross_site')
  })

  atAllDoors('passed', async (app) => {
    await assertPasses(app, { 'Sec-Fetch-Site': 'same-origin' })
    await assertPasses(app, { 'Sec-Fetch-Site': 'none' })
    await assertPasses(app, { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://evil.example' })
  })

  atAllDoors(
    'siblings only where they are listed',
    async (app) => {
      await assertPasses(app, { 'Sec-Fetch-Site': 'same-site', Origin: 'https://app.example.com' })
      await assertRefused(app, { 'Sec-Fetch-Site': 'same-site', Origin: 'https://other.example.com' }, 'cross_site')
      await assertRefused(app, { 'Sec-Fetch-Site': 'same-site' }, 'cross_site')
      await assertRefused(
        app,
        { 'Sec-Fetch-Site': 'same-site', Origin: ['https://app.example.com', 'https://app.example.com'] },
        'cross_site',
      )
      await assertRefused(app, { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://app.example.com' }, 'cross_site')
    },
    { origin: 'https://www.example.com', trustedOrigins: ['https://app.example.com'] },
  )

  atAllDoors('safe methods pass, and find the session there', async (app) => {
    const browser = await app.signIn('ada')
    for (const site of ['cross-site', 'same-site', 'same-origin', 'none']) {
      for (const method of safe)
        assert.notEqual(
          (await browser.send({ method, path: app.guarded, headers: { 'Sec-Fetch-Site': site } })).status,
          403,
        )
      assert.equal((await browser.get(app.guarded, { 'Sec-Fetch-Site': site })).status, 200)
    }
  })
})

describe('X2 Origin, then Referer, where it is not there', () => {
  /** What looks like the own origin and is not. */
  const foreign = (app: App): readonly string[] => {
    const { port } = app
    return [
      'null',
      '',
      '*',
      'https://evil.example',
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port + 1}`,
      'http://127.0.0.1',
      `http://127.0.0.1.evil.example:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
      `http://evil127.0.0.1:${port}`,
      `http://127.0.0.1:${port}@evil.example`,
      `http://user@127.0.0.1:${port}`,
      `HTTP://127.0.0.1:${port}`,
      `http://127.0.0.1.:${port}`,
      `http://127.0.0.1:${port}/`,
      `http://127.1:${port}`,
      `http://localhost:${port}`,
      `http://127.0.0.1:${port} http://evil.example`,
    ]
  }

  atAllDoors('Origin to the letter', async (app) => {
    await assertPasses(app, { Origin: app.origin })
    for (const origin of foreign(app)) await assertRefused(app, { Origin: origin }, 'cross_site')
    await assertRefused(app, { Origin: [app.origin, app.origin] }, 'cross_site')
  })

  atAllDoors('an Origin that is there counts, whatever the Referer says', async (app) => {
    await assertRefused(app, { Origin: 'null', Referer: `${app.origin}/page` }, 'cross_site')
    await assertPasses(app, { Origin: app.origin, Referer: 'https://evil.example/' })
  })

  atAllDoors('Referer', async (app) => {
    await assertPasses(app, { Referer: `${app.origin}/page?x=1` })
    await assertPasses(app, { Referer: app.origin })
    for (const referer of [
      'https://evil.example/',
      `https://evil.example/?${app.origin}/`,
      `${app.origin}.evil.example/`,
      `${app.origin}1/`,
      `${app.origin}@evil.example/`,
    ])
      await assertRefused(app, { Referer: referer }, 'cross_site')
  })

  atAllDoors('neither, with a session cookie: refused', async (app) => {
    await assertRefused(app, {}, 'unproven_origin')
    for (const cookie of [
      '__Host-session=rubbish',
      '__Host-snapshot=x',
      '__Host-session=a; __Host-session=b',
      '__Host-session=',
    ]) {
      const answer = await app.post('/logout', {}, { Cookie: cookie })
      assert.equal(answer.reason, 'unproven_origin', cookie)
    }
  })

  atAllDoors('neither, with nothing to ride on: passed', async (app) => {
    const { status } = await app.post('/login', app.door === 'server' ? { username: 'ada', password } : { user: 'ada' })
    assert.equal(status, 200)
    assert.equal((await app.post('/logout', {}, { Cookie: 'theme=dark' })).status, 204)
  })

  atAllDoors(
    'the own origin comes from the configuration, not from Host or forwarding headers',
    async (app) => {
      await assertPasses(app, { Origin: 'https://www.example.com' })
      await assertRefused(app, { Origin: app.origin }, 'cross_site')
      const forged = {
        Host: 'evil.example',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'https',
        Forwarded: 'host=evil.example;proto=https',
      }
      await assertRefused(app, { Origin: 'https://evil.example', ...forged }, 'cross_site')
      await assertRefused(app, { Origin: 'http://evil.example', ...forged }, 'cross_site')
    },
    { origin: 'https://www.example.com' },
  )

  test('Host is believed on loopback only, and never in production', async () => {
    await withApp({}, async (app) => {
      const browser = await app.signIn('ada')
      const answer = await ask(browser, 'POST', '/public', { Host: 'evil.example', Origin: 'http://evil.example' })
      assert.equal(answer.reason, 'unproven_origin')
    })
    process.env.NODE_ENV = 'production'
    try {
      await withApp({}, async (app) => {
        const answer = await app.post('/login', { user: 'ada' }, { Origin: app.origin })
        assert.equal(answer.reason, 'unproven_origin')
      })
    } finally {
      delete process.env.NODE_ENV
    }
  })
})

describe('X3 no token stands in for the origin', () => {
  // There is no token layer (docs/decisions/014): a request that shows nothing is refused, whatever it carries.
  atAllDoors('fields, headers and cookies that other frameworks take for one', async (app) => {
    const browser = await app.signIn('ada')
    const names = [
      'csrf',
      '_csrf',
      'csrf_token',
      'csrfToken',
      'XSRF-TOKEN',
      'authenticity_token',
      '__RequestVerificationToken',
    ]
    for (const value of ['', 'x', [...browser.jar.values()][0] as string, [...browser.jar.values()][1] as string]) {
      const headers: Record<string, string> = {
        Cookie: `${browser.cookie()}; ${names.map((name) => `${name}=${value}`).join('; ')}`,
      }
      for (const name of ['X-CSRF-Token', 'X-XSRF-Token', 'CSRF-Token', 'X-Requested-With']) headers[name] = value
      const json = Object.fromEntries(names.map((name) => [name, value]))
      const query = new URLSearchParams(json)
      const answer = await browser.send({
        method: 'POST',
        path: `/logout?${query}`,
        json,
        headers: { ...headers, 'Sec-Fetch-Site': null },
      })
      assert.equal(answer.reason, 'unproven_origin')
    }
    assert.equal((await browser.get(app.guarded)).status, 200)
  })
})

describe('X4 signing in and out cannot be done for somebody from elsewhere', () => {
  atAllDoors('login: the victim keeps their own session, and no other begins', async (app) => {
    const victim = await app.signIn('ada')
    const fresh = app.browser()
    const inserts = (): number => app.dealings.filter(({ name }) => name === 'store.insert').length
    const before = inserts()
    const fields = app.door === 'server' ? { username: 'evil', password } : { user: 'evil' }
    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': null, Origin: 'https://evil.example' },
      { 'Sec-Fetch-Site': null, Origin: 'null' },
    ] as Lines[]) {
      for (const one of [victim, fresh]) {
        for (const body of [{ json: fields }, { form: fields as Record<string, string> }]) {
          const answer = await one.send({ method: 'POST', path: '/login', ...body, headers })
          assert.equal(answer.status, 403)
          assert.deepEqual(answer.cookies, [])
        }
      }
    }
    assert.equal(inserts(), before)
    assert.equal(fresh.cookie(), undefined)
    assert.equal((await victim.get(app.guarded)).json().user, 'ada')
  })

  atAllDoors('logout and the ending of others', async (app) => {
    const victim = await app.signIn('ada')
    for (const path of pathsOf(app))
      for (const method of ['POST', 'DELETE'])
        assert.equal(
          (await victim.send({ method, path, form: { scope: 'all' }, headers: { 'Sec-Fetch-Site': 'cross-site' } }))
            .status,
          403,
        )
    assert.equal((await victim.get(app.guarded)).status, 200)
    assert.equal((await app.auth.list('ada')).length, 1)
  })

  atAllDoors(
    'with an access token the origin does not matter: nothing adds one by itself',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const elsewhere = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
      const path = app.door === 'server' ? '/nowhere' : '/me'
      assert.notEqual((await client.post(path, {}, elsewhere)).status, 403)
      for (const scheme of ['Basic', 'Negotiate', 'Digest', 'NTLM', 'Bearer\t', '']) {
        const answer = await app.post(path, {}, { ...elsewhere, Authorization: `${scheme} ${client.access}` })
        assert.equal(answer.reason, 'cross_site', scheme)
      }
      assert.equal((await client.post('/logout', undefined, elsewhere)).status, 204)
      assert.equal((await client.get(app.guarded)).reason, 'revoked')
    },
    { present: 'both' },
  )

  atBothDoors('an application without tokens gives Authorization no such power', async (app) => {
    const browser = await app.signIn('ada')
    const headers = { 'Sec-Fetch-Site': 'cross-site', Authorization: 'Bearer x' }
    assert.equal((await browser.post('/logout', undefined, headers)).reason, 'cross_site')
    assert.equal(
      (await browser.post('/public', undefined, { ...headers, 'Sec-Fetch-Site': null })).reason,
      'unproven_origin',
    )
  })

  atBothDoors(
    'a token that is refused does not let the cookie through',
    async (app) => {
      const browser = await app.signIn('ada')
      for (const token of ['x', '', 'a.b.c', browser.jar.get('__Host-session')]) {
        const headers = { 'Sec-Fetch-Site': 'cross-site', Authorization: `Bearer ${token}` }
        assert.equal((await browser.post('/me', {}, headers)).status, 401)
        assert.equal((await browser.post('/logout', {}, headers)).status, 204)
      }
      assert.equal((await browser.get('/me')).status, 200, 'the cookie session was not touched')
    },
    { present: 'both' },
  )
})

describe('X5 state changes by the method that says so', () => {
  atAllDoors('GET, HEAD and OPTIONS end nothing and begin nothing', async (app) => {
    const browser = await app.signIn('ada')
    const dealings = app.dealings.length
    for (const path of pathsOf(app).filter((one) => one !== '/data')) {
      for (const method of [...safe, 'TRACE'].filter((one) => one !== 'TRACE' || app.door !== 'server')) {
        const query = new URLSearchParams({
          user: 'evil',
          username: 'evil',
          password,
          scope: 'all',
          _method: 'DELETE',
          token: browser.jar.get('__Host-session') ?? '',
        })
        const answer = await browser.send({ method, path: `${path}?${query}` })
        assert.deepEqual(answer.cookies, [], `${method} ${path}`)
        assert.ok(answer.status < 500)
      }
    }
    const changes = app.dealings.slice(dealings).filter(({ name }) => !/find|list|data|generation|documents/.test(name))
    assert.deepEqual(changes, [])
    assert.equal((await browser.get(app.guarded)).status, 200)
  })

  atAllDoors('no header, field or parameter turns one method into another', async (app) => {
    const browser = await app.signIn('ada')
    const headers = Object.fromEntries(
      ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) => [name, 'DELETE']),
    )
    for (const method of ['GET', 'POST']) {
      for (const path of ['/sessions?scope=all&_method=DELETE', '/logout?_method=POST', '/public?_method=DELETE']) {
        if (method === 'POST' && path.startsWith('/logout')) continue
        await browser.send({ method, path, form: { _method: 'DELETE', scope: 'all' }, headers })
      }
    }
    // And the other way round: an unsafe request stays unsafe when it calls itself safe.
    const posing = await browser.post(
      '/public',
      {},
      { 'Sec-Fetch-Site': 'cross-site', 'X-HTTP-Method-Override': 'GET' },
    )
    assert.equal(posing.status, 403)
    assert.equal((await browser.get(app.guarded)).status, 200)
  })
})
