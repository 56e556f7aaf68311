import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { session } from '../../src/adapters/node.ts'
import { minute } from '../../src/base/clock.ts'
import { Fault, handstamp, memory, type SessionEvent } from '../../src/index.ts'
import { adopt, betterAuthSessions, expressSessions, ironSessions, type Source } from '../../src/migrate/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { secrets } from '../support/app.ts'
import { type Browser, createBrowser, createWire, type Wire } from '../support/app-client.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

interface Moved extends Wire {
  readonly clock: ManualClock
  readonly events: readonly SessionEvent[]
  browser(cookie?: Readonly<Record<string, string>>): Browser
}

/** An application that has moved: it adopts, and says who is there. */
async function withMoved(
  sources: readonly Source[],
  run: (moved: Moved) => Promise<void>,
  isBroken: () => boolean = () => false,
): Promise<void> {
  const clock = manualClock()
  const events: SessionEvent[] = []
  const backend = intercept(memory({ clock }), {
    call: async ({ name, args }, carryOut) => {
      if (name === 'store.insert' && isBroken()) throw new Fault('not_stored', 'broken by the test')
      return carryOut(args)
    },
  })
  const claims = { role: 'string' } as const
  const auth = handstamp({
    secrets: secrets[0],
    backend,
    clock,
    claims,
    formTokens: true,
    events: (event) => events.push(event),
  })
  const server = createServer(
    session(auth)(async (request, response) => {
      try {
        await adopt(request, sources)
        if (request.url === '/logout') await request.session.logout()
        const cart =
          request.session.id === null ? null : await (request.session.get as (key: string) => Promise<unknown>)('cart')
        response.end(
          JSON.stringify({ user: request.session.user, role: request.session.claims.role ?? null, cart: cart ?? null }),
        )
      } catch {
        response.writeHead(503).end()
      }
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = createWire((server.address() as AddressInfo).port, ['__Host-session', '__Host-snapshot'])
  const browser = (cookies: Readonly<Record<string, string>> = {}): Browser => {
    const one = createBrowser(wire, clock)
    for (const [name, value] of Object.entries(cookies)) one.put(name, value)
    return one
  }
  try {
    await run({ ...wire, clock, events, browser })
  } finally {
    wire.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await auth.close()
  }
}

async function userOf(browser: Browser): Promise<unknown> {
  return JSON.parse((await browser.get('/')).body).user
}

const secret = 'the secret of the old application'

function signed(text: string, key: string): string {
  return createHmac('sha256', key).update(text).digest('base64')
}

/** As express-session writes its cookie. */
function expressCookie(sid: string, key = secret): string {
  return encodeURIComponent(`s:${sid}.${signed(sid, key).replace(/=+$/, '')}`)
}

const stored = new Map([
  ['sid-ann', JSON.stringify({ cookie: { path: '/' }, userId: 42, role: 'admin', cart: ['apple'] })],
  ['sid-nobody', JSON.stringify({ cookie: { path: '/' }, views: 3 })],
  ['sid-broken', '{"cookie":'],
])

const fromExpress = expressSessions({
  secret: ['a newer secret', secret],
  find: async (sid) => {
    if (sid === 'sid-down') throw new Error('the old store does not answer')
    return stored.get(sid) ?? null
  },
  user: ({ userId, role, cart }) =>
    typeof userId === 'number'
      ? { user: String(userId), claims: { role: String(role) }, data: { cart: cart ?? [] } }
      : null,
})

describe('from express-session', () => {
  test('somebody who is signed in there is signed in here, with claims and data, and the old cookie goes', () =>
    withMoved([fromExpress], async ({ browser, events }) => {
      const one = browser({ 'connect.sid': expressCookie('sid-ann') })
      const answer = await one.get('/')
      assert.deepEqual(JSON.parse(answer.body), { user: '42', role: 'admin', cart: ['apple'] })
      assert.deepEqual([...one.jar.keys()].toSorted(), ['__Host-session', '__Host-snapshot'])
      assert.deepEqual(JSON.parse((await one.get('/')).body), { user: '42', role: 'admin', cart: ['apple'] })
      assert.equal(events.filter(({ kind }) => kind === 'session.created').length, 1)
    }))

  test('X3 nobody is signed in by a form of which it is not known where it was started', () =>
    withMoved([fromExpress], async ({ send, events }) => {
      const Cookie = `__Host-session=${'x'.repeat(64)}; connect.sid=${expressCookie('sid-ann')}`
      const answer = await send({ method: 'POST', path: '/', form: { a: 'b' }, headers: { Cookie } })
      assert.deepEqual([answer.status, JSON.parse(answer.body).user, answer.cookies], [200, null, []])
      assert.equal(events.length, 0)
    }))

  test('forged, anonymous, damaged and unknown ones are nobody’s, and keep their cookie', () =>
    withMoved([fromExpress], async ({ browser }) => {
      for (const value of [
        expressCookie('sid-ann', 'another secret'),
        expressCookie('sid-nobody'),
        expressCookie('sid-broken'),
        expressCookie('sid-unknown'),
        's%3Asid-ann',
        's%3Asid-ann.',
        '%E0%A4%A',
        `s%3Asid-ann.${'A'.repeat(43)}`,
      ]) {
        const one = browser({ 'connect.sid': value })
        const answer = await one.get('/')
        assert.deepEqual([answer.status, JSON.parse(answer.body).user], [200, null], value)
        assert.deepEqual([...one.jar.keys()], ['connect.sid'])
      }
    }))

  test('V1 an old store that does not answer signs nobody out', () =>
    withMoved([fromExpress], async ({ browser }) => {
      const one = browser({ 'connect.sid': expressCookie('sid-down') })
      const answer = await one.get('/')
      assert.equal(answer.status, 503)
      assert.deepEqual([...one.jar.keys()], ['connect.sid'])
    }))

  test('V2 whoever could not be signed in just now is signed in later, however long that takes', () => {
    let isBroken = true
    return withMoved(
      [fromExpress],
      async ({ browser, clock }) => {
        const one = browser({ 'connect.sid': expressCookie('sid-ann') })
        assert.equal((await one.get('/')).status, 503)
        assert.deepEqual([...one.jar.keys()], ['connect.sid'])
        clock.advance(10 * minute)
        isBroken = false
        assert.equal(await userOf(one), '42')
      },
      () => isBroken,
    )
  })

  test('S6 a copy of the old cookie is worth nothing, a minute later or after signing out', () =>
    withMoved([fromExpress], async ({ browser, clock }) => {
      const one = browser({ 'connect.sid': expressCookie('sid-ann') })
      const copy = one.copy()
      assert.equal(await userOf(one), '42')
      await one.get('/logout')
      clock.advance(minute)
      assert.equal(await userOf(copy), null)
      assert.equal(await userOf(one), null)
    }))

  test('of requests that a browser sends together nobody is signed out', () =>
    withMoved([fromExpress], async ({ browser }) => {
      const one = browser({ 'connect.sid': expressCookie('sid-ann') })
      const together = Array.from({ length: 20 }, () => one.copy())
      const users = await Promise.all(together.map(userOf))
      assert.ok(users.every((user) => user === '42'))
      for (const copy of together) assert.equal(await userOf(copy), '42')
    }))

  test('C8 the same cookie twice is nobody’s', () =>
    withMoved([fromExpress], async (moved) => {
      const twice = `connect.sid=${expressCookie('sid-ann')}; connect.sid=${expressCookie('sid-nobody')}`
      assert.equal(JSON.parse((await moved.get('/', { Cookie: twice })).body).user, null)
    }))

  test('X1 another site starts nothing with it', () =>
    withMoved([fromExpress], async ({ browser }) => {
      const one = browser({ 'connect.sid': expressCookie('sid-ann') })
      const answer = await one.send({
        method: 'POST',
        path: '/',
        form: {},
        headers: { 'Sec-Fetch-Site': 'cross-site' },
      })
      assert.equal(answer.status, 403)
      assert.deepEqual([...one.jar.keys()], ['connect.sid'])
    }))
})

test('from Better Auth, until the old session would have ended', () => {
  const clock = manualClock()
  const rows = new Map([
    ['token-ann', { userId: 'ann', expiresAt: new Date(clock.now() + minute) }],
    ['token-old', { userId: 'bob', expiresAt: clock.now() - 1 }],
    ['token-odd', { userId: 'bob', expiresAt: 'some day' }],
  ])
  const source = betterAuthSessions({ secret, clock, find: async (token) => rows.get(token) ?? null })
  const cookie = (token: string, key = secret): Record<string, string> => ({
    'better-auth.session_token': encodeURIComponent(`${token}.${signed(token, key)}`),
  })
  return withMoved([fromExpress, source], async ({ browser }) => {
    assert.equal(await userOf(browser(cookie('token-ann'))), 'ann')
    for (const bad of [cookie('token-old'), cookie('token-odd'), cookie('token-none'), cookie('token-ann', 'other')])
      assert.equal(await userOf(browser(bad)), null)
  })
})

test('from iron-session', () => {
  const unseal = async (seal: string): Promise<unknown> => (seal === 'good*seal' ? { user: { name: 'ann' } } : {})
  const source = ironSessions({
    cookie: 'iron',
    unseal,
    user: ({ user }) => (user === undefined ? null : { user: (user as { name: string }).name, remember: true }),
  })
  return withMoved([source], async ({ browser }) => {
    const one = browser({ iron: encodeURIComponent('good*seal') })
    const answer = await one.get('/')
    assert.equal(JSON.parse(answer.body).user, 'ann')
    assert.ok(answer.cookies.some(({ name, attributes }) => name === '__Host-session' && attributes.has('max-age')))
    assert.equal(await userOf(browser({ iron: 'bad' })), null)
    assert.equal(await userOf(browser({ iron: '%E0%A4%A' })), null)
  })
})
