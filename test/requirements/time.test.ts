import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LoginOptions } from '../../src/index.ts'
import { type App, atBothDoors, type Browser, everywhere, type TokenClient, withApp } from '../support/app.ts'
import { manualClock } from '../support/manual-clock.ts'
import { forgeAccessToken } from './forge.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Both presentations of one sign-in: how to use it, and what becomes of it. */
interface Shown {
  readonly name: string
  /** Uses the session, renewing what has to be renewed; the reason when it is refused. */
  use(): Promise<string | undefined>
}

async function signInBoth(app: App, options: Partial<LoginOptions> = {}): Promise<readonly Shown[]> {
  const browser = await app.signIn('ada', options)
  const client = await app.signInForTokens('bob', options)
  let cookie = browser.cookie() ?? ''
  const useCookie = async (): Promise<string | undefined> => {
    const { reason } = await browser.get('/me', { Cookie: cookie })
    // A browser forgets cookies after Max-Age; whoever copied them does not.
    cookie = browser.cookie() ?? cookie
    return reason
  }
  return [
    { name: 'cookie', use: useCookie },
    { name: 'token', use: () => useToken(client) },
  ]
}

async function useToken(client: TokenClient): Promise<string | undefined> {
  const { reason } = await client.get('/me')
  if (reason !== 'expired_token') return reason
  const refreshed = await client.refresh()
  return refreshed.status === 200 ? (await client.get('/me')).reason : refreshed.reason
}

/** Keeps them busy until that instant, then asserts that they live; nothing is used more rarely than `every`. */
async function stayActive(app: App, shown: readonly Shown[], every: number, until: number): Promise<void> {
  while (app.clock.now() < until) {
    app.clock.advance(Math.min(every, until - app.clock.now()))
    for (const { name, use } of shown) assert.equal(await use(), undefined, `${name} at ${app.clock.now() - until}`)
  }
}

async function assertRefused(shown: readonly Shown[], reason: string): Promise<void> {
  for (const { name, use } of shown) {
    assert.equal(await use(), reason, name)
    assert.equal(await use(), 'revoked', `${name}: ended for good`)
  }
}

const both = { present: 'both' } as const

describe('T1 remembered: 30 days at the longest, 14 unused', () => {
  everywhere(
    'absolute',
    async (app) => {
      const shown = await signInBoth(app, { remember: true })
      const end = app.clock.now() + 30 * day
      await stayActive(app, shown, 5 * day, end - second)
      app.clock.advance(second)
      await assertRefused(shown, 'absolute_timeout')
    },
    both,
  )

  everywhere(
    'idle',
    async (app) => {
      const shown = await signInBoth(app, { remember: true })
      await stayActive(app, shown, 14 * day - 1, app.clock.now() + 14 * day - 1)
      app.clock.advance(14 * day)
      await assertRefused(shown, 'idle_timeout')
    },
    both,
  )
})

describe('T2 ordinary: 24 hours at the longest, 1 unused', () => {
  everywhere(
    'active every half hour, it still ends after 24 hours',
    async (app) => {
      const shown = await signInBoth(app)
      const end = app.clock.now() + day
      await stayActive(app, shown, 30 * minute, end - second)
      app.clock.advance(second)
      await assertRefused(shown, 'absolute_timeout')
    },
    both,
  )

  everywhere(
    'level 2 is the same',
    async (app) => {
      const shown = await signInBoth(app, { level: 2 })
      const end = app.clock.now() + day
      await stayActive(app, shown, 59 * minute, end - 1)
      app.clock.advance(1)
      await assertRefused(shown, 'absolute_timeout')
    },
    both,
  )
})

describe('T3 level 3: 12 hours at the longest, a quarter of one unused', () => {
  everywhere(
    'absolute, remembered or not',
    async (app) => {
      const shown = [...(await signInBoth(app, { level: 3 })), ...(await signInBoth(app, { level: 3, remember: true }))]
      const end = app.clock.now() + 12 * hour
      await stayActive(app, shown, 14 * minute, end - second)
      app.clock.advance(second)
      await assertRefused(shown, 'absolute_timeout')
    },
    both,
  )

  everywhere(
    'idle, and after a step-up as well',
    async (app) => {
      const shown = await signInBoth(app, { level: 3 })
      const browser = await app.signIn('eve')
      await browser.post('/step-up', { level: 3 })
      app.clock.advance(15 * minute - 1)
      assert.equal((await browser.get('/level3')).status, 200)
      for (const { use } of shown) assert.equal(await use(), undefined)
      app.clock.advance(15 * minute)
      await assertRefused(shown, 'idle_timeout')
      assert.equal((await browser.get('/me')).reason, 'idle_timeout')
    },
    both,
  )
})

