import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { z } from 'zod'
import * as atExpress from '../../src/adapters/express.ts'
import * as atFastify from '../../src/adapters/fastify.ts'
import * as atFetch from '../../src/adapters/fetch.ts'
import * as atHono from '../../src/adapters/hono.ts'
import * as atNext from '../../src/adapters/next.ts'
import * as atNode from '../../src/adapters/node.ts'
import { type Auth, day, type HandstampOptions, handstamp, hour, isFault, memory, minute } from '../../src/index.ts'
import {
  browser,
  type ManualClock,
  manualClock,
  type SignedIn,
  signedIn,
  type Target,
} from '../../src/testing/index.ts'

const secrets = 'Kf8-first-2mXw0_qVtZ6rJyB4nLd9cH'

interface Opened {
  readonly auth: Auth
  readonly clock: ManualClock
}

async function withAuth(options: Partial<HandstampOptions>, run: (opened: Opened) => Promise<void>): Promise<void> {
  const clock = manualClock()
  const auth = handstamp({ secrets, clock, backend: memory({ clock }), claims: { role: 'string' }, ...options })
  try {
    await run({ auth, clock })
  } finally {
    await auth.close()
  }
}

/** A request with headers, the way that each framework has for its tests. */
type Ask = (method: string, path: string, headers: Readonly<Record<string, string>>) => Promise<number>

/** In each framework the same three routes: who it is, somebody signs in, somebody signs out. */
interface App {
  readonly target: Target
  readonly ask: Ask
}

const apps: Readonly<Record<string, (auth: Auth) => App>> = {
  'node:http': (auth) => {
    const me = atNode.requireSession()((request: atNode.WithSession<IncomingMessage>, response) => {
      response.end(JSON.stringify({ user: request.session.user }))
    })
    const listener = atNode.session(auth)(async (request, response) => {
      if (request.url === '/me') return me(request, response)
      if (request.url === '/login') await request.session.login({ user: 'bob' })
      else await request.session.logout()
      response.writeHead(204).end()
    })
    return { target: listener, ask: overNetwork(listener) }
  },
  Express: (auth) => {
    const app = express().use(atExpress.session(auth))
    app.get(
      '/me',
      atExpress.requireSession(),
      (request, response) => void response.json({ user: request.session.user }),
    )
    app.post('/login', async (request, response) => {
      await request.session.login({ user: 'bob' })
      response.sendStatus(204)
    })
    app.post('/logout', async (request, response) => {
      await request.session.logout()
      response.sendStatus(204)
    })
    return { target: app, ask: overNetwork(app) }
  },
  Fastify: (auth) => {
    const app = fastify()
    app.register(atFastify.session(auth))
    app.get('/me', { onRequest: atFastify.requireSession() }, async ({ session }) => ({ user: session.user }))
    app.post('/login', async ({ session }, reply) => {
      await session.login({ user: 'bob' })
      return reply.code(204).send()
    })
    app.post('/logout', async ({ session }, reply) => {
      await session.logout()
      return reply.code(204).send()
    })
    const ask: Ask = async (method, url, headers) =>
      (await app.inject({ method: method as 'GET', url, headers })).statusCode
    return { target: app, ask }
  },
  Hono: (auth) => {
    const app = new Hono<atHono.SessionEnv>().use(atHono.session(auth))
    app.get('/me', atHono.requireSession(), (context) => context.json({ user: context.var.session.user }))
    app.post('/login', async (context) => {
      await context.var.session.login({ user: 'bob' })
      return context.body(null, 204)
    })
    app.post('/logout', async (context) => {
      await context.var.session.logout()
      return context.body(null, 204)
    })
    const ask: Ask = async (method, path, headers) => (await app.request(path, { method, headers })).status
    return { target: app.fetch, ask }
  },
  fetch: (auth) => {
    const me = atFetch.requireSession()((request: atFetch.WithSession) => Response.json({ user: request.session.user }))
    const handle = atFetch.session(auth)(async (request: atFetch.WithSession) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/me') return me(request)
      if (pathname === '/login') await request.session.login({ user: 'bob' })
      else await request.session.logout()
      return new Response(null, { status: 204 })
    })
    const ask: Ask = async (method, path, headers) =>
      (await handle(new Request(`http://localhost${path}`, { method, headers }))).status
    return { target: handle, ask }
  },
  'route handlers of Next': (auth) => {
    const session = atNext.session(auth)
    // What the files app/me/route.ts and so on export.
    const me = atNext.requireSession()((request: atNext.WithSession, _context: object) =>
      Response.json({ user: request.session.user }),
    )
    const routes: Readonly<Record<string, (request: Request, context: object) => Response | Promise<Response>>> = {
      'GET /me': session(me),
      'POST /login': session(async (request: atNext.WithSession) => {
        await request.session.login({ user: 'bob' })
        return new Response(null, { status: 204 })
      }),
      'POST /logout': session(async (request: atNext.WithSession) => {
        await request.session.logout()
        return new Response(null, { status: 204 })
      }),
    }
    const handle = async (request: Request): Promise<Response> => {
      const route = routes[`${request.method} ${new URL(request.url).pathname}`]
      return route === undefined ? new Response(null, { status: 404 }) : route(request, { params: Promise.resolve({}) })
    }
    const ask: Ask = async (method, path, headers) =>
      (await handle(new Request(`http://localhost${path}`, { method, headers }))).status
    return { target: { fetch: handle }, ask }
  },
}

