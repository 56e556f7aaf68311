import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import express from 'express'
import type { Json } from '../../src/index.ts'
import { type App, atAllDoors, atBothDoors, everywhere, withApp } from '../support/app.ts'
import type { Routes } from '../support/app-routes.ts'
import { manualClock } from '../support/manual-clock.ts'
import { slowBackend } from '../support/slow-backend.ts'

const second = 1000
const minute = 60 * second
const both = { present: 'both' } as const

const bearer = (token: string): Readonly<Record<string, string>> => ({ Authorization: `Bearer ${token}` })
const idsOf = async (app: App, user: string): Promise<readonly string[]> =>
  (await app.auth.list(user)).map(({ id }) => id)

describe('S11 no more sessions than the policy says', () => {
  everywhere(
    'the one unused for longest goes, also under many logins at once',
    async (app) => {
      const browsers = []
      for (let n = 0; n < 5; n++) {
        browsers.push(await app.signIn('ada'))
        app.clock.advance(second)
      }
      assert.equal((await browsers[0]?.get('/me'))?.reason, 'revoked')
      for (const one of browsers.slice(1)) assert.equal((await one.get('/me')).status, 200)
      assert.deepEqual(
        app.events.filter((event) => event.kind === 'session.ended').map(({ cause }) => cause),
        ['evicted'],
      )
      await Promise.all(Array.from({ length: 50 }, () => app.signIn('ada')))
      assert.equal((await idsOf(app, 'ada')).length, 4)
      await Promise.all(Array.from({ length: 10 }, () => app.signIn('bob')))
      assert.deepEqual([(await idsOf(app, 'ada')).length, (await idsOf(app, 'bob')).length], [4, 4])
    },
    { policy: { maxSessions: 4 } },
  )

  everywhere(
    'refused with 409; the ones there are stay',
    async (app) => {
      const one = await app.signIn('ada')
      await app.signIn('ada')
      const third = await app.browser().post('/login', { user: 'ada' })
      assert.equal(third.status, 409)
      assert.equal(third.reason, 'session_limit')
      assert.deepEqual(third.cookies, [])
      const answers = await Promise.all(Array.from({ length: 20 }, () => app.browser().post('/login', { user: 'ada' })))
      assert.ok(answers.every(({ status }) => status === 409))
      await one.post('/logout')
      assert.equal((await app.browser().post('/login', { user: 'ada' })).status, 200)
    },
    { policy: { maxSessions: 2, whenFull: 'refuse' } },
  )

  for (const whenFull of ['refuse', 'evict_oldest'] as const) {
    everywhere(
      `a session that takes the place of its own is not one more: ${whenFull}`,
      async (app) => {
        const [first, last] = [await app.signIn('ada'), await app.signIn('ada')]
        app.clock.advance(second)
        assert.equal((await last.post('/step-up', { level: 2 })).status, 200)
        assert.equal((await last.post('/login', { user: 'ada' })).status, 200)
        const tab = last.copy()
        const twice = await Promise.all([last.post('/login', { user: 'ada' }), tab.post('/login', { user: 'ada' })])
        assert.ok(twice.some(({ status }) => status === 200))
        assert.ok((await idsOf(app, 'ada')).length <= 2)
        assert.equal((await first.get('/me')).status, whenFull === 'refuse' ? 200 : (await first.get('/me')).status)
      },
      { policy: { maxSessions: 2, whenFull } },
    )
  }

  everywhere(
    'with a place for one only, one may still step up and sign in again',
    async (app) => {
      const browser = await app.signIn('ada')
      const other = await app.signIn('bob')
      for (const one of [browser, other]) {
        assert.equal((await one.post('/step-up', { level: 2 })).status, 200)
        assert.equal((await one.post('/login', { user: 'ada' })).status, one === browser ? 200 : 409)
      }
      assert.equal((await other.get('/me')).json().user, 'bob')
    },
    { policy: { maxSessions: 1, whenFull: 'refuse' } },
  )
})