describe('T4 either timeout ends it; activity moves the idle one only, signing in again both', () => {
  everywhere(
    'idle to the millisecond, counted from the last use inside a snapshot',
    async (app) => {
      const shown = await signInBoth(app)
      app.clock.advance(4 * minute)
      for (const { use } of shown) await use()
      app.clock.advance(hour - 1)
      for (const { name, use } of shown) assert.equal(await use(), undefined, name)
      app.clock.advance(4 * minute)
      for (const { name, use } of shown) assert.equal(await use(), undefined, name)
      app.clock.advance(hour)
      await assertRefused(shown, 'idle_timeout')
    },
    both,
  )

  everywhere('the four cases', async (app) => {
    const [unused, used, again, aside] = await Promise.all(['a', 'b', 'c', 'd'].map((user) => app.signIn(user)))
    const all = { unused, used, again, aside } as Record<string, Browser>
    const state = async (): Promise<string> => {
      const reasons = await Promise.all(Object.values(all).map(async (one) => (await one.get('/me')).reason ?? 'lives'))
      return reasons.join(' ')
    }
    for (let n = 0; n < 30; n++) {
      app.clock.advance(50 * minute)
      for (const one of [used, again, aside]) await one?.get('/me')
      if (n === 1) assert.equal(await state(), 'idle_timeout lives lives lives')
      if (n === 20) assert.equal((await again?.post('/step-up', {}))?.status, 200)
      if (n === 20) await aside?.post('/login', { user: 'd' })
    }
    // 25 hours later: the one that was used has ended as well, the two that signed in again live on.
    assert.equal(await state(), 'revoked revoked lives lives')
    const causes = app.events.flatMap((event) =>
      event.kind === 'session.ended' ? [`${event.user} ${event.cause}`] : [],
    )
    assert.deepEqual(causes.sort(), ['a idle', 'b absolute', 'c replaced', 'd replaced'])
    app.clock.advance(hour)
    assert.equal(await state(), 'revoked revoked idle_timeout idle_timeout')
  })

  everywhere(
    'a login may shorten its times and not lengthen them, and a step-up keeps what was shortened',
    async (app) => {
      const short = await app.signIn('ada', { idle: 10 * minute, absolute: hour })
      const long = await app.signIn('bob', { idle: 10 * day, absolute: 100 * day })
      await short.post('/step-up', {})
      app.clock.advance(10 * minute)
      assert.equal((await short.get('/me')).reason, 'idle_timeout')
      app.clock.advance(50 * minute)
      assert.equal((await long.get('/me')).reason, 'idle_timeout')
      const hours = await app.signIn('eve', { absolute: hour })
      await hours.post('/step-up', {})
      app.clock.advance(30 * minute)
      assert.equal((await hours.get('/me')).status, 200)
      app.clock.advance(30 * minute)
      assert.equal((await hours.get('/me')).reason, 'absolute_timeout')
    },
  )

  test('the last use inside a snapshot is known after a restart (sqlite)', async () => {
    await withApp({ store: 'sqlite', ...both }, async (app) => {
      const browser = await app.signIn('ada')
      app.clock.advance(4 * minute)
      await browser.get('/me')
      await app.stop()
      const next = await app.node()
      app.clock.advance(hour - 1)
      assert.equal((await next.get('/me', { Cookie: browser.cookie() ?? '' })).status, 200)
    })
  })
})

