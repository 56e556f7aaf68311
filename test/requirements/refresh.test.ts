import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import type { SessionEvent } from '../../src/index.ts'
import { type App, atAllDoors, everywhere, type TokenClient, withApp } from '../support/app.ts'

const second = 1000
const minute = 60 * second
const both = { present: 'both' } as const

function alarms(app: App): readonly SessionEvent[] {
  return app.events.filter(({ kind }) => kind === 'session.reuse')
}

/** Refreshes after the quiet zone and gives back the token that came. */
async function rotate(app: App, client: TokenClient, token: string = client.refreshToken): Promise<string> {
  app.clock.advance(41 * second)
  const answer = await client.refresh(token)
  assert.equal(answer.status, 200, answer.body)
  return answer.json().refresh_token as string
}

describe('R1 rotated at each use, and a spent token that comes back ends the family', () => {
  everywhere(
    'RT1 to RT2 to RT3, then RT1 again: everything is dead, and there is an alarm',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const first = client.refreshToken
      const second_ = await rotate(app, client)
      const third = await rotate(app, client)
      assert.equal(new Set([first, second_, third]).size, 3)
      app.clock.advance(41 * second)
      assert.equal((await client.get('/me')).status, 200)
      const thief = await client.refresh(first)
      assert.equal(thief.status, 400)
      assert.equal(thief.json().error, 'invalid_grant')
      assert.equal(thief.reason, 'replayed_credential')
      for (const token of [first, second_, third]) assert.equal((await client.refresh(token)).reason, 'revoked')
      assert.equal((await client.get('/me')).reason, 'revoked')
      assert.deepEqual(await app.auth.list('ada'), [])
      const kinds = app.events.map((event) => (event.kind === 'session.ended' ? `ended ${event.cause}` : event.kind))
      assert.deepEqual(kinds, ['session.created', 'session.renewed', 'session.renewed', 'ended reuse', 'session.reuse'])
    },
    both,
  )

  everywhere('the same with cookies', async (app) => {
    const browser = await app.signIn('ada')
    const copied = browser.copy()
    for (let n = 0; n < 2; n++) {
      app.clock.advance(6 * minute)
      await browser.get('/me')
    }
    app.clock.advance(minute)
    assert.equal((await copied.get('/me')).reason, 'replayed_credential')
    assert.equal((await browser.get('/me')).reason, 'revoked')
    assert.equal(alarms(app).length, 1)
  })

  everywhere(
    'RT1 after one rotation and the quiet zone: a fork, RT2 is dead, and RT2 then ends it all',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const first = client.refreshToken
      const skipped = await rotate(app, client)
      const deadBranch = client.access
      const third = await rotate(app, client, first)
      assert.notEqual(third, skipped)
      assert.equal(alarms(app).length, 0, 'a lost reply looks the same')
      assert.equal((await app.get('/me', { Authorization: `Bearer ${deadBranch}` })).status, 200, 'for T at the most')
      assert.equal((await client.refresh(skipped)).reason, 'replayed_credential')
      assert.equal(alarms(app).length, 1)
      assert.equal((await client.refresh(third)).reason, 'revoked')
      assert.equal((await app.get('/me', { Authorization: `Bearer ${deadBranch}` })).reason, 'revoked')
    },
    both,
  )

  everywhere(
    'forks in a row end in signing in again, never in an alarm',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const first = client.refreshToken
      await rotate(app, client)
      for (let n = 0; n < 5; n++) await rotate(app, client, first)
      app.clock.advance(41 * second)
      assert.equal((await client.refresh(first)).reason, 'reauthenticate')
      assert.equal(alarms(app).length, 0)
      assert.equal((await app.auth.list('ada')).length, 1)
    },
    both,
  )

  everywhere(
    'at the same time at two nodes: one successor',
    async (app) => {
      const other = await app.node()
      const client = await app.signInForTokens('ada')
      for (let round = 0; round < 10; round++) {
        app.clock.advance(41 * second)
        const form = { grant_type: 'refresh_token', refresh_token: client.refreshToken }
        const asked = Array.from({ length: 12 }, (_, n) =>
          (n % 2 === 0 ? app : other).send({ method: 'POST', path: '/auth/token', form }),
        )
        const answers = await Promise.all(asked)
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
        assert.equal(new Set(answers.map((answer) => answer.json().refresh_token)).size, 1)
        client.take(answers[0] as (typeof answers)[0])
      }
      assert.equal(alarms(app).length, 0)
      assert.equal(app.events.concat(other.events).filter(({ kind }) => kind === 'session.renewed').length, 10)
    },
    both,
  )
})