describe('S7 S8 S9 S10 list, end one, end many', () => {
  everywhere(
    'the list: the last used first, with what an owner may know and no more',
    async (app) => {
      const browser = app.browser()
      await browser.post(
        '/login',
        { user: 'ada', tenant: 't', client: 'web', methods: ['pwd'], level: 1, claims: { role: 'x' } },
        { 'User-Agent': 'Test/1.0' },
      )
      app.clock.advance(minute)
      await app.signInForTokens('ada', { remember: true })
      app.clock.advance(minute)
      await browser.get('/me')
      const list = await app.auth.list('ada')
      assert.deepEqual(
        list.map(({ presentation }) => presentation),
        ['cookie', 'token'],
      )
      const now = app.clock.now()
      const { id, ...rest } = list[0] as (typeof list)[0]
      assert.match(id, /^[A-Za-z0-9_-]{23}$/)
      assert.deepEqual(rest, {
        user: 'ada',
        tenant: 't',
        claims: { role: 'x' },
        level: 1,
        methods: ['pwd'],
        presentation: 'cookie',
        persistent: false,
        client: 'web',
        device: { agent: 'Test/1.0', address: '127.0.0.1' },
        binding: 'none',
        createdAt: now - 2 * minute,
        authenticatedAt: now - 2 * minute,
        seenAt: now,
        expiresAt: now + 60 * minute,
        endsAt: now + 24 * 60 * minute - 2 * minute,
      })
      assert.equal((await app.auth.list('ada', 1)).length, 1)
      assert.deepEqual(await app.auth.list('nobody'), [])
    },
    both,
  )

  everywhere('one, by its id; what is not there is not there', async (app) => {
    const [ada, bob] = [await app.signIn('ada'), await app.signIn('bob')]
    const id = (await ada.get('/me')).json().id as string
    for (const other of [
      '',
      'x',
      `${id}x`,
      id.toLowerCase(),
      `${id.slice(0, -2)}${id.at(-2) === 'A' ? 'B' : 'A'}${id.at(-1)}`,
      '__proto__',
      '*',
      '../..',
      ada.jar.get('__Host-session') as string,
    ])
      assert.equal(await app.auth.revoke(other), false, other)
    assert.equal(await app.auth.revoke(id), true)
    assert.equal(await app.auth.revoke(id), false)
    assert.equal((await ada.get('/me')).reason, 'revoked')
    assert.equal((await bob.get('/me')).status, 200)
  })

  everywhere(
    'of a user, all or all but one; a tenant; everyone: one number each, however many they are',
    async (app) => {
      const people = { ada: 'red', ben: 'red', eve: 'blue', una: undefined } as const
      const all: {
        user: string
        tenant: string | undefined
        n: number
        use(): Promise<string | undefined>
        id: string
      }[] = []
      for (const [user, tenant] of Object.entries(people)) {
        for (let n = 0; n < 3; n++) {
          const options = tenant === undefined ? {} : { tenant }
          const one = n === 2 ? await app.signInForTokens(user, options) : await app.signIn(user, options)
          const id = (await one.get('/me')).json().id as string
          all.push({ user, tenant, n, id, use: async () => (await one.get('/me')).reason })
        }
      }
      const assertAlive = async (lives: (one: (typeof all)[0]) => boolean): Promise<void> => {
        for (const one of all) assert.equal(await one.use(), lives(one) ? undefined : 'revoked', `${one.user} ${one.n}`)
      }
      const writes = (): readonly string[] =>
        app.dealings.map(({ name }) => name).filter((name) => /kill|bump|amend/.test(name))
      const spared = all.find(({ user, n }) => user === 'ada' && n === 1)?.id as string
      const bumps = writes().length
      await app.auth.revokeAll({ user: 'ada', except: spared })
      await assertAlive((one) => one.user !== 'ada' || one.id === spared)
      await app.auth.revokeAll({ user: 'ada', except: all.find(({ user }) => user === 'eve')?.id as string })
      await assertAlive((one) => one.user !== 'ada')
      await app.auth.revokeAll({ tenant: 'red' })
      await assertAlive((one) => one.tenant !== 'red')
      await app.auth.revokeAll({ tenant: 'nobody here' })
      await assertAlive((one) => one.tenant !== 'red')
      const again = await app.signIn('ben', { tenant: 'red' })
      assert.equal((await again.get('/me')).status, 200)
      await app.auth.revokeAll('everyone')
      await assertAlive(() => false)
      assert.equal((await again.get('/me')).status, 401)
      for (const user of Object.keys(people)) assert.deepEqual(await app.auth.list(user), [])
      assert.deepEqual(
        writes().slice(bumps),
        Array.from({ length: 5 }, () => 'store.bump'),
      )
      assert.equal((await (await app.signIn('ada')).get('/me')).status, 200, 'and everybody may come back')
    },
    both,
  )

  everywhere('whom it is about must be said', async (app) => {
    for (const whom of [{}, { user: undefined }, null, 'all', '', { users: 'ada' }, { tenant: 1 }] as never[])
      await assert.rejects(
        app.auth.revokeAll(whom),
        (error: Error) => error.name === 'Fault' || error instanceof TypeError,
      )
    await app.signIn('ada')
    assert.equal((await idsOf(app, 'ada')).length, 1)
  })

  everywhere(
    'logoutEverywhere ends the other devices too, and the cookies of this one',
    async (app) => {
      const [here, there, other] = [await app.signIn('ada'), await app.signIn('ada'), await app.signIn('bob')]
      const tokens = await app.signInForTokens('ada')
      const before = here.cookie() ?? ''
      assert.equal((await here.post('/logout-everywhere')).status, 204)
      assert.equal(here.cookie(), undefined)
      assert.equal((await app.get('/me', { Cookie: before })).reason, 'revoked')
      for (const one of [there, tokens]) assert.equal((await one.get('/me')).reason, 'revoked')
      assert.equal((await other.get('/me')).status, 200)
    },
    both,
  )

  test('S10 the server: mine only; somebody else’s does not exist', async () => {
    await withApp({ door: 'server' }, async (app) => {
      const [ada, bob] = [await app.signIn('ada'), await app.signIn('bob')]
      const second = await app.signIn('ada')
      const list = (await ada.get('/sessions')).json().sessions as Record<string, unknown>[]
      assert.equal(list.length, 2)
      assert.deepEqual(list.map(({ current }) => current).sort(), [false, true])
      const foreign = ((await bob.get('/sessions')).json().sessions as { id: string }[])[0]?.id as string
      for (const id of [foreign, 'x', '%00', '..%2f..', encodeURIComponent('*'), '__proto__']) {
        const answer = await ada.send({ method: 'DELETE', path: `/sessions/${id}` })
        assert.equal(answer.status, 404)
        assert.equal(answer.reason, 'not_found')
      }
      assert.equal((await bob.get('/session')).status, 200)
      const otherId = list.find(({ current }) => current === false)?.id
      assert.equal((await ada.send({ method: 'DELETE', path: `/sessions/${otherId}` })).status, 204)
      assert.equal((await second.get('/session')).reason, 'revoked')
      const third = await app.signIn('ada')
      assert.equal((await ada.send({ method: 'DELETE', path: '/sessions?scope=nothing' })).reason, 'invalid_request')
      assert.equal((await ada.send({ method: 'DELETE', path: '/sessions?scope=others' })).status, 204)
      assert.equal((await third.get('/session')).status, 401)
      assert.equal((await ada.get('/session')).status, 200)
      assert.equal((await ada.send({ method: 'DELETE', path: '/sessions?scope=all' })).status, 204)
      assert.equal(ada.cookie(), undefined)
      assert.equal((await bob.get('/session')).status, 200)
      for (const path of ['/sessions', '/sessions/x'])
        assert.equal((await app.browser().send({ method: 'DELETE', path: `${path}?scope=all` })).status, 401)
    })
  })
})

