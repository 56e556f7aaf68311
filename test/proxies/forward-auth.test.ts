import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { minute } from '../../src/base/clock.ts'
import { Fault, memory } from '../../src/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { type AccountServer, passwordOf, withAccountServer } from '../support/account-server.ts'
import type { Answer, Browser } from '../support/app.ts'
import { createBrowser, createWire, type Wire } from '../support/app-client.ts'
import { type FrontProxy, proxyKinds, type Upstreams } from '../support/proxies.ts'
import { type Application, type Received, startApplication } from './application.ts'

/** An application behind a proxy that asks Handstamp. */
interface Site extends Wire {
  readonly server: AccountServer
  readonly application: Application
  readonly port: number
  /** Fails every call of the store, or no longer. */
  readonly breakStore: (isBroken: boolean) => void
  browser(): Browser
  signedIn(name: string): Promise<Browser>
}

const navigates = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate' }
const people = ['ann', 'root', 'Zoë 100%']

async function withSite(
  start: (upstreams: Upstreams) => Promise<FrontProxy>,
  run: (site: Site) => Promise<void>,
): Promise<void> {
  const application = await startApplication()
  let isBroken = false
  await withAccountServer(
    {
      people,
      trustedProxies: ['loopback'],
      backend: (clock) =>
        intercept(memory({ clock }), {
          call: async (call, carryOut) => {
            if (isBroken) throw new Fault('store_unavailable', 'The store is broken by the test.')
            return carryOut(call.args)
          },
        }),
    },
    async (server) => {
      const proxy = await start({ handstamp: server.port, application: application.port })
      const wire = createWire(proxy.port, ['__Host-session', '__Host-snapshot'])
      const browser = (): Browser => createBrowser(wire, server.clock)
      const signedIn = async (name: string): Promise<Browser> => {
        const one = browser()
        const answer = await one.post('/login', { username: name, password: passwordOf(name) })
        assert.equal(answer.status, 200, answer.body)
        return one
      }
      const breakStore = (to: boolean): void => {
        isBroken = to
      }
      try {
        await run({ ...wire, server, application, port: proxy.port, breakStore, browser, signedIn })
      } finally {
        wire.close()
        await proxy.process.stop()
      }
    },
  )
  await application.close()
}

function gotBy(answer: Answer): Received {
  assert.equal(answer.status, 200, answer.body)
  return JSON.parse(answer.body)
}