/** What supertest does: a server for the request. */
function overNetwork(listener: RequestListener): Ask {
  return async (method, path, headers) => {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
      return (await fetch(url, { method, headers })).status
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }
}

async function userOf(response: Response): Promise<unknown> {
  const { user } = (await response.json()) as { readonly user?: unknown }
  return user
}

for (const [name, make] of Object.entries(apps)) {
  describe(`signed in at ${name}`, () => {
    test('headers of a cookie session pass the gate, and no longer once it is over', () =>
      withAuth({}, async ({ auth }) => {
        const { ask } = make(auth)
        const { session, headers } = await signedIn(auth, { user: 'ann' })
        assert.equal(await ask('GET', '/me', {}), 401)
        assert.equal(await ask('GET', '/me', headers), 200)
        assert.equal(await ask('POST', '/logout', { ...headers, 'Sec-Fetch-Site': 'cross-site' }), 403)
        assert.equal(await ask('GET', '/me', headers), 200)
        assert.equal(await auth.revoke(session.id), true)
        assert.equal(await ask('GET', '/me', headers), 401)
        const other = await signedIn(auth, { user: 'ann' })
        assert.equal(await ask('POST', '/logout', other.headers), 204)
        assert.equal(await ask('GET', '/me', other.headers), 401)
      }))

    test('headers of a token session pass the gate', () =>
      withAuth({ present: 'both' }, async ({ auth }) => {
        const { ask } = make(auth)
        const { headers, refreshToken } = await signedIn(auth, { user: 'ann', present: 'token' })
        assert.deepEqual(Object.keys(headers), ['Authorization'])
        assert.equal(await ask('GET', '/me', headers), 200)
        assert.equal(await ask('POST', '/logout', headers), 204)
        assert.equal(await ask('GET', '/me', headers), 401)
        assert.equal((await auth.refresh(refreshToken ?? '')).ok, false)
      }))

    test('a browser that is signed in renews, logs out, and no copy of its jar is of use', () =>
      withAuth({}, async ({ auth, clock }) => {
        const { target } = make(auth)
        const b = browser(target, { clock, signedIn: await signedIn(auth, { user: 'ann' }) })
        assert.equal(await userOf(await b.get('/me')), 'ann')
        const credential = b.cookie('__Host-session')
        clock.advance(6 * minute)
        assert.equal(b.cookie('__Host-snapshot'), undefined)
        assert.equal(await userOf(await b.get('/me')), 'ann')
        assert.notEqual(b.cookie('__Host-session'), credential)
        const thief = b.copy()
        assert.equal((await b.at('https://evil.example').post('/logout', { form: {} })).status, 403)
        assert.equal((await b.post('/logout')).status, 204)
        assert.deepEqual(b.cookies(), [])
        assert.equal((await thief.get('/me')).status, 401)
      }))

    test('a browser signs in by itself; a session without a lifetime ends with it', () =>
      withAuth({}, async ({ auth, clock }) => {
        const { target } = make(auth)
        const b = browser(target, { clock })
        assert.equal((await b.post('/login')).status, 204)
        assert.equal(await userOf(await b.get('/me')), 'bob')
        b.restart()
        assert.equal((await b.get('/me')).status, 401)
      }))
  })
}