describe('session data', () => {
  const merging = (
    anonymous: Readonly<Record<string, Json>>,
    login: Readonly<Record<string, Json>>,
  ): Record<string, Json> => ({
    ...login,
    cart: [...((anonymous.cart as Json[]) ?? []), ...((login.cart as Json[]) ?? [])],
  })

  everywhere('what was stored before the login comes along, and not to the next user', async (app) => {
    const browser = app.browser()
    await browser.post('/data', { key: 'cart', value: ['book'] })
    await browser.post('/data', { key: 'theme', value: 'dark' })
    await browser.post('/login', { user: 'ada', data: { cart: ['pen'], more: 1 } })
    const read = async (key: string): Promise<unknown> => (await browser.get(`/data?key=${key}`)).json().value
    assert.deepEqual([await read('cart'), await read('theme'), await read('more')], [['pen'], 'dark', 1])
    await browser.post('/step-up', { level: 2 })
    assert.deepEqual([await read('cart'), await read('theme')], [['pen'], 'dark'])
    await browser.post('/login', { user: 'ada' })
    assert.deepEqual(await read('cart'), ['pen'])
    await browser.post('/login', { user: 'bob' })
    assert.deepEqual([await read('cart'), await read('theme'), await read('more')], [null, null, null])
    await browser.post('/logout')
    assert.equal(await read('cart'), null)
  })

  everywhere(
    'merge decides what becomes of both',
    async (app) => {
      const browser = app.browser()
      await browser.post('/data', { key: 'cart', value: ['book'] })
      await browser.post('/data', { key: 'theme', value: 'dark' })
      await browser.post('/login', { user: 'ada', data: { cart: ['pen'] } })
      assert.deepEqual((await browser.get('/data?key=cart')).json().value, ['book', 'pen'])
      assert.equal((await browser.get('/data?key=theme')).json().value, null)
    },
    { merge: merging },
  )

  everywhere('an anonymous session begins with the first value and is one', async (app) => {
    const browser = app.browser()
    const first = await browser.post('/data', { key: 'a', value: 1 })
    const second = await browser.post('/data', { key: 'b', value: null })
    assert.equal(first.json().id, second.json().id)
    assert.deepEqual(second.cookies, [])
    const who = (await browser.get('/whoami')).json()
    assert.deepEqual([who.user, who.level, who.authenticatedAt, who.presentation], [null, 1, null, 'cookie'])
    assert.equal((await browser.get('/me')).reason, 'anonymous')
    assert.deepEqual((await browser.get('/data?key=b')).json(), { value: null, missing: false })
    app.clock.advance(61 * minute)
    assert.equal((await browser.get('/data?key=a')).json().value, null, 'and it ends like others')
  })

  everywhere('keys are patched one by one: 40 requests at once lose nothing', async (app) => {
    const browser = await app.signIn('ada')
    await Promise.all(Array.from({ length: 40 }, (_, n) => browser.post('/data', { key: `k${n}`, value: n })))
    for (let n = 0; n < 40; n++) assert.equal((await browser.get(`/data?key=k${n}`)).json().value, n)
    await Promise.all(Array.from({ length: 40 }, () => browser.post('/count')))
    assert.equal((await browser.get('/data?key=count')).json().value, 40)
    await browser.send({ method: 'DELETE', path: '/data', json: { key: 'k1' } })
    assert.equal((await browser.get('/data?key=k1')).json().missing, true)
    assert.equal((await browser.get('/data?key=k2')).json().value, 2)
  })

  test('the same where operations overlap', async () => {
    const clock = manualClock()
    await withApp({ clock, backend: slowBackend({ clock }) }, async (app) => {
      const browser = await app.signIn('ada')
      const work = Array.from({ length: 12 }, (_, n) => [
        browser.post('/count'),
        browser.post('/data', { key: `k${n}`, value: n }),
      ])
      for (const { status } of await Promise.all(work.flat())) assert.equal(status, 200)
      assert.equal((await browser.get('/data?key=count')).json().value, 12)
      for (let n = 0; n < 12; n++) assert.equal((await browser.get(`/data?key=k${n}`)).json().value, n)
    })
  })

  everywhere('the first value of an anonymous request may come from update', async (app) => {
    const browser = app.browser()
    assert.deepEqual((await browser.post('/count')).json(), { value: 1 })
    assert.deepEqual((await browser.post('/count')).json(), { value: 2 })
  })

  everywhere(
    'too late is an error, and nothing is stored',
    async (app) => {
      for (const what of ['set', 'login', 'logout']) {
        const browser = what === 'logout' ? await app.signIn('ada') : app.browser()
        const answer = await browser.post(`/late-${what}`)
        assert.equal(answer.body, 'begun, head_sent', what)
        if (what === 'logout') assert.equal((await browser.get('/me')).status, 200)
      }
      assert.equal((await idsOf(app, 'eve')).length, 0)
    },
    { routes: lateRoutes() },
  )

  everywhere(
    'a token that shows nobody has no place to store things',
    async (app) => {
      const client = await app.signInForTokens('ada')
      assert.equal((await client.post('/data', { key: 'k', value: 1 })).status, 200)
      assert.equal((await client.get('/data?key=k')).json().value, 1)
      await client.post('/logout')
      const inserts = app.dealings.filter(({ name }) => name === 'store.insert').length
      const late = await client.post('/data', { key: 'k', value: 1 })
      assert.ok(late.status >= 400)
      assert.deepEqual(late.cookies, [])
      assert.equal(app.dealings.filter(({ name }) => name === 'store.insert').length, inserts)
    },
    both,
  )
})

