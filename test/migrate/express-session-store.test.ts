import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import express, { type RequestHandler } from 'express'
import { day, hour, minute } from '../../src/base/clock.ts'
import { type AnyAuth, type Backend, Fault, handstamp, memory } from '../../src/index.ts'
import { expressSessionStore, type LegacyStoreClass } from '../../src/migrate/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { secrets } from '../support/app.ts'
import { type Browser, createBrowser, createWire } from '../support/app-client.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

/** The real package, as applications use it; it has no types of its own. */
const expressSession = createRequire(import.meta.url)('express-session') as {
  (options: object): RequestHandler
  readonly Store: LegacyStoreClass
}

interface LegacySession {
  [name: string]: unknown
  readonly id: string
  readonly cookie: { maxAge: number | null }
  regenerate(done: (error?: unknown) => void): void
  destroy(done: (error?: unknown) => void): void
  save(done: (error?: unknown) => void): void
}

interface App {
  readonly clock: ManualClock
  readonly auth: AnyAuth
  readonly backend: Backend
  /** What waits for the test before it goes on: `/slow`. */
  readonly gate: { go: () => void; readonly reached: Promise<void> }
  readonly calls: string[]
  browser(): Browser
}

async function withApp(
  options: object,
  run: (app: App) => Promise<void>,
  isBroken: () => boolean = () => false,
): Promise<void> {
  const clock = manualClock()
  const calls: string[] = []
  const backend = intercept(memory({ clock }), {
    call: async ({ name, args }, carryOut) => {
      if (isBroken() && name.startsWith('store.')) throw new Fault('store_unavailable', 'broken by the test')
      calls.push(name)
      return carryOut(args)
    },
  })
  const auth = handstamp({ secrets: secrets[0], backend, clock })
  await auth.ready()
  const store = expressSessionStore({
    auth,
    Store: expressSession.Store,
    user: ({ userId }) => (typeof userId === 'string' ? userId : null),
  })
  const app = express()
  const common = { store, secret: 'a secret of express-session', resave: false, saveUninitialized: false }
  app.use(expressSession({ ...common, ...options }))
  const gate = routes(app)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = createWire((server.address() as AddressInfo).port, [])
  try {
    await run({ clock, auth, backend, gate, calls, browser: () => createBrowser(wire, clock) })
  } finally {
    server.closeAllConnections()
    server.close()
    await auth.close()
  }
}

function routes(app: express.Express): App['gate'] {
  let go = (): void => {}
  let reach = (): void => {}
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const passed = new Promise<void>((resolve) => {
    go = resolve
  })
  const sessionOf = (request: express.Request): LegacySession => request.session as unknown as LegacySession
  app.get('/', (request, response) => {
    const { cookie, ...data } = sessionOf(request)
    response.json({ ...data, maxAge: cookie.maxAge })
  })
  app.get('/set', (request, response) => {
    const session = sessionOf(request)
    for (const [name, value] of Object.entries(request.query)) session[name] = value === 'gone' ? undefined : value
    response.json({})
  })
  app.get('/login', (request, response, next) => {
    sessionOf(request).regenerate((error) => {
      if (error) return next(error)
      const session = sessionOf(request)
      session.userId = request.query.user
      if (request.query.long) session.cookie.maxAge = 10 * day
      response.json({})
    })
  })
  app.get('/logout', (request, response, next) => {
    sessionOf(request).destroy((error) => (error ? next(error) : response.json({})))
  })
  app.get('/slow', async (request, response) => {
    sessionOf(request).slow = 'written late'
    reach()
    await passed
    response.json({})
  })
  app.use(((error, _request, response, _next) => {
    response.status(503).json({ error: String(error) })
  }) as express.ErrorRequestHandler)
  return { go: () => go(), reached }
}

async function seen(browser: Browser): Promise<Readonly<Record<string, unknown>>> {
  return (await browser.get('/')).json()
}