describe('T5 the server decides, whatever becomes of the cookies', () => {
  everywhere('both cookies shown after their Max-Age, and with the snapshot alone', async (app) => {
    const remembered = await app.signIn('ada', { remember: true })
    const browser = await app.signIn('bob')
    for (const [one, wait] of [
      [browser, hour],
      [remembered, 14 * day],
    ] as const) {
      const cookie = one.cookie() ?? ''
      app.clock.advance(wait)
      assert.equal((await app.get('/me', { Cookie: cookie })).reason, 'idle_timeout')
      assert.equal((await app.get('/me', { Cookie: cookie })).reason, 'revoked')
      const [credential = '', snapshot = ''] = cookie.split('; ')
      assert.equal((await app.get('/me', { Cookie: credential })).reason, 'revoked')
      assert.equal((await app.get('/me', { Cookie: snapshot })).reason, 'anonymous')
    }
  })

  everywhere(
    'Max-Age says when they end: T for the snapshot, the absolute end for a remembered session, none otherwise',
    async (app) => {
      const attributes = async (options: Partial<LoginOptions>): Promise<readonly unknown[]> => {
        const { cookies } = await app.browser().post('/login', { user: 'ada', ...options })
        return cookies.map((cookie) => cookie.attributes.get('max-age'))
      }
      assert.deepEqual(await attributes({}), [undefined, '300'])
      assert.deepEqual(await attributes({ remember: true }), [String(30 * 86_400), '300'])
      assert.deepEqual(await attributes({ remember: true, absolute: hour }), ['3600', '300'])
      assert.deepEqual(await attributes({ idle: 2 * minute }), [undefined, '120'])
      const lasting = await app.signIn('bob', { remember: true })
      app.clock.advance(10 * day)
      const renewed = await lasting.get('/me')
      assert.deepEqual(
        renewed.cookies.map((cookie) => cookie.attributes.get('max-age')),
        [String(20 * 86_400), '300'],
        'and a renewal does not put it off',
      )
    },
  )
})

describe('T6 a family of refresh tokens ends', () => {
  everywhere(
    'rotated every minute, it dies at the absolute limit and not later',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const begun = app.clock.now()
      const seen = new Set([client.refreshToken])
      for (let n = 1; n < 120; n++) {
        app.clock.advance(minute)
        const answer = await client.refresh()
        assert.equal(answer.status, 200)
        seen.add(client.refreshToken)
        const left = Math.floor((begun + 2 * hour - app.clock.now()) / second)
        assert.equal(answer.json().expires_in, Math.min(300, left))
      }
      assert.equal(seen.size, 120, 'it rotated each time')
      app.clock.advance(minute - 1)
      assert.equal((await client.get('/me')).status, 200)
      app.clock.advance(1)
      assert.equal((await client.get('/me')).reason, 'expired_token')
      assert.equal((await client.refresh()).reason, 'absolute_timeout')
      assert.equal((await client.refresh()).reason, 'revoked')
    },
    { ...both, policy: { absolute: 2 * hour } },
  )
})

describe('T7 times in tokens are what RFC 7519 says, and of a sensible size', () => {
  const now = 1_700_000_000
  const refused: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ exp: now - 1, iat: now - 60 }, 'expired_token'],
    [{ exp: now - 31, iat: now - 60 }, 'expired_token'],
    [{ exp: now }, 'expired_token'],
    [{ nbf: now + 31 }, 'not_yet_valid'],
    [{ iat: now + 31 }, 'not_yet_valid'],
    [{ exp: undefined }, 'bad_claims'],
    [{ iat: undefined }, 'bad_claims'],
    ...['1e9', String(now + 60), null, true, [now + 60], {}, -1, 1e308, 1.5, 2 ** 53, now + 11 * 60, now - 60].map(
      (exp) => [{ exp, iat: typeof exp === 'number' && exp === now - 60 ? now : now - 30 }, 'bad_claims'] as const,
    ),
    ...['soon', null, -1, 1e308, 0.5].flatMap(
      (time) =>
        [
          [{ nbf: time }, 'bad_claims'],
          [{ iat: time }, 'bad_claims'],
        ] as const,
    ),
  ]

  atBothDoors(
    'refused ones',
    async (app) => {
      const { access } = await app.signInForTokens('ada')
      for (const [change, reason] of refused) {
        const forged = forgeAccessToken(app.auth, access, change)
        assert.equal(
          (await app.get('/me', { Authorization: `Bearer ${forged}` })).reason,
          reason,
          JSON.stringify(change),
        )
      }
    },
    both,
  )

  atBothDoors(
    'accepted ones',
    async (app) => {
      const { access } = await app.signInForTokens('ada')
      for (const change of [
        {},
        { nbf: now + 30 },
        { iat: now + 30 },
        { nbf: 0 },
        { exp: now + 1 },
        { exp: now + 600, iat: now },
      ]) {
        const forged = forgeAccessToken(app.auth, access, change)
        assert.equal((await app.get('/me', { Authorization: `Bearer ${forged}` })).status, 200, JSON.stringify(change))
      }
    },
    both,
  )
})