function lateRoutes(): Routes {
  const kindOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: { readonly kind?: string }) => error.kind ?? 'another error',
    )
  return {
    'POST /late-set': async ({ session }, response) => {
      response.write('begun, ')
      response.end(await kindOf(session.set('k', 1)))
    },
    'POST /late-login': async ({ session }, response) => {
      response.write('begun, ')
      response.end(await kindOf(session.login({ user: 'eve' })))
    },
    'POST /late-logout': async ({ session }, response) => {
      response.write('begun, ')
      response.end(await kindOf(session.logout()))
    },
  }
}

describe('S13 guards', () => {
  everywhere(
    'level, age of the sign-in, claims, in both presentations',
    async (app) => {
      for (const signIn of [app.signIn, app.signInForTokens]) {
        const one = await signIn('ada', { claims: { role: 'editor' } })
        const step = async (body: unknown): Promise<void> => {
          const answer = await one.post('/step-up', body)
          assert.equal(answer.status, 200)
          if ('take' in one && 'access' in one) one.take(answer)
        }
        assert.equal((await one.get('/staff')).status, 200)
        const denied = await one.get('/admin')
        assert.deepEqual([denied.status, denied.reason], [403, 'claim_required'])
        const weak = await one.get('/level2')
        assert.deepEqual([weak.status, weak.reason], [401, 'step_up_required'])
        assert.match(
          weak.header('www-authenticate') ?? '',
          /^Bearer realm="handstamp", error="insufficient_user_authentication"/,
        )
        const renew = async (): Promise<void> => {
          if ('refresh' in one) await one.refresh()
        }
        app.clock.advance(5 * minute)
        await renew()
        assert.equal((await one.get('/recent')).status, 200)
        app.clock.advance(second)
        assert.equal((await one.get('/recent')).reason, 'step_up_required')
        await step({ level: 2 })
        assert.equal((await one.get('/recent')).status, 200)
        assert.equal((await one.get('/level2')).status, 200)
        assert.equal((await one.get('/staff')).status, 200, 'the claims stay')
      }
    },
    both,
  )

  atBothDoors(
    'claims of every type; a name that objects have by nature is none',
    async (app) => {
      const browser = await app.signIn('ada', { claims: { role: 'b', groups: ['x', 'y'], level: 3, staff: true } })
      const expected = {
        'GET /g/role': 200,
        'GET /g/one-of': 200,
        'GET /g/group': 200,
        'GET /g/groups': 200,
        'GET /g/number': 200,
        'GET /g/staff': 200,
        'GET /g/text-number': 403,
        'GET /g/other': 403,
        'GET /g/missing': 403,
        'GET /g/proto': 403,
        'GET /g/constructor': 403,
        'GET /g/none-of': 403,
      }
      for (const [route, status] of Object.entries(expected))
        assert.equal((await browser.get(route.slice(4))).status, status, route)
    },
    {
      claims: { role: 'string', groups: 'strings', level: 'number', staff: 'boolean' },
      routes: guardRoutes({
        role: { role: 'b' },
        'one-of': { role: ['a', 'b'] },
        group: { groups: 'x' },
        groups: { groups: ['z', 'y'] },
        number: { level: 3 },
        staff: { staff: true },
        'text-number': { level: '3' },
        other: { role: 'a' },
        missing: { tenant: 'b' },
        proto: JSON.parse('{"__proto__":"x"}') as Record<string, string>,
        constructor: { constructor: 'x' } as never,
        'none-of': { role: [] },
      }),
    },
  )
})