describe('express-session on our store', () => {
  test('free properties are kept; only what changed is written', () =>
    withApp({}, async ({ browser, calls }) => {
      const ann = browser()
      await ann.get('/set?name=Ann&cart=bread')
      assert.deepEqual(await seen(ann), { name: 'Ann', cart: 'bread', maxAge: null })
      await ann.get('/set?cart=gone&list=1')
      assert.deepEqual(await seen(ann), { name: 'Ann', list: '1', maxAge: null })
      calls.length = 0
      await ann.get('/set?name=Ann')
      assert.deepEqual(
        calls.filter((name) => name === 'store.patch' || name === 'store.insert'),
        [],
      )
      assert.deepEqual(await seen(browser()), { maxAge: null })
    }))

  test('V3 of two requests that run at the same time none overwrites the other’s', () =>
    withApp({}, async ({ browser, gate }) => {
      const ann = browser()
      await ann.get('/set?name=Ann&cart=nothing')
      const slow = ann.get('/slow')
      await gate.reached
      await ann.get('/set?cart=bread')
      gate.go()
      await slow
      assert.deepEqual(await seen(ann), { name: 'Ann', cart: 'bread', slow: 'written late', maxAge: null })
    }))

  test('V3 failure 32 a slow request brings no ended session back', () =>
    withApp({}, async ({ browser, gate, auth }) => {
      const ann = browser()
      await ann.get('/login?user=ann')
      const slow = ann.get('/slow')
      await gate.reached
      await ann.get('/logout')
      gate.go()
      await slow
      assert.deepEqual(await seen(ann), { maxAge: null })
      assert.equal((await auth.scan(99)).sessions.length, 0)
    }))

  test('S8 all sessions of a user end, and those of everyone', () =>
    withApp({}, async ({ browser, auth }) => {
      const [ann, bob] = [browser(), browser()]
      await ann.get('/login?user=ann')
      await bob.get('/login?user=bob')
      await auth.revokeAll({ user: 'ann' })
      assert.deepEqual(await seen(ann), { maxAge: null })
      assert.equal((await seen(bob)).userId, 'bob')
      await ann.get('/login?user=ann')
      assert.equal((await seen(ann)).userId, 'ann', 'a new one is of the new generation')
      await auth.revokeAll('everyone')
      for (const one of [ann, bob]) assert.deepEqual(await seen(one), { maxAge: null })
    }))

  test('each is seen and ended from outside', () =>
    withApp({}, async ({ browser, auth }) => {
      const ann = browser()
      await ann.get('/login?user=ann')
      const { sessions } = await auth.scan(99)
      assert.deepEqual(
        sessions.map(({ client, claims }) => [client, claims]),
        [['express-session', { preferred_username: 'ann' }]],
      )
      assert.equal(await auth.revoke(sessions[0]?.id ?? ''), true)
      assert.deepEqual(await seen(ann), { maxAge: null })
    }))

  test('maxAge and rolling: it ends when it was not used for that long', () =>
    withApp({ rolling: true, cookie: { maxAge: hour } }, async ({ browser, clock }) => {
      const ann = browser()
      await ann.get('/set?name=Ann')
      for (let times = 0; times < 3; times++) {
        clock.advance(50 * minute)
        assert.equal((await seen(ann)).name, 'Ann')
      }
      clock.advance(hour)
      assert.equal((await seen(ann)).name, undefined)
    }))

  test('a session without maxAge ends a day after its last use, a remembered one later', () =>
    withApp({}, async ({ browser, clock }) => {
      const [ann, bob] = [browser(), browser()]
      await ann.get('/login?user=ann')
      await bob.get('/login?user=bob&long=1')
      clock.advance(23 * hour)
      assert.equal((await seen(ann)).userId, 'ann')
      clock.advance(23 * hour)
      assert.equal((await seen(ann)).userId, 'ann')
      clock.advance(day)
      assert.equal((await seen(ann)).userId, undefined)
      assert.equal((await seen(bob)).userId, 'bob')
    }))

  test('the options of session() hold: resave, saveUninitialized, unset', () =>
    withApp({ resave: true, saveUninitialized: true, unset: 'destroy' }, async ({ browser, auth }) => {
      await browser().get('/')
      assert.equal((await auth.scan(99)).sessions.length, 1, 'saved though nothing is in it')
    }))

  test('V1 a store that is down is an error, not an empty session; nothing is lost', async () => {
    let isBroken = false
    await withApp(
      {},
      async ({ browser }) => {
        const ann = browser()
        await ann.get('/login?user=ann')
        isBroken = true
        assert.equal((await ann.get('/')).status, 503)
        assert.equal((await ann.get('/logout')).status, 503)
        isBroken = false
        assert.equal((await seen(ann)).userId, 'ann')
      },
      () => isBroken,
    )
  })

  test('S4 the engine holds nothing that opens anything; all, length and clear', () =>
    withApp({}, async ({ browser, backend, auth }) => {
      const ann = browser()
      await ann.get('/login?user=ann')
      const cookie =
        decodeURIComponent(String(ann.jar.get('connect.sid')))
          .slice(2)
          .split('.')[0] ?? ''
      assert.equal(cookie.length, 32)
      const { records } = await backend.store.scan(99)
      const held = JSON.stringify([records, [...((await backend.store.data(records[0]?.sid ?? '')) ?? [])]])
      assert.ok(!held.includes(cookie))
      const store = expressSessionStore({ auth, Store: expressSession.Store })
      const asked = <T>(ask: (done: (error?: unknown, value?: T | null) => void) => void): Promise<T> =>
        new Promise((resolve, reject) => ask((error, value) => (error ? reject(error) : resolve(value as T))))
      assert.equal(await asked<number>((done) => store.length(done)), 1)
      assert.deepEqual(
        (await asked<readonly { userId: string }[]>((done) => store.all(done as never))).map(({ userId }) => userId),
        ['ann'],
      )
      await asked<void>((done) => store.clear(done))
      assert.deepEqual(await seen(ann), { maxAge: null })
    }))
})