describe('T8 clocks that step back, and clocks that differ', () => {
  everywhere(
    'an hour back after logout, idle and absolute timeout: nothing comes to life',
    async (app) => {
      const ended: string[] = []
      const bearers: string[] = []
      const loggedOut = await app.signIn('ada')
      ended.push(loggedOut.cookie() ?? '')
      await loggedOut.post('/logout')
      const client = await app.signInForTokens('bob')
      bearers.push(client.access)
      await client.post('/logout')
      for (const [options, wait] of [[{}, hour] as const, [{ absolute: 10 * minute }, 10 * minute] as const]) {
        const browser = await app.signIn('eve', options)
        const token = await app.signInForTokens('eve', options)
        ended.push(browser.cookie() ?? '')
        bearers.push(token.access)
        app.clock.advance(wait)
        assert.match((await app.get('/me', { Cookie: ended.at(-1) ?? '' })).reason ?? '', /_timeout$/)
        assert.match((await token.refresh()).reason ?? '', /_timeout$/)
      }
      const assertAllRefused = async (node: App): Promise<void> => {
        for (const cookie of ended) {
          assert.equal((await node.get('/me', { Cookie: cookie })).status, 401)
          assert.equal((await node.get('/me', { Cookie: cookie.split('; ')[0] ?? '' })).reason, 'revoked')
        }
        for (const access of bearers)
          assert.equal((await node.get('/me', { Authorization: `Bearer ${access}` })).status, 401)
      }
      app.clock.set(app.clock.now() - hour)
      await assertAllRefused(app)
      await assertAllRefused(await app.node())
      app.clock.set(app.clock.now() - 70 * minute)
      await assertAllRefused(app)
      if (app.store === 'memory') return
      await app.stop()
      await assertAllRefused(await app.node())
      await assertAllRefused(await app.node({ clock: manualClock(app.clock.now() - day) }))
    },
    both,
  )

  everywhere(
    'what had passed while the node ran stays passed, seen or not',
    async (app) => {
      const unseen = await app.signIn('ada')
      const cookie = unseen.cookie() ?? ''
      const client = await app.signInForTokens('bob')
      app.clock.advance(hour)
      assert.equal((await (await app.signIn('eve')).get('/me')).status, 200)
      app.clock.set(app.clock.now() - hour)
      assert.equal((await app.get('/me', { Cookie: cookie })).reason, 'idle_timeout')
      assert.equal((await client.get('/me')).reason, 'expired_token')
      assert.equal((await client.refresh()).reason, 'idle_timeout')
    },
    both,
  )

  for (const skew of [25 * second, -25 * second, 5 * minute, -5 * minute]) {
    everywhere(
      `a second node whose clock is ${skew / second} s off`,
      async (app) => {
        const other = await app.node({ clock: manualClock(app.clock.now() + skew) })
        const browser = await app.signIn('ada')
        const client = await app.signInForTokens('bob')
        const cookie = (): string => browser.cookie() ?? ''
        assert.equal((await other.get('/me', { Cookie: cookie() })).json().user, 'ada')
        const seen = await other.get('/me', { Authorization: `Bearer ${client.access}` })
        const expected = Math.abs(skew) <= 30 * second ? undefined : skew > 0 ? 'expired_token' : 'not_yet_valid'
        assert.equal(seen.reason, expected)
        for (let n = 0; n < 6; n++) {
          for (const node of [app, other]) {
            node.clock.advance(3 * minute)
            const answer = await node.get('/me', { Cookie: cookie() })
            assert.equal(answer.json().user, 'ada')
            browser.take(answer)
            const form = { grant_type: 'refresh_token', refresh_token: client.refreshToken }
            const refreshed = await node.send({ method: 'POST', path: '/auth/token', form })
            assert.equal(refreshed.status, 200)
            client.take(refreshed)
          }
          other.clock.set(app.clock.now() + skew)
          app.clock.advance(3 * minute)
          other.clock.advance(3 * minute)
        }
        const kept = cookie()
        await browser.post('/logout')
        await client.post('/logout')
        for (const node of [app, other]) {
          assert.equal((await node.get('/me', { Cookie: kept })).status, 401)
          assert.equal((await node.get('/me', { Authorization: `Bearer ${client.access}` })).status, 401)
        }
        assert.ok(!app.events.concat(other.events).some(({ kind }) => kind === 'session.reuse'), 'no false alarm')
      },
      both,
    )
  }
})