function guardRoutes(
  claims: Readonly<Record<string, Readonly<Record<string, string | number | boolean | readonly string[]>>>>,
): Routes {
  return Object.fromEntries(
    Object.entries(claims).map(([name, claim]) => [
      `GET /g/${name}`,
      { guard: { claim }, handle: (_request: unknown, response: { end(): void }) => response.end() },
    ]),
  ) as Routes
}

describe('events', () => {
  everywhere('each change once, typed, after it was stored, without anything secret', async (app) => {
    const browser = app.browser()
    await browser.post('/data', { key: 'secret-key', value: 'secret-value' })
    await browser.post('/login', { user: 'ada', claims: { role: 'secret-role' } })
    app.clock.advance(6 * minute)
    await browser.get('/me')
    const { id } = (await browser.get('/me')).json()
    await app.auth.update(id as string, { claims: { role: 'x' } })
    app.clock.advance(6 * minute)
    await browser.get('/me')
    await app.auth.revokeAll({ user: 'bob' }, 'password_changed')
    await browser.post('/logout')
    const seen = app.events.map((event) => ({ ...event, id: undefined, to: undefined, at: typeof event.at }))
    const common = { id: undefined, to: undefined, at: 'number' }
    assert.deepEqual(seen, [
      { ...common, kind: 'session.created', user: null, presentation: 'cookie' },
      { ...common, kind: 'session.created', user: 'ada', presentation: 'cookie' },
      { ...common, kind: 'session.ended', user: null, cause: 'replaced' },
      { ...common, kind: 'session.renewed', user: 'ada', how: 'rotate' },
      { ...common, kind: 'session.moved', user: 'ada' },
      { ...common, kind: 'session.renewed', user: 'ada', how: 'rotate' },
      { ...common, kind: 'sessions.ended', scope: { kind: 'user', user: 'bob' }, cause: 'password_changed' },
      { ...common, kind: 'session.ended', user: 'ada', cause: 'logout' },
    ])
    assert.ok(!/secret/.test(JSON.stringify(app.events)))
  })
})

