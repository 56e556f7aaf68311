import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minute } from '../../src/base/clock.ts'
import {
  type AccountServer,
  type AccountServerOptions,
  passwordOf,
  withAccountServer,
} from '../support/account-server.ts'
import type { Browser, TokenClient } from '../support/app.ts'

const fresh = 'a heron stands on one leg'

function law(title: string, run: (server: AccountServer) => Promise<void>, options: AccountServerOptions = {}): void {
  test(title, () => withAccountServer(options, run))
}

async function statusOf(browser: Browser): Promise<number> {
  return (await browser.get('/session')).status
}

async function idOf(browser: Browser): Promise<unknown> {
  return (await browser.get('/session')).json().id
}

async function appOf(server: AccountServer): Promise<TokenClient> {
  const app = server.tokenClient()
  app.take(await server.post('/login', { username: 'ann', password: passwordOf('ann'), present: 'token' }))
  return app
}

const page = { Accept: 'text/html' }

describe('change of password', () => {
  law('S8 ends the other sessions, in both presentations, and gives this one a fresh id', async (server) => {
    const here = await server.signedIn('ann')
    const there = await server.signedIn('ann')
    const app = await appOf(server)
    const stranger = await server.signedIn('bob')
    const copy = here.copy()
    const before = await idOf(here)
    const changed = await here.post('/password', { current: passwordOf('ann'), password: fresh })
    assert.equal(changed.status, 200, changed.body)
    assert.notEqual(changed.json().id, before)
    assert.equal(await idOf(here), changed.json().id)
    assert.equal(await statusOf(there), 401)
    assert.equal(await statusOf(copy), 401, 'a copy of the old cookies opens nothing')
    assert.equal((await app.get('/session')).status, 401)
    assert.equal(await statusOf(stranger), 200)
    const old = await server.browser().post('/login', { username: 'ann', password: passwordOf('ann') })
    assert.equal(old.reason, 'wrong_login')
    assert.equal((await server.browser().post('/login', { username: 'ann', password: fresh })).status, 200)
    const ended = server.events.filter(({ kind }) => kind === 'sessions.ended')
    assert.deepEqual(
      ended.map((event) => 'cause' in event && event.cause),
      ['password_changed'],
    )
  })

  law('S8 keeps the others where that was asked for', async (server) => {
    const [here, there] = [await server.signedIn('ann'), await server.signedIn('ann')]
    const changed = await here.post('/password', { current: passwordOf('ann'), password: fresh, others: 'keep' })
    assert.equal(changed.status, 200)
    assert.equal(await statusOf(there), 200)
  })

  law('S13 needs the present password, whatever the session is worth', async (server) => {
    const here = await server.signedIn('ann')
    for (const current of ['', 'wrong', fresh, passwordOf('bob')]) {
      const refused = await here.post('/password', { current, password: fresh })
      assert.equal(refused.reason, current === '' ? 'invalid_request' : 'wrong_password')
    }
    assert.equal(await statusOf(here), 200, 'and nobody is signed out by it')
    assert.equal((await server.browser().post('/login', { username: 'ann', password: passwordOf('ann') })).status, 200)
    assert.equal((await server.browser().post('/password', { current: 'x', password: fresh })).status, 401)
  })

  law('a weak one is refused, and the old one stays', async (server) => {
    const here = await server.signedIn('ann')
    for (const password of ['short', 'ann ann ann ann 1', 'aaaaaaaaaaaaaaaa'])
      assert.equal((await here.post('/password', { current: passwordOf('ann'), password })).reason, 'weak_password')
    assert.equal((await server.browser().post('/login', { username: 'ann', password: passwordOf('ann') })).status, 200)
  })

  law('X1 another site cannot change it', async (server) => {
    const here = await server.signedIn('ann')
    const form = { current: passwordOf('ann'), password: fresh }
    const answer = await here.send({
      method: 'POST',
      path: '/password',
      form,
      headers: { 'Sec-Fetch-Site': 'cross-site' },
    })
    assert.equal(answer.reason, 'cross_site')
  })

  law('V2 when the others cannot be ended it says so', async (server) => {
    const [here, there] = [await server.signedIn('ann'), await server.signedIn('ann')]
    const { revokeAll } = server.auth
    const { Fault } = await import('../../src/index.ts')
    Object.assign(server.auth, { revokeAll: () => Promise.reject(new Fault('store_unavailable', 'down')) })
    const answer = await here.post('/password', { current: passwordOf('ann'), password: fresh })
    Object.assign(server.auth, { revokeAll })
    assert.equal(answer.status, 503)
    assert.equal(answer.reason, 'others_not_ended')
    assert.equal(await statusOf(there), 200)
  })

  law('by form: back to the sessions, with words', async (server) => {
    const here = await server.signedIn('ann')
    assert.match((await here.get('/password', page)).body, /autocomplete="new-password"/)
    const send = (form: Record<string, string>) => here.send({ method: 'POST', path: '/password', form, headers: page })
    const refused = await send({ username: 'ann', current: 'wrong', password: fresh })
    assert.equal(refused.status, 403)
    assert.match(refused.body, /The password is wrong/)
    const done = await send({ username: 'ann', current: passwordOf('ann'), password: fresh })
    assert.equal(done.status, 303)
    assert.match((await here.get(done.header('location') ?? '', page)).body, /Your password is changed/)
    assert.equal((await server.browser().get('/password', page)).header('location'), '/login?next=/password')
  })
})