/** Opens a WebSocket by hand and gives what comes back first. */
function handshake({ port }: Site, headers: Readonly<Record<string, string>>): Promise<string> {
  const lines = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const head = Object.entries({ ...lines, 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' }).map((line) =>
        line.join(': '),
      )
      socket.write(`GET /socket HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
    })
    let said = ''
    socket.on('error', reject).on('close', () => resolve(said))
    socket.on('data', (bytes) => {
      said += bytes.toString('latin1')
      if (said.includes('hello') || !said.startsWith('HTTP/1.1 101')) socket.destroy()
    })
  })
}

const laws: Readonly<Record<string, (site: Site) => Promise<void>>> = {
  'somebody anonymous is sent to sign in, and comes back': async ({ browser, application }) => {
    const one = browser()
    const sent = await one.get('/reports?year=2026&of=all', navigates)
    assert.equal(sent.status, 302)
    const location = URL.parse(sent.header('location') ?? '', 'http://own.invalid')
    assert.equal(location?.pathname, '/login')
    assert.equal(location?.searchParams.get('next'), '/reports?year=2026&of=all')
    assert.match((await one.get(`${location?.pathname}${location?.search}`, navigates)).body, /name="password"/)
    const form = { username: 'ann', password: passwordOf('ann'), next: location?.searchParams.get('next') ?? '' }
    const back = await one.send({ method: 'POST', path: '/login', form, headers: navigates })
    assert.equal(back.status, 303)
    assert.equal(application.count(), 0, 'and nothing has reached the application')
    assert.equal(gotBy(await one.get(back.header('location') ?? '', navigates)).url, '/reports?year=2026&of=all')
  },

  'a script without a session gets 401, and the application nothing': async ({ browser, application }) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await browser().send({ method, path: '/api' })
      assert.equal(answer.status, 401)
    }
    assert.equal(application.count(), 0)
  },

  'M12 the application learns who it is, in headers that no client can write': async ({ signedIn, server }) => {
    const spoofed = {
      'X-Auth-User': 'root',
      'X-Auth-Role': 'admin',
      'x-auth-name': 'root',
      'X-Auth-Level': '3',
      'X-Auth-Session': 'x',
      'X-Auth-Time': '1',
    }
    const { headers, method, url } = gotBy(await (await signedIn('ann')).get('/me?a=1', spoofed))
    assert.deepEqual([method, url], ['GET', '/me?a=1'])
    assert.equal(headers['x-auth-user'], server.people.get('ann')?.id)
    assert.equal(headers['x-auth-name'], 'ann')
    assert.ok(!headers['x-auth-role'], 'no role')
    assert.equal(headers['x-auth-level'], '1')
    assert.match(headers['x-auth-session'] ?? '', /^[A-Za-z0-9_-]{23}$/)
    assert.equal(headers['x-auth-time'], String(Math.floor(server.clock.now() / 1000)))
    const other = gotBy(await (await signedIn('Zoë 100%')).get('/me'))
    assert.equal(decodeURIComponent(other.headers['x-auth-name'] ?? ''), 'Zoë 100%')
  },

  'bodies arrive as they are': async ({ signedIn }) => {
    const ann = await signedIn('ann')
    const body = 'x'.repeat(100_000)
    const headers = { 'Content-Type': 'text/plain' }
    assert.equal(gotBy(await ann.send({ method: 'POST', path: '/save', body, headers })).body, body)
    assert.equal(gotBy(await ann.send({ method: 'PUT', path: '/save', body: '', headers })).body, '')
  },

  'X1 another site cannot write to the application': async ({ signedIn, application }) => {
    const ann = await signedIn('ann')
    const before = application.count()
    const forms = [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': null, Origin: 'https://evil.example' }]
    for (const headers of forms)
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
        assert.equal((await ann.send({ method, path: '/save', form: { a: '1' }, headers })).status, 403)
    assert.equal(application.count(), before)
    assert.equal((await ann.get('/page', { 'Sec-Fetch-Site': 'cross-site' })).status, 200, 'a link is a link')
    // What a client says of the method is not believed.
    const disguised = {
      'Sec-Fetch-Site': 'cross-site',
      'X-Forwarded-Method': 'GET',
      'X-Original-Method': 'GET',
      'X-Forwarded-Uri': '/login',
    }
    assert.equal((await ann.send({ method: 'POST', path: '/save', form: { a: '1' }, headers: disguised })).status, 403)
  },

  'P-R1 a session is renewed in passing, with any method, and both cookies reach the browser': async ({
    signedIn,
    server,
  }) => {
    const ann = await signedIn('ann')
    for (const request of [{ path: '/page' }, { method: 'POST', path: '/save', form: { a: '1' } }]) {
      const before = new Map(ann.jar)
      server.clock.advance(6 * minute)
      const renewed = await ann.send(request)
      assert.equal(gotBy(renewed).headers['x-auth-name'], 'ann')
      assert.equal(renewed.header('cache-control'), 'no-store')
      for (const name of ['__Host-session', '__Host-snapshot'])
        assert.notEqual(ann.jar.get(name), before.get(name), name)
      assert.equal(ann.jar.get('own'), '1', 'beside those of the application')
      const next = await ann.get('/page')
      assert.equal(next.cookies.filter(({ name }) => name !== 'own').length, 0)
      assert.equal(gotBy(next).headers['x-auth-name'], 'ann')
    }
  },

  'S6 after signing out nothing gets through': async ({ signedIn, application }) => {
    const ann = await signedIn('ann')
    const copy = ann.copy()
    assert.equal((await ann.post('/logout')).status, 204)
    const before = application.count()
    assert.equal((await copy.get('/page')).status, 401)
    assert.equal((await ann.get('/page', navigates)).status, 302)
    assert.equal(application.count(), before)
  },

  'S13 a location may ask for a role and a recent sign-in; stepping up leads back': async ({
    signedIn,
    server,
    application,
  }) => {
    const [ann, root] = [await signedIn('ann'), await signedIn('root')]
    const before = application.count()
    assert.equal((await ann.get('/admin/users')).status, 403)
    assert.equal((await ann.get('/admin/users', { 'X-Auth-Require': '' })).status, 403, 'whatever a client says')
    assert.equal(application.count(), before)
    assert.equal(gotBy(await root.get('/admin/users?x=1')).headers['x-auth-role'], 'admin')
    server.clock.advance(20 * minute)
    assert.equal((await root.get('/admin/users')).status, 401)
    const sent = await root.get('/admin/users?x=1', navigates)
    assert.equal(sent.status, 302)
    const location = URL.parse(sent.header('location') ?? '', 'http://own.invalid')
    assert.equal(location?.pathname, '/step-up')
    const form = { password: passwordOf('root'), next: location?.searchParams.get('next') ?? '' }
    const back = await root.send({ method: 'POST', path: '/step-up', form, headers: navigates })
    assert.equal(back.header('location'), '/admin/users?x=1')
    assert.equal(gotBy(await root.get('/admin/users?x=1', navigates)).url, '/admin/users?x=1')
  },

  'a WebSocket is opened for who is signed in, and for nobody else': async (site) => {
    const ann = await site.signedIn('ann')
    const origin = `http://127.0.0.1:${site.port}`
    assert.match(await handshake(site, { Cookie: ann.cookie() ?? '', Origin: origin }), /hello ann/)
    assert.match(await handshake(site, { Origin: origin }), /^HTTP\/1.1 401/)
    const evil = await handshake(site, { Cookie: ann.cookie() ?? '', Origin: 'https://evil.example' })
    assert.match(evil, /^HTTP\/1.1 403/, 'X1')
  },

  'V1 with a store that is down it is 503, never anonymous and never signed out': async ({
    signedIn,
    server,
    breakStore,
    application,
  }) => {
    const ann = await signedIn('ann')
    server.clock.advance(6 * minute)
    breakStore(true)
    const before = application.count()
    for (const headers of [{}, navigates]) {
      const answer = await ann.get('/page', headers)
      assert.equal(answer.status, 503, answer.body)
      assert.ok(answer.header('retry-after'))
      assert.equal(answer.cookies.length, 0)
    }
    assert.equal(application.count(), before)
    breakStore(false)
    assert.equal(gotBy(await ann.get('/page')).headers['x-auth-name'], 'ann')
  },
}

for (const { name, start } of proxyKinds) {
  describe(`behind ${name}`, {
    skip: start === null ? `${name} is not installed: apt-get install ${name}` : false,
  }, () => {
    for (const [title, law] of Object.entries(laws))
      test(title, () => withSite(start as NonNullable<typeof start>, law))
  })
}