describe('R3 a lost reply and a second tab are no theft', () => {
  everywhere(
    'within the grace: the same successor, to the letter',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const first = client.refreshToken
      const next = await rotate(app, client)
      for (const wait of [0, second, 8 * second, second]) {
        app.clock.advance(wait)
        const again = await client.refresh(first)
        assert.equal(again.status, 200)
        assert.equal(again.json().refresh_token, next)
        assert.equal(
          (await client.refresh(next)).json().refresh_token,
          next,
          'and the successor itself is not rotated yet',
        )
      }
      assert.equal((await client.get('/me')).status, 200)
    },
    both,
  )

  everywhere(
    'in the quiet zone: the newest gets an access token and no refresh token, the one before is told to look again',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const first = client.refreshToken
      const next = await rotate(app, client)
      for (const wait of [10 * second + 1, 29 * second + 999]) {
        app.clock.advance(wait)
        const late = await client.refresh(first)
        assert.equal(late.status, 409)
        assert.equal(late.json().error, 'retry')
        assert.equal(late.reason, 'retry_renewal')
        const newest = await client.refresh(next)
        assert.equal(newest.status, 200)
        assert.equal(newest.json().refresh_token, undefined)
        assert.equal(client.refreshToken, next)
        assert.equal((await client.get('/me')).status, 200)
      }
      assert.notEqual(await rotate(app, client), next)
      assert.equal(alarms(app).length, 0)
    },
    both,
  )

  atAllDoors(
    'the connection dies after the change was stored: the client tries again and goes on',
    async (app) => {
      const client = await app.signInForTokens('ada')
      for (const wait of [0, 9 * second, 41 * second]) {
        app.clock.advance(41 * second)
        const rotations = (): number => app.dealings.filter(({ name }) => name === 'store.advance').length
        const before = rotations()
        await sendAndHangUp(app, client.refreshToken, () => rotations() > before)
        app.clock.advance(wait)
        assert.equal((await client.refresh()).status, 200)
        assert.equal((await client.get(app.guarded)).status, 200)
      }
      assert.equal(alarms(app).length, 0)
    },
    both,
  )

  everywhere('two tabs with one jar, at any distance: both stay signed in', async (app) => {
    for (const gap of [0, 5 * second, 10 * second, 15 * second, 39 * second, 41 * second, 4 * minute, 6 * minute]) {
      const jar = await app.signIn(`user-${gap}`)
      const tab = jar.copy()
      app.clock.advance(6 * minute)
      assert.equal((await jar.get('/me')).status, 200)
      app.clock.advance(gap)
      // The second tab's request left with the cookies of before.
      const late = await tab.get('/me')
      assert.equal(late.status, 200, `${gap}`)
      jar.take(late)
      app.clock.advance(6 * minute)
      assert.equal((await jar.get('/me')).status, 200, `${gap}`)
    }
    assert.equal(alarms(app).length, 0)
  })
})

/** Sends a refresh and destroys the connection as soon as the change is in the store. */
async function sendAndHangUp(app: App, token: string, stored: () => boolean): Promise<void> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }).toString()
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length }
  const outgoing = request({ port: app.port, method: 'POST', path: `${app.at}/token`, headers, agent: false })
  outgoing.on('error', () => {})
  outgoing.end(body)
  while (!stored()) await new Promise((resolve) => setImmediate(resolve))
  outgoing.destroy()
}

describe('R4 a refresh token belongs to its client, and never grows', () => {
  everywhere(
    'another client, a scope, another grant',
    async (app) => {
      const client = await app.signInForTokens('ada', { client: 'mobile-app' })
      app.clock.advance(41 * second)
      for (const client_id of ['other-app', 'mobile-ap', 'mobile-app2', 'MOBILE-APP', '', 'first-party', '__proto__']) {
        const answer = await client.refresh(client.refreshToken, { client_id })
        assert.equal(answer.status, 400, client_id)
        assert.equal(answer.json().error, 'invalid_grant')
        assert.equal(answer.reason, 'wrong_client')
      }
      const wider = await client.refresh(client.refreshToken, { client_id: 'mobile-app', scope: 'admin' })
      assert.equal(wider.json().error, 'invalid_scope')
      for (const grant_type of [
        'authorization_code',
        'password',
        'client_credentials',
        'REFRESH_TOKEN',
        'refresh_token ',
      ])
        assert.equal((await client.refresh(client.refreshToken, { grant_type })).json().error, 'unsupported_grant_type')
      assert.ok(!app.dealings.some(({ name }) => name === 'store.advance'), 'and nothing was changed by that')
      const right = await client.refresh(client.refreshToken, { client_id: 'mobile-app', scope: '' })
      assert.equal(right.status, 200)
      assert.notEqual(right.json().refresh_token, undefined)
    },
    both,
  )

  everywhere(
    'only the client that it was issued to may revoke it',
    async (app) => {
      const client = await app.signInForTokens('ada', { client: 'mobile-app' })
      const revoke = (token: string, client_id: string): Promise<unknown> =>
        app.send({ method: 'POST', path: '/auth/revoke', form: { token, client_id } })
      for (const token of [client.refreshToken, client.access]) {
        const foreign = (await revoke(token, 'other-app')) as { status: number }
        assert.equal(foreign.status, 200)
        assert.equal((await client.get('/me')).status, 200)
      }
      await revoke(client.refreshToken, 'mobile-app')
      assert.equal((await client.get('/me')).reason, 'revoked', 'with its access tokens')
      assert.equal((await client.refresh()).reason, 'revoked')
    },
    both,
  )
})

describe('the token endpoint', () => {
  test('a fork, a kill and a spent token are remembered over a restart (sqlite)', async () => {
    await withApp({ ...both, store: 'sqlite' }, async (app) => {
      const client = await app.signInForTokens('ada')
      const first = client.refreshToken
      await rotate(app, client)
      await rotate(app, client)
      await app.stop()
      app.clock.advance(minute)
      const next = await app.node()
      assert.equal((await next.tokenClient().refresh(first)).reason, 'replayed_credential')
      assert.equal((await next.tokenClient().refresh(client.refreshToken)).reason, 'revoked')
    })
  })

  atAllDoors(
    'answers are never kept, also the refusals',
    async (app) => {
      const client = await app.signInForTokens('ada')
      for (const form of [
        { grant_type: 'refresh_token', refresh_token: client.refreshToken },
        { grant_type: 'refresh_token' },
        {},
      ] as Record<string, string>[]) {
        const answer = await app.send({ method: 'POST', path: `${app.at}/token`, form })
        assert.equal(answer.header('cache-control'), 'no-store')
        assert.equal(answer.header('pragma'), 'no-cache')
        assert.match(answer.header('content-type') ?? '', /^application\/json/)
        assert.deepEqual(answer.cookies, [])
      }
    },
    both,
  )
})