describe('step-up', () => {
  law('S13 S2 the password once more makes the sign-in recent, under a new id', async (server) => {
    const here = await server.signedIn('ann')
    const before = await here.get('/session')
    const copy = here.copy()
    server.clock.advance(10 * minute)
    assert.equal((await here.post('/step-up', { password: 'wrong' })).reason, 'wrong_password')
    const raised = await here.post('/step-up', { password: passwordOf('ann') })
    assert.equal(raised.status, 200, raised.body)
    assert.notEqual(raised.json().id, before.json().id)
    assert.equal(raised.json().authenticated_at, Number(before.json().authenticated_at) + 600)
    assert.equal(await statusOf(copy), 401)
    assert.equal((await server.browser().post('/step-up', { password: 'x' })).status, 401)
  })

  law('X10 by form it goes on to a path of ours', async (server) => {
    const here = await server.signedIn('ann')
    assert.match((await here.get('/step-up?next=/password', page)).body, /value="\/password"/)
    for (const [next, to] of [
      ['/password', '/password'],
      ['//evil.example', '/'],
      ['https://evil.example', '/'],
    ] as const) {
      const form = { password: passwordOf('ann'), next }
      const done = await here.send({ method: 'POST', path: '/step-up', form, headers: page })
      assert.equal(done.header('location'), to)
    }
  })

  law('with a token it answers with a new pair', async (server) => {
    const app = await appOf(server)
    const answer = await app.send({ method: 'POST', path: '/step-up', json: { password: passwordOf('ann') } })
    assert.equal(answer.status, 200)
    assert.equal(answer.json().token_type, 'Bearer')
    assert.equal((await app.get('/session')).status, 401, 'the old one is dead')
  })
})

describe('signing out', () => {
  law('S6 of this session, of the others, of all', async (server) => {
    const all = [await server.signedIn('ann'), await server.signedIn('ann'), await server.signedIn('ann')]
    const [first, second, third] = all as [Browser, Browser, Browser]
    const stranger = await server.signedIn('bob')
    assert.equal((await first.post('/logout', { scope: 'local' })).status, 204)
    assert.deepEqual(await Promise.all(all.map(statusOf)), [401, 200, 200])
    assert.equal((await second.post('/logout?scope=others')).status, 204)
    assert.deepEqual(await Promise.all(all.map(statusOf)), [401, 200, 401])
    const fourth = await server.signedIn('ann')
    assert.equal((await fourth.send({ method: 'POST', path: '/logout', form: { scope: 'global' } })).status, 204)
    assert.equal(await statusOf(second), 401)
    assert.equal(fourth.jar.size, 0)
    assert.equal(third.jar.size, 2)
    assert.equal(await statusOf(stranger), 200)
    assert.equal((await stranger.post('/logout', { scope: 'everything' })).reason, 'invalid_request')
    assert.equal((await server.browser().post('/logout', { scope: 'others' })).status, 401)
    assert.equal(await statusOf(stranger), 200)
  })
})

describe('sessions that end', () => {
  law('S9 one is ended with a receipt, and the note is there on every device', async (server) => {
    const [here, there] = [await server.signedIn('ann'), await server.signedIn('ann')]
    const id = String(await idOf(there))
    const headers = { Prefer: 'return=representation' }
    const receipt = await here.send({ method: 'DELETE', path: `/sessions/${id}`, headers })
    assert.equal(receipt.status, 200)
    assert.ok(Number(receipt.json().refused_everywhere_after_ms) >= 0)
    assert.equal(receipt.json().ended_at, Math.floor(server.clock.now() / 1000))
    assert.equal(await statusOf(there), 401)
    assert.equal((await here.send({ method: 'DELETE', path: `/sessions/${id}`, headers })).status, 404)
    const again = await server.signedIn('ann')
    assert.match((await again.get('/', page)).body, /Ended lately/)
    assert.doesNotMatch((await (await server.signedIn('bob')).get('/', page)).body, /Ended lately/)
  })

  law('one that is not me is ended, leaves a note and an alarm, and leads to a new password', async (server) => {
    const [here, thief] = [await server.signedIn('ann'), await server.signedIn('ann')]
    const stranger = await server.signedIn('bob')
    const id = String(await idOf(thief))
    const form = { id }
    const send = (who: Browser) => who.send({ method: 'POST', path: '/sessions/not-me', form, headers: page })
    assert.equal((await send(stranger)).status, 404, 'S10')
    assert.equal(await statusOf(thief), 200)
    const sent = await send(here)
    assert.deepEqual([sent.status, sent.header('location')], [303, '/password?reported'])
    assert.equal(await statusOf(thief), 401)
    assert.match((await here.get('/password?reported', page)).body, /choose a new password/)
    assert.match((await here.get('/', page)).body, /not you, you said/)
    assert.ok(
      server.logged.some((line) => line.includes('"msg":"session.reported"') && line.includes('"level":"warn"')),
    )
    assert.match(await server.operations.metrics.text(), /handstamp_sessions_reported_total 1/)
    const own = { id: String(await idOf(here)) }
    assert.equal((await here.post('/sessions/not-me', own)).reason, 'invalid_request')
  })
})
