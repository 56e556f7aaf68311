import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { currentSession, inAction, proxy, requireSession, routes, session } from '../../src/adapters/next.ts'
import { type Auth, Fault, handstamp, isFault, memory, minute, oneOf, preferences } from '../../src/index.ts'
import { type Gate, gate } from '../../src/testing/gate.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { standInForNext, within } from '../support/next-modules.ts'

standInForNext()

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

interface World {
  readonly auth: Auth
  readonly clock: ManualClock
  readonly store: Gate
  /** The Cookie header of somebody who has just signed in. */
  readonly cookie: string
}

async function world(): Promise<World> {
  const clock = manualClock()
  const store = gate(memory({ clock }))
  store.open()
  const auth = handstamp({ backend: store.backend, clock, secrets: 'Kf8-next-2mXw0_qVtZ6rJyB4nLd9cHs' })
  const created = await auth.create({ user: 'ada' })
  assert.ok(created.ok)
  const { credential, snapshot } = created.value
  return { auth, clock, store, cookie: `__Host-session=${credential}; __Host-snapshot=${snapshot}` }
}

function request(path: string, cookie: string, init: RequestInit = {}): Request {
  const headers = { Host: 'localhost:3000', Cookie: cookie, Origin: 'http://localhost:3000', ...init.headers }
  return new Request(`http://localhost:3000${path}`, { ...init, headers })
}

const setBy = (response: Response | undefined): readonly string[] =>
  (response?.headers.getSetCookie() ?? []).map((line) => line.split('=', 1)[0] ?? '')

const cookieHandedOn = (response: Response | undefined): string => {
  const { handedOn } = response as Response & { readonly handedOn: Headers }
  return handedOn.get('cookie') ?? ''
}

const me = (auth: Auth) => session(auth)(requireSession()((request) => Response.json({ user: request.session.user })))

describe('the proxy of Next', () => {
  test('lets a request with a fresh snapshot go on untouched', async () => {
    const { auth, cookie } = await world()
    assert.equal(await proxy(auth)(request('/', cookie)), undefined)
    assert.equal(await proxy(auth)(request('/', '')), undefined)
  })

  test('renews in passing: the pair leaves with the response, and the route of the same request does not renew again', async () => {
    const { auth, clock, store, cookie } = await world()
    clock.advance(6 * minute)
    const response = await proxy(auth)(request('/me', `a=%20; ${cookie}; b="q"`))
    assert.deepEqual(setBy(response), ['__Host-session', '__Host-snapshot'])
    assert.equal(response?.headers.get('cache-control'), 'no-store')
    const handedOn = cookieHandedOn(response)
    assert.match(handedOn, /^a=%20; b="q"; __Host-session=[\w-]+; __Host-snapshot=[\w-]+$/)
    assert.equal(store.counts().get('store.advance'), 1)

    const finds = store.counts().get('store.find')
    const answer = await me(auth)(request('/me', handedOn))
    assert.deepEqual(await answer.json(), { user: 'ada' })
    assert.deepEqual(setBy(answer), [])
    const seen = await within('render', { cookie: handedOn }, async () => (await currentSession(auth)).user)
    assert.deepEqual(seen.result, { status: 'fulfilled', value: 'ada' })
    assert.equal(store.counts().get('store.advance'), 1)
    assert.equal(store.counts().get('store.find'), finds, 'nobody asks the store again')
  })

  test('leaves the renewal of an unsafe request to its route, so that no cookie is set twice', async () => {
    const { auth, clock, store, cookie } = await world()
    clock.advance(6 * minute)
    const post = (): Request => request('/login', cookie, { method: 'POST' })
    assert.equal(await proxy(auth)(post()), undefined)
    assert.equal(store.counts().get('store.advance'), undefined)
    const answer = await session(auth)((entered) => entered.session.logout().then(() => new Response(null)))(post())
    assert.equal(answer.headers.getSetCookie().length, 2)
    for (const line of answer.headers.getSetCookie()) assert.match(line, /Max-Age=0/)
  })

  test('X1 refuses what another site has started, whatever headers are sent along', async () => {
    const { auth, cookie } = await world()
    const spoofs = {
      'Sec-Fetch-Site': 'cross-site',
      'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy',
      'x-middleware-request-cookie': cookie,
    }
    const response = await proxy(auth)(request('/', cookie, { method: 'POST', headers: spoofs }))
    assert.equal(response?.status, 403)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
  })

  test('V1 answers 503 when it cannot be known who is signed in', async () => {
    const { auth, clock, store, cookie } = await world()
    clock.advance(6 * minute)
    store.fail('store.advance', 'before')
    const response = await proxy(auth)(request('/', cookie))
    assert.equal(response?.status, 503)
    assert.deepEqual(setBy(response), [])
  })

  test('lets your own part look at the session and answer', async () => {
    const { auth, clock, cookie } = await world()
    const guarded = proxy(auth, ({ session, url }) =>
      session.user === null ? Response.redirect(new URL('/sign-in', url)) : undefined,
    )
    assert.equal((await guarded(request('/', '')))?.status, 302)
    clock.advance(6 * minute)
    assert.deepEqual(setBy(await guarded(request('/', cookie))), ['__Host-session', '__Host-snapshot'])
  })
})