describe('signedIn', () => {
  const handler = (auth: Auth): Target =>
    atFetch.session(auth)((request: atFetch.WithSession) => {
      const { user, claims, level } = request.session
      return Response.json({ user, claims, level })
    })

  test('takes what login takes', () =>
    withAuth({}, async ({ auth, clock }) => {
      const anns = await signedIn(auth, { user: 'ann', claims: { role: 'admin' }, level: 2, data: { cart: 3 } })
      const b = browser(handler(auth), { clock, signedIn: anns })
      assert.deepEqual(await (await b.get('/')).json(), { user: 'ann', claims: { role: 'admin' }, level: 2 })
      const remembered = await signedIn(auth, { user: 'ann', remember: true })
      const c = browser(handler(auth), { clock, signedIn: remembered })
      c.restart()
      clock.advance(13 * day)
      assert.equal(await userOf(await c.get('/')), 'ann')
      clock.advance(hour)
      assert.equal(await userOf(await b.get('/')), null)
    }))

  const withSecureCookies = async (): Promise<SignedIn> => {
    const auth = handstamp({ secrets, backend: memory() })
    const session = await signedIn(auth, { user: 'ann' })
    await auth.close()
    return session
  }

  test('goes by the names that the application gives its cookies', () =>
    withAuth({ insecureHttp: true }, async ({ auth, clock }) => {
      const session = await signedIn(auth, { user: 'ann' })
      assert.match(session.headers.Cookie ?? '', /^session=[^;]+; snapshot=[^;]+$/)
      const b = browser(handler(auth), { clock, origin: 'http://app.example', signedIn: session })
      assert.equal(await userOf(await b.get('/')), 'ann')
      const secure = await withSecureCookies()
      assert.throws(() => browser(handler(auth), { origin: 'http://app.example', signedIn: secure }), /plain http/)
    }))

  test('follows the presentation of the application, and its pages send the token', () =>
    withAuth({ present: 'token' }, async ({ auth, clock }) => {
      const session = await signedIn(auth, { user: 'ann' })
      assert.equal(session.session.presentation, 'token')
      const b = browser(handler(auth), { clock, signedIn: session })
      assert.equal(await userOf(await b.get('/')), 'ann')
      assert.deepEqual(b.cookies(), [])
      assert.equal(await userOf(await b.at('https://evil.example').get('/')), null, 'which no other page has')
      clock.advance(6 * minute)
      assert.equal(((await (await b.get('/')).json()) as { user: unknown }).user, null)
    }))

  test('knows the types of the application’s data and claims', async () => {
    const clock = manualClock()
    const data = z.object({ cart: z.number().optional() })
    const auth = handstamp({ secrets, clock, backend: memory({ clock }), data, claims: { role: 'string' } })
    await signedIn(auth, { user: 'ann', data: { cart: 3 }, claims: { role: 'admin' } })
    // @ts-expect-error: no such key
    await assert.rejects(signedIn(auth, { user: 'ann', data: { basket: 3 } }))
    // @ts-expect-error: another type
    await assert.rejects(signedIn(auth, { user: 'ann', claims: { role: 3 } }))
    await auth.close()
  })

  test('throws what login would throw', () =>
    withAuth({ policy: { maxSessions: 1, whenFull: 'refuse' } }, async ({ auth }) => {
      await signedIn(auth, { user: 'ann' })
      await assert.rejects(
        signedIn(auth, { user: 'ann' }),
        (error) => isFault(error) && error.reason === 'session_limit',
      )
      await assert.rejects(signedIn(auth, { user: '' }), (error) => isFault(error) && error.kind === 'invalid_value')
    }))
})