describe('both presentations', () => {
  everywhere(
    'the same words, the same answers',
    async (app) => {
      const browser = await app.signIn('ada', { claims: { role: 'x' }, tenant: 't', level: 2 })
      const client = await app.signInForTokens('ada', { claims: { role: 'x' }, tenant: 't', level: 2 })
      const [a, b] = [(await browser.get('/me')).json(), (await client.get('/me')).json()]
      assert.deepEqual({ ...a, id: '', presentation: '' }, { ...b, id: '', presentation: '' })
      assert.deepEqual([a.presentation, b.presentation], ['cookie', 'token'])
      assert.deepEqual((await client.post('/count')).json(), { value: 1 })
      assert.deepEqual((await client.get('/me')).cookies, [])
    },
    both,
  )

  everywhere(
    'Authorization wins, and what is wrong with it is never made good by the cookie',
    async (app) => {
      const browser = await app.signIn('ada')
      const client = await app.signInForTokens('bob')
      const ask = async (authorization: string | readonly string[]): Promise<unknown> => {
        const answer = await browser.send({ path: '/me', headers: { Authorization: authorization } })
        assert.deepEqual(answer.cookies, [])
        return answer.reason ?? answer.json().user
      }
      assert.equal(await ask(`Bearer ${client.access}`), 'bob')
      assert.equal(await ask(`bearer ${client.access}`), 'bob')
      assert.equal(await ask('Bearer nonsense'), 'malformed_token')
      assert.equal(await ask('Bearer '), 'malformed_token')
      assert.equal(await ask('Bearer'), 'malformed_token')
      assert.equal(await ask(`Bearer ${browser.jar.get('__Host-session')}`), 'malformed_token')
      assert.equal(await ask(`Bearer ${'x'.repeat(8193)}`), 'oversized_credential')
      assert.equal(await ask(`DPoP ${client.access}`), 'unsupported_scheme')
      assert.equal(await ask([`Bearer ${client.access}`, `Bearer ${client.access}`]), 'conflicting_credentials')
      assert.equal(await ask([`Bearer ${client.access}`, 'Basic YTpi']), 'conflicting_credentials')
      assert.equal(await ask(['Basic YTpi', `Bearer ${client.access}`]), 'conflicting_credentials')
      app.clock.advance(6 * minute)
      assert.equal(await ask(`Bearer ${client.access}`), 'expired_token')
      await client.post('/auth/logout')
    },
    both,
  )

  everywhere(
    'other schemes are the application’s own business',
    async (app) => {
      const browser = await app.signIn('ada')
      for (const scheme of ['Basic YWRhOnB3', 'Negotiate abc', 'Digest username="x"', 'basic', 'Bearertoken x'])
        assert.equal(
          (await browser.send({ path: '/me', headers: { Authorization: scheme } })).json().user,
          'ada',
          scheme,
        )
      assert.equal((await app.get('/me', { Authorization: 'Basic YWRhOnB3' })).reason, 'anonymous')
    },
    both,
  )

  atBothDoors(
    'an application that reads only one of them does not see the other',
    async (app) => {
      const made = await app.auth.create({ user: 'ada', present: 'token' })
      assert.ok(made.ok)
      assert.equal((await app.get('/me', bearer(made.value.snapshot))).reason, 'anonymous')
      const browser = await app.signIn('ada')
      assert.equal((await browser.send({ path: '/me', headers: bearer('nonsense') })).json().user, 'ada')
    },
    { present: 'cookie' },
  )

  everywhere(
    'with tokens only, no cookie is read or set',
    async (app) => {
      const client = app.tokenClient()
      const login = await app.post('/login', { user: 'ada' })
      client.take(login)
      assert.deepEqual(login.cookies, [])
      assert.equal((await client.get('/me')).json().user, 'ada')
      const cookie = await app.auth.create({ user: 'ada', present: 'cookie' })
      assert.ok(cookie.ok)
      const pair = { Cookie: `__Host-session=${cookie.value.credential}; __Host-snapshot=${cookie.value.snapshot}` }
      assert.equal((await app.get('/me', pair)).reason, 'anonymous')
      assert.equal((await app.post('/public', {}, pair)).status, 200, 'no cookie of ours, so nothing to ride on')
      const out = await client.post('/logout')
      assert.deepEqual([out.status, out.cookies], [204, []])
      const nobody = await app.post('/logout')
      assert.deepEqual([nobody.status, nobody.cookies.length], [204, 0])
    },
    { present: 'token' },
  )

  everywhere(
    'present at login: a browser that asks for tokens gets them in the body and no cookie',
    async (app) => {
      const answer = await app.browser().post('/login', { user: 'ada', present: 'token' })
      assert.deepEqual(Object.keys(answer.json()), ['access_token', 'token_type', 'expires_in', 'refresh_token'])
      assert.deepEqual(answer.cookies, [])
      assert.equal(answer.header('cache-control'), 'no-store')
      const other = await app.browser().post('/login', { user: 'ada', present: 'cookie' })
      assert.equal(other.cookies.length, 2)
      assert.ok(!('access_token' in other.json()))
    },
    both,
  )

  everywhere(
    'a login ends the family of whatever credential came with it, late ones too',
    async (app) => {
      const browser = await app.signIn('ada')
      const late = browser.copy()
      app.clock.advance(6 * minute)
      await browser.get('/me')
      app.clock.advance(6 * minute)
      await browser.get('/me')
      app.clock.advance(61 * minute)
      assert.equal((await late.post('/me', {})).reason, 'late_credential')
      const answer = await app.post(
        '/login',
        { user: 'bob' },
        { Cookie: late.cookie() ?? '', 'Sec-Fetch-Site': 'same-origin' },
      )
      assert.equal(answer.status, 200)
      assert.equal((await browser.get('/me')).reason, 'revoked')
      const client = await app.signInForTokens('eve')
      app.clock.advance(6 * minute)
      const next = await client.post('/login', { user: 'eve', present: 'token' })
      assert.equal(next.status, 200)
      assert.equal((await client.refresh()).reason, 'revoked')
      assert.equal((await idsOf(app, 'eve')).length, 1)
    },
    { ...both, policy: { idle: 10 * 60 * minute } },
  )

  everywhere('a double click on "sign in": both are answered, one session is left for each browser', async (app) => {
    const browser = app.browser()
    await browser.post('/data', { key: 'cart', value: ['book'] })
    const tabs = Array.from({ length: 4 }, () => browser.copy())
    const answers = await Promise.all(tabs.map((tab) => tab.post('/login', { user: 'ada' })))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    for (const tab of tabs) assert.equal((await tab.get('/me')).json().user, 'ada')
  })
})