describe('components of Next', () => {
  test('never renew: an expired snapshot costs one read, and nothing is set', async () => {
    const { auth, clock, store, cookie } = await world()
    clock.advance(6 * minute)
    const finds = store.counts().get('store.find') ?? 0
    const { result, set } = await within('render', { cookie }, async () => (await currentSession(auth)).user)
    assert.deepEqual(result, { status: 'fulfilled', value: 'ada' })
    assert.deepEqual(set, [])
    assert.equal((store.counts().get('store.find') ?? 0) - finds, 1)
    assert.equal(store.counts().get('store.advance'), undefined)
  })

  test('have nothing to set, log in or end by', async () => {
    const { auth, cookie } = await world()
    await within('render', { cookie }, async () => {
      const current = await currentSession(auth)
      assert.equal(await current.get('nothing'), undefined)
      for (const name of ['set', 'delete', 'update', 'login', 'logout', 'logoutEverywhere', 'stepUp'])
        assert.equal(name in current, false, name)
      // @ts-expect-error nor do such words compile
      assert.equal(current.login, undefined)
      // @ts-expect-error
      assert.equal(current.set, undefined)
    })
  })

  test('M1 a component reads preferences, and cannot set them', async () => {
    const { auth, cookie } = await world()
    const prefs = preferences({ theme: oneOf('light', 'dark') })
    const { result, set } = await within('render', { cookie: `${cookie}; __Host-theme=dark` }, async () => {
      const current = await currentSession(auth)
      await assert.rejects(
        prefs.of(current).set('theme', 'light'),
        (error) => isFault(error) && error.kind === 'head_sent',
      )
      return [current.user, await prefs.of(current).get('theme')]
    })
    assert.deepEqual([result, set], [{ status: 'fulfilled', value: ['ada', 'dark'] }, []])
  })

  test('V1 throw where it cannot be known who is signed in', async () => {
    const { auth, clock, store, cookie } = await world()
    clock.advance(6 * minute)
    store.fail('store.find', 'before')
    const { result } = await within('render', { cookie }, () => currentSession(auth))
    assert.ok(result.status === 'rejected' && isFault(result.reason))
    assert.equal(result.reason.reason, 'store_unavailable')
  })

  test('C7, C8 believe no doubled cookie and no other spelling, whatever Next makes of them', async () => {
    const { auth, cookie } = await world()
    const spelled = cookie.replace(
      /(__Host-session=)(.)/,
      (_all, name: string, first: string) => `${name}%${first.charCodeAt(0).toString(16)}`,
    )
    for (const bad of [`__Host-session=x; ${cookie}`, `${cookie}; ${cookie}`, spelled]) {
      const { result } = await within('render', { cookie: bad }, async () => (await currentSession(auth)).user)
      assert.deepEqual(result, { status: 'fulfilled', value: null })
    }
  })

  test('S6 are not shown a session that was ended', async () => {
    const { auth, cookie } = await world()
    await auth.revokeAll({ user: 'ada' })
    const { result } = await within('render', { cookie }, async () => (await currentSession(auth)).user)
    assert.deepEqual(result, { status: 'fulfilled', value: null })
  })
})

