import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { day, hour, minute } from '../../src/base/clock.ts'
import { type Backend, memory } from '../../src/index.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { type AccountServer, passwordOf, withAccountServer } from '../support/account-server.ts'
import type { Answer } from '../support/app.ts'
import type { Browser } from '../support/app-client.ts'
import type { ManualClock } from '../support/manual-clock.ts'

function law(title: string, run: (server: AccountServer) => Promise<void>): void {
  test(title, () => withAccountServer({ people: ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay'] }, run))
}

function add(browser: Browser, name: string, more: object = {}): Promise<Answer> {
  return browser.post('/login', { username: name, password: passwordOf(name), alongside: true, ...more })
}

interface Other {
  readonly id: string
  readonly name: string
}

async function others(browser: Browser): Promise<readonly Other[]> {
  return (await browser.get('/accounts')).json().accounts as readonly Other[]
}

async function idOf(browser: Browser, name: string): Promise<string> {
  return (await others(browser)).find((one) => one.name === name)?.id ?? ''
}

async function who(browser: Browser): Promise<unknown> {
  return (await browser.get('/session')).json().user ?? null
}

async function goOn(browser: Browser, name: string): Promise<Answer> {
  return browser.post('/accounts/switch', { id: await idOf(browser, name) })
}

describe('several accounts in one browser', () => {
  law('each stays signed in, and one at a time is here', async (server) => {
    const browser = await server.signedIn('ann')
    await add(browser, 'bob')
    assert.equal(await who(browser), 'bob')
    assert.deepEqual(
      (await others(browser)).map(({ name }) => name),
      ['ann'],
    )
    assert.equal((await goOn(browser, 'ann')).json().user, 'ann')
    assert.deepEqual([await who(browser), (await others(browser)).map(({ name }) => name)], ['ann', ['bob']])
    await add(browser, 'cleo')
    await goOn(browser, 'bob')
    assert.deepEqual([await who(browser), (await others(browser)).map(({ name }) => name)], ['bob', ['cleo', 'ann']])
    assert.equal((await server.auth.scan(99)).sessions.length, 3, 'none was left behind')
  })

  law('without being asked for, a login ends the session before it as ever', async (server) => {
    const browser = await server.signedIn('ann')
    await add(browser, 'bob', { alongside: false })
    assert.deepEqual(await others(browser), [])
    assert.equal((await server.auth.scan(99)).sessions.length, 1)
  })

  law(
    'S2 who is put aside goes on under another identity, and their snapshot of before stands no more',
    async (server) => {
      const browser = await server.signedIn('ann')
      const [before, id] = [browser.cookie() ?? '', (await browser.get('/session')).json().id]
      await add(browser, 'bob')
      const shown = await server.get('/session', { Cookie: before })
      assert.notEqual(shown.json().id, id)
      assert.ok(shown.cookies.length > 0, 'it was renewed: the snapshot alone opened nothing')
      await goOn(browser, 'ann')
      assert.notEqual((await browser.get('/session')).json().id, id)
    },
  )

  law('nobody is put aside for a session that cannot begin', async (server) => {
    const browser = await server.signedIn('ann')
    const id = (await browser.get('/session')).json().id
    const sent = { username: 'bob', password: passwordOf('bob'), alongside: true }
    const headers = { 'X-Forwarded-Proto': 'http', Host: 'elsewhere.example' }
    const refused = await browser.send({ method: 'POST', path: '/login', json: sent, headers })
    assert.ok(refused.status >= 400, String(refused.status))
    assert.equal((await browser.get('/session')).json().id, id)
  })

  law('S13 to switch is no sign-in: level and age stay', async (server) => {
    const browser = await server.signedIn('ann')
    const signedInAt = (await browser.get('/session')).json().authenticated_at
    server.clock.advance(hour / 2)
    await add(browser, 'bob')
    await goOn(browser, 'ann')
    assert.equal((await browser.get('/session')).json().authenticated_at, signedInAt)
  })

  law('X9 signing out ends this one alone; another is left from outside', async (server) => {
    const browser = await server.signedIn('ann')
    await add(browser, 'bob')
    assert.equal((await browser.post('/logout')).status, 204)
    assert.equal(await who(browser), null)
    const page = await browser.get('/login', { Accept: 'text/html' })
    assert.match(page.body, /Other accounts in this browser.*ann/s)
    await goOn(browser, 'ann')
    assert.equal(await who(browser), 'ann')
    await add(browser, 'bob')
    assert.equal((await browser.post('/accounts/leave', { id: await idOf(browser, 'ann') })).status, 204)
    assert.deepEqual([await others(browser), await who(browser)], [[], 'bob'])
    assert.equal((await server.auth.scan(99)).sessions.length, 1)
    assert.equal(browser.jar.has('__Host-session-others'), false)
  })

  law('S8 what was ended elsewhere is gone from here, and cannot be switched to', async (server) => {
    const browser = await server.signedIn('ann')
    await add(browser, 'bob')
    const id = await idOf(browser, 'ann')
    await server.auth.revokeAll({ user: server.people.get('ann')?.id ?? '' })
    assert.deepEqual(await others(browser), [])
    assert.equal((await browser.post('/accounts/switch', { id })).reason, 'not_found')
    assert.equal(await who(browser), 'bob')
  })

  law('S14 only by the cookie of this browser: a handle opens nothing', async (server) => {
    const browser = await server.signedIn('ann')
    await add(browser, 'bob')
    const id = await idOf(browser, 'ann')
    const stranger = await server.signedIn('cleo')
    for (const path of ['/accounts/switch', '/accounts/leave'])
      assert.equal((await stranger.post(path, { id })).reason, 'not_found')
    const forged = (browser.jar.get('__Host-session-others') ?? '').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    stranger.put('__Host-session-others', forged)
    assert.deepEqual(await others(stranger), [])
    for (const junk of ['', 'p', 's.', 'x.y.z', `s.${'A'.repeat(64)}`, 's'.repeat(4000)]) {
      stranger.put('__Host-session-others', junk)
      assert.deepEqual(await others(stranger), [], junk.slice(0, 20))
    }
    assert.equal((await server.auth.scan(99)).sessions.length, 3, 'nothing was ended by that')
  })

  law('X1 another site neither switches nor leaves, even where nobody is signed in', async (server) => {
    const browser = await server.signedIn('ann')
    await add(browser, 'bob')
    const id = await idOf(browser, 'ann')
    await browser.post('/logout')
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }])
      for (const path of ['/accounts/switch', '/accounts/leave'])
        assert.equal((await browser.send({ method: 'POST', path, json: { id }, headers })).status, 403)
    const Cookie = `__Host-session-others=${browser.jar.get('__Host-session-others')}`
    const silent = await server.send({ method: 'POST', path: '/accounts/leave', json: { id }, headers: { Cookie } })
    assert.equal(silent.reason, 'unproven_origin', 'X3')
    assert.deepEqual(
      (await others(browser)).map(({ name }) => name),
      ['ann'],
    )
  })

  test('V3 an answer that was under way does not bring back who was here before', async () => {
    let hold: { readonly reached: () => void; readonly passed: Promise<void> } | null = null
    const backend = (clock: ManualClock): Backend =>
      intercept(memory({ clock }), {
        call: async ({ name, args }, carryOut) => {
          const answer = await carryOut(args)
          const held = hold
          if (name !== 'store.advance' || held === null) return answer
          hold = null
          held.reached()
          await held.passed
          return answer
        },
      })
    await withAccountServer({ people: ['ann', 'bob'], backend }, async (server) => {
      const browser = await server.signedIn('ann')
      server.clock.advance(6 * minute)
      const [reached, passed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      hold = { reached: reached.resolve, passed: passed.promise }
      const slow = browser.copy().get('/session')
      await reached.promise
      await add(browser, 'bob')
      passed.resolve()
      const late = await slow
      assert.deepEqual([late.status, late.cookies], [200, []])
      assert.equal(await who(browser), 'bob')
    })
  })

  law(
    'S5 five at most: the one that was here the longest ago is signed out; the same user twice is once',
    async (server) => {
      const browser = await server.signedIn('ann')
      for (const name of ['bob', 'cleo', 'dan', 'eve', 'fay']) await add(browser, name)
      assert.deepEqual(
        (await others(browser)).map(({ name }) => name),
        ['eve', 'dan', 'cleo', 'bob'],
      )
      assert.equal((await server.auth.scan(99)).sessions.length, 5)
      await add(browser, 'bob')
      assert.deepEqual(
        (await others(browser)).map(({ name }) => name),
        ['fay', 'eve', 'dan', 'cleo'],
      )
      assert.equal((await server.auth.scan(99)).sessions.length, 5)
    },
  )

  law('they survive the closing of the browser where one of them does', async (server) => {
    const [closed, kept] = [await server.signedIn('ann'), await server.signedIn('ann', { remember: true })]
    for (const browser of [closed, kept]) {
      await add(browser, 'bob')
      browser.restart()
    }
    assert.deepEqual([await others(closed), (await others(kept)).length], [[], 1])
    const mixed = await server.signedIn('ann', { remember: true })
    await add(mixed, 'bob')
    await add(mixed, 'cleo')
    mixed.restart()
    assert.deepEqual(
      (await others(mixed)).map(({ name }) => name),
      ['ann'],
      'what ends with the browser ends beside what does not',
    )
    await goOn(kept, 'ann')
    server.clock.advance(2 * day)
    assert.equal(await who(kept), 'ann')
  })

  law('V2 of two tabs that switch at the same time nobody is signed out', async (server) => {
    const browser = await server.signedIn('ann')
    await add(browser, 'bob')
    await add(browser, 'cleo')
    const [left, right] = [browser.copy(), browser.copy()]
    const [first, second] = [await idOf(browser, 'ann'), await idOf(browser, 'bob')]
    const answers = await Promise.all([
      left.post('/accounts/switch', { id: first }),
      right.post('/accounts/switch', { id: second }),
    ])
    for (const [index, tab] of [left, right].entries()) {
      assert.equal(answers[index]?.status, 200)
      assert.equal((await others(tab)).length, 2)
      assert.equal(await who(tab), index === 0 ? 'ann' : 'bob')
    }
    assert.equal(server.events.filter(({ kind }) => kind === 'session.reuse').length, 0)
  })
})