describe('what an application has mounted', () => {
  test('a body parser before the endpoints', async () => {
    for (const parsers of [
      [express.json(), express.urlencoded()],
      [express.text({ type: '*/*' })],
      [express.raw({ type: '*/*' })],
    ]) {
      await withApp(
        {
          door: 'express',
          ...both,
          before: parsers,
          routes: {
            'POST /login-ada': async ({ session }, response) => {
              response.setHeader('Content-Type', 'application/json')
              response.end(JSON.stringify(await session.login({ user: 'ada', present: 'token' })))
            },
          },
        },
        async (app) => {
          const client = app.tokenClient()
          client.take(await app.post('/login-ada', {}))
          app.clock.advance(minute)
          assert.equal((await client.refresh()).status, 200)
          app.clock.advance(minute)
          const json = await app.post('/auth/token', {
            grant_type: 'refresh_token',
            refresh_token: client.refreshToken,
          })
          assert.equal(json.status, 200)
          assert.equal(
            (await app.post('/auth/token', { grant_type: 'refresh_token', refresh_token: { a: 1 } })).status,
            400,
          )
          const large = { grant_type: 'refresh_token', refresh_token: 'x'.repeat(20_000) }
          assert.equal((await app.post('/auth/token', large)).reason, 'oversized_body')
          assert.equal(
            (
              await app.send({
                method: 'POST',
                path: '/auth/token',
                headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
                body: `grant_type=refresh_token&refresh_token=a&refresh_token=${client.refreshToken}`,
              })
            ).status,
            400,
          )
        },
      )
    }
  })

  atAllDoors('the endpoints answer to their methods only', async (app) => {
    for (const path of ['/token', '/revoke']) {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const answer = await app.send({
          method,
          path: `${app.at}${path}`,
          headers: { 'Sec-Fetch-Site': 'same-origin' },
        })
        assert.equal(answer.status, 405, `${method} ${path}`)
        assert.equal(answer.header('allow'), 'POST')
      }
    }
  })
})
