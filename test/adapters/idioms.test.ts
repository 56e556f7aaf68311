import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { Hono } from 'hono'
import * as atFastify from '../../src/adapters/fastify.ts'
import * as atFetch from '../../src/adapters/fetch.ts'
import * as atHono from '../../src/adapters/hono.ts'
import { type Auth, handstamp, memory, type RequestSession } from '../../src/index.ts'

const createAuth = (): Auth => handstamp({ backend: memory(), secrets: 'Kf8-idiom-2mXw0_qVtZ6rJyB4nLd9cH' })
const own = { 'sec-fetch-site': 'same-origin', host: 'localhost' }

/** The Cookie header that follows from Set-Cookie lines. */
const pairOf = (lines: readonly string[]): string => lines.map((line) => line.split(';', 1)[0]).join('; ')

test('Fastify: inject, without a socket', async () => {
  const auth = createAuth()
  const app = fastify().register(atFastify.session(auth))
  app.register(atFastify.routes(auth), { prefix: '/auth' })
  app.post('/login', ({ session }) => session.login({ user: 'ada' }))
  app.get('/me', { onRequest: atFastify.requireSession() }, async ({ session }) => {
    const typed: RequestSession = session
    return { user: typed.user }
  })
  const login = await app.inject({ method: 'POST', url: '/login', headers: own })
  const cookie = pairOf([login.headers['set-cookie'] ?? []].flat())
  const me = await app.inject({ url: '/me', headers: { ...own, cookie } })
  assert.deepEqual(me.json(), { user: 'ada' })
  assert.equal((await app.inject({ method: 'POST', url: '/auth/logout', headers: { ...own, cookie } })).statusCode, 204)
  assert.equal((await app.inject({ url: '/me', headers: { ...own, cookie } })).json().reason, 'revoked')
  await app.close()
  await auth.close()
})

test('Fastify: registered inside of a plugin, the session stays there', async () => {
  const auth = createAuth()
  const app = fastify()
  app.register(async (inside) => {
    inside.register(atFastify.session(auth))
    inside.get('/inside', async ({ session }) => ({ id: session.id }))
  })
  app.get('/outside', async (request) => ({ session: (request as { session?: unknown }).session === undefined }))
  assert.deepEqual((await app.inject('/inside')).json(), { id: null })
  const outside = await app.inject({ url: '/outside', headers: { cookie: '__Host-session=x' } })
  assert.deepEqual(outside.json(), { session: true })
  assert.equal(outside.headers['cache-control'], undefined)
  await app.close()
  await auth.close()
})

test('Hono: app.request, without a server', async () => {
  const auth = createAuth()
  const app = new Hono<atHono.SessionEnv>()
  app.use(atHono.session(auth))
  app.use('/auth/*', atHono.routes(auth))
  app.post('/login', async (c) => c.json(await c.var.session.login({ user: 'ada' })))
  app.get('/me', atHono.requireSession(), (c) => {
    const typed: RequestSession = c.var.session
    return c.json({ user: typed.user })
  })
  const login = await app.request('/login', { method: 'POST', headers: own })
  const cookie = pairOf(login.headers.getSetCookie())
  assert.deepEqual(await (await app.request('/me', { headers: { ...own, cookie } })).json(), { user: 'ada' })
  const logout = await app.request('/auth/logout', { method: 'POST', headers: { ...own, cookie } })
  assert.equal(logout.status, 204)
  assert.equal((await app.request('/me', { headers: { ...own, cookie } })).status, 401)
  await auth.close()
})

test('fetch: a handler is a function, with whatever else the platform passes', async () => {
  const auth = createAuth()
  const login = atFetch.session(auth)(async ({ session }) => Response.json(await session.login({ user: 'ada' })))
  const me = atFetch.session(auth)(
    atFetch.requireSession()((request: atFetch.WithSession, environment: { name: string }) =>
      Response.json({ user: request.session.user, name: environment.name }),
    ),
  )
  const signedIn = await login(new Request('http://localhost/login', { method: 'POST', headers: own }))
  const cookie = pairOf(signedIn.headers.getSetCookie())
  const answer = await me(new Request('http://localhost/me', { headers: { cookie } }), { name: 'edge' })
  assert.deepEqual(await answer.json(), { user: 'ada', name: 'edge' })
  await auth.close()
})