describe('server functions of Next', () => {
  const own = { origin: 'http://localhost:3000', host: 'localhost:3000' }

  test('log in and out by cookies(), and the component of the same request sees it', async () => {
    const { auth } = await world()
    const { result, set } = await within('action', own, async () => {
      await inAction(auth, (session) => session.login({ user: 'grace' }))
      const between = (await currentSession(auth)).user
      await inAction(auth, (session) => session.logout())
      return [between, (await currentSession(auth)).user]
    })
    assert.deepEqual(result, { status: 'fulfilled', value: ['grace', null] })
    assert.deepEqual(
      set.map(({ name, maxAge }) => [name, maxAge === 0]),
      [
        ['__Host-session', false],
        ['__Host-snapshot', false],
        ['__Host-session', true],
        ['__Host-snapshot', true],
      ],
    )
    for (const { path, secure, httpOnly, sameSite } of set)
      assert.deepEqual(
        { path, secure, httpOnly, sameSite },
        { path: '/', secure: true, httpOnly: true, sameSite: 'lax' },
      )
  })

  test('set their cookies also where the work ends in a redirect, which is thrown', async () => {
    const { auth } = await world()
    const redirect = new Error('NEXT_REDIRECT')
    const { result, set } = await within('action', own, () =>
      inAction(auth, async (session) => {
        await session.login({ user: 'grace' })
        throw redirect
      }),
    )
    assert.ok(result.status === 'rejected' && result.reason === redirect)
    assert.equal(set.length, 2)
  })

  test('X1 refuse what another site has started, and do nothing', async () => {
    const { auth, cookie } = await world()
    let done = false
    const { result } = await within('action', { ...own, cookie, 'sec-fetch-site': 'cross-site' }, () =>
      inAction(auth, () => {
        done = true
      }),
    )
    assert.ok(result.status === 'rejected' && isFault(result.reason) && result.reason.reason === 'cross_site')
    assert.equal(done, false)
  })
})

describe('route handlers of Next', () => {
  test('answer our Faults as problem documents', async () => {
    const { auth, cookie } = await world()
    const handle = session(auth)(() => {
      throw new Fault('not_stored', 'The test.')
    })
    const answer = await handle(request('/', cookie))
    assert.equal(answer.status, 503)
    assert.equal(((await answer.json()) as { reason: string }).reason, 'not_stored')
  })

  test('throw on what is none of ours, such as redirect(), with the cookies set by cookies()', async () => {
    const { auth } = await world()
    const redirect = new Error('NEXT_REDIRECT')
    const handle = session(auth)(async (entered) => {
      await entered.session.login({ user: 'grace' })
      throw redirect
    })
    const { result, set } = await within('action', {}, () => handle(request('/', '', { method: 'POST' })))
    assert.ok(result.status === 'rejected' && result.reason === redirect)
    assert.equal(set.length, 2)
  })

  test('are guarded by requireSession', async () => {
    const { auth, cookie } = await world()
    assert.equal((await me(auth)(request('/me', ''))).status, 401)
    const strong = session(auth)(requireSession({ level: 2 })(() => Response.json({})))
    const answer = await strong(request('/me', cookie))
    assert.equal(((await answer.json()) as { reason: string }).reason, 'step_up_required')
  })

  test('have the endpoints below [...path], whatever it is called', async () => {
    const { auth, cookie } = await world()
    const { GET, POST } = routes(auth)
    const at = (...path: readonly string[]) => ({ params: Promise.resolve({ lang: 'en', rest: path }) })
    const keys = await GET(request('/auth/.well-known/jwks.json', ''), at('.well-known', 'jwks.json'))
    assert.equal(keys.headers.get('content-type'), 'application/jwk-set+json')
    const logout = await POST(request('/auth/logout', cookie, { method: 'POST' }), at('logout'))
    assert.equal(logout.status, 204)
    assert.equal((await me(auth)(request('/me', cookie))).status, 401)
    assert.equal((await GET(request('/auth/nope', ''), at('nope'))).status, 404)
  })
})

test('the door opens where Next is not installed, and asks for it when it is called', async () => {
  const script = `const { currentSession } = await import(${JSON.stringify(source('adapters/next.ts'))})
const { handstamp, memory } = await import(${JSON.stringify(source('index.ts'))})
console.log(await currentSession(handstamp({ backend: memory() })).catch((error) => error.code))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  assert.equal(stdout, 'ERR_MODULE_NOT_FOUND\n')
})
