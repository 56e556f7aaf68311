import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { writeCredential } from '../../src/crypto/credential.ts'
import { createKeyRing } from '../../src/crypto/keyring.ts'
import { randomText } from '../../src/crypto/random.ts'
import { handstamp, memory } from '../../src/index.ts'
import { makeSid } from '../../src/model/partition.ts'
import {
  type App,
  atAllDoors,
  atBothDoors,
  type Browser,
  everywhere,
  proofOf,
  secrets,
  withApp,
} from '../support/app.ts'

const second = 1000
const minute = 60 * second

/** Whether the request is somebody's, by what the application tells. */
async function userOf(app: App, headers: Readonly<Record<string, string>>): Promise<unknown> {
  return (await app.get('/whoami', headers)).json().user
}

describe('S1 credentials are random', () => {
  test('10^4 of them: no repeats, every bit of the random parts as often 0 as 1, no drift', async () => {
    const auth = handstamp({ backend: memory(), secrets: secrets[0] })
    const count = 10_000
    const handles: Buffer[] = []
    const tags: Buffer[] = []
    const texts = new Set<string>()
    for (let n = 0; n < count; n++) {
      const made = await auth.create({ user: `user-${n}`, present: 'cookie' })
      assert.ok(made.ok)
      const bytes = Buffer.from(made.value.credential, 'base64url')
      handles.push(bytes.subarray(8, 24))
      tags.push(bytes.subarray(32, 48))
      texts.add(made.value.credential).add(made.value.session.id).add(made.value.snapshot)
    }
    await auth.close()
    assert.equal(texts.size, 3 * count)
    for (const parts of [handles, tags]) {
      assert.equal(new Set(parts.map((part) => part.toString('hex'))).size, count)
      assert.equal(new Set(parts.map((part) => part.toString('hex', 0, 6))).size, count, 'no shared prefixes')
      assertFairBits(parts)
      assertFairBits(parts.slice(1).map((part, at) => xor(part, parts[at] as Buffer)))
    }
  })
})

/** At N = 10^4 six standard deviations are 3 %. */
function assertFairBits(parts: readonly Buffer[]): void {
  for (let bit = 0; bit < 128; bit++) {
    const ones = parts.filter((part) => ((part[bit >> 3] as number) >> (bit & 7)) & 1).length
    assert.ok(Math.abs(ones / parts.length - 0.5) < 0.03, `bit ${bit}: ${ones} of ${parts.length}`)
  }
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, at) => byte ^ (b[at] as number)))
}

describe('S2 a new identity at every sign-in and change of rights, and the old one dead at once', () => {
  everywhere('login', async (app) => {
    const browser = app.browser()
    await browser.post('/data', { key: 'cart', value: ['book'] })
    const before = browser.copy()
    const anonymous = (await browser.get('/whoami')).json().id
    await browser.post('/login', { user: 'ada' })
    const me = (await browser.get('/me')).json()
    assert.equal(me.user, 'ada')
    assert.notEqual(me.id, anonymous)
    await assertDead(app, before, 'revoked')
    assert.deepEqual(await liveIds(app, 'ada'), [me.id])
  })

  everywhere('login again, as the same user and as another', async (app) => {
    const browser = await app.signIn('ada')
    for (const user of ['ada', 'bob', 'ada']) {
      const before = browser.copy()
      await browser.post('/login', { user })
      assert.equal((await browser.get('/me')).json().user, user)
      await assertDead(app, before, 'revoked')
    }
    assert.equal((await liveIds(app, 'ada')).length, 1)
    assert.equal((await liveIds(app, 'bob')).length, 0)
  })

  everywhere('step-up', async (app) => {
    const browser = await app.signIn('ada')
    const before = browser.copy()
    const { id } = (await browser.get('/me')).json()
    app.clock.advance(minute)
    const stepped = await browser.post('/step-up', { level: 2, methods: ['pwd', 'otp'] })
    assert.equal(stepped.status, 200)
    const me = (await browser.get('/level2')).json()
    assert.notEqual(me.id, id)
    assert.equal(me.authenticatedAt, app.clock.now())
    await assertDead(app, before, 'revoked')
    assert.deepEqual(await liveIds(app, 'ada'), [me.id])
  })

  everywhere(
    'step-up with tokens',
    async (app) => {
      const client = await app.signInForTokens('ada')
      const { access, refreshToken } = client
      client.take(await client.post('/step-up', { level: 2 }))
      assert.equal((await client.get('/level2')).status, 200)
      assert.equal((await app.get('/me', { Authorization: `Bearer ${access}` })).reason, 'revoked')
      assert.equal((await client.refresh(refreshToken)).reason, 'revoked')
      assert.equal((await liveIds(app, 'ada')).length, 1)
    },
    { present: 'both' },
  )

  everywhere('change of role: the old claims end at once, the next rotation brings a new id', async (app) => {
    const browser = await app.signIn('ada', { claims: { role: 'editor' } })
    await browser.post('/data', { key: 'draft', value: 'text' })
    const before = browser.copy()
    const { id } = (await browser.get('/me')).json()
    app.clock.advance(41 * second)
    const updated = await app.auth.update(id as string, { claims: { role: 'admin' } })
    assert.ok(updated.ok)
    const me = (await browser.get('/admin')).json()
    assert.deepEqual(me.claims, { role: 'admin' })
    assert.notEqual(me.id, id)
    assert.deepEqual(await liveIds(app, 'ada'), [me.id])
    assert.equal((await browser.get('/data?key=draft')).json().value, 'text')
    // The old credential is the parent for as long as a request may be under way; it shows the new rights, never the old ones.
    assert.deepEqual((await before.get('/whoami')).json().claims, { role: 'admin' })
    assert.equal((await before.get('/me')).json().id, me.id)
    // The old handle leads to the session: ending it ends that.
    assert.equal(await app.auth.revoke(id as string), true)
    assert.equal((await browser.get('/me')).reason, 'revoked')
  })

  everywhere('loss of a role counts from the next request on, inside the grace as well', async (app) => {
    const browser = await app.signIn('ada', { claims: { role: 'admin' } })
    const { id } = (await browser.get('/admin')).json()
    for (const wait of [0, 9 * second, 20 * second, 10 * minute]) {
      app.clock.advance(wait)
      await app.auth.update((await liveIds(app, 'ada'))[0] as string, { claims: { role: 'admin' } })
      assert.equal((await browser.get('/admin')).status, 200)
      await app.auth.update((await liveIds(app, 'ada'))[0] as string, { claims: { role: 'reader' } })
      assert.equal((await browser.get('/admin')).reason, 'claim_required', `after ${wait}`)
    }
    assert.notEqual((await browser.get('/me')).json().id, id)
  })

  everywhere(
    'change of role with tokens: old claims are refused, renewal brings the new ones',
    async (app) => {
      const client = await app.signInForTokens('ada', { claims: { role: 'editor' } })
      const { access, refreshToken } = client
      const { id } = (await client.get('/me')).json()
      app.clock.advance(41 * second)
      await app.auth.update(id as string, { claims: { role: 'admin' } })
      assert.equal((await client.get('/me')).reason, 'stale_claims')
      assert.equal((await client.refresh()).status, 200)
      const me = (await client.get('/admin')).json()
      assert.notEqual(me.id, id)
      assert.notEqual(client.refreshToken, refreshToken)
      assert.equal((await app.get('/me', { Authorization: `Bearer ${access}` })).reason, 'stale_claims')
      assert.deepEqual(await liveIds(app, 'ada'), [me.id])
    },
    { present: 'both' },
  )
})

async function liveIds(app: App, user: string): Promise<readonly string[]> {
  return (await app.auth.list(user)).map(({ id }) => id)
}

async function assertDead(app: App, browser: Browser, reason: string): Promise<void> {
  const cookie = browser.cookie() ?? ''
  const refused = await app.get('/me', { Cookie: cookie })
  assert.equal(refused.status, 401)
  assert.equal(refused.reason, reason)
  assert.deepEqual(refused.cookies, [], 'a refused credential never clears cookies')
  assert.equal(await userOf(app, { Cookie: cookie }), null)
}

describe('S3 an id that was not issued is never adopted', () => {
  everywhere('well-formed random ids, and one with the right keys', async (app) => {
    const ring = createKeyRing([secrets[0]])
    const inserts = (): number => app.dealings.filter(({ name }) => name === 'store.insert').length
    const forged = [
      randomText(48),
      Buffer.concat([Buffer.of(1), ring.first.kid, Buffer.from(randomText(41), 'base64url')]).toString('base64url'),
      writeCredential(makeSid(0, randomText(16)), 1, randomText(16), ring),
    ]
    for (const value of forged) {
      const headers = { Cookie: `__Host-session=${value}` }
      const seen = await app.get('/whoami', headers)
      assert.equal(seen.json().id, null)
      assert.deepEqual(seen.cookies, [])
      assert.ok(
        ['forged_credential', 'unknown_key', 'unknown_session', 'malformed_credential'].includes(
          (await app.get('/me', headers)).reason ?? '',
        ),
      )
      assert.equal(inserts(), 0)
    }
    for (const value of forged) {
      const seen = await app.post(
        '/login',
        { user: 'ada' },
        { Cookie: `__Host-session=${value}`, 'Sec-Fetch-Site': 'same-origin' },
      )
      assert.equal(seen.status, 200)
      assert.ok(!seen.cookies.some((cookie) => cookie.value === value))
    }
  })
})

describe('S4 credentials go through the cookie and Authorization only', () => {
  everywhere(
    'the address and the body are not looked at',
    async (app) => {
      const browser = await app.signIn('ada')
      const client = await app.signInForTokens('ada')
      const [credential, snapshot] = [browser.jar.get('__Host-session'), browser.jar.get('__Host-snapshot')] as [
        string,
        string,
      ]
      const query = new URLSearchParams({
        sid: credential,
        session: credential,
        '__Host-session': credential,
        '__Host-snapshot': snapshot,
        access_token: client.access,
      })
      assert.equal((await app.get(`/me?${query}`)).reason, 'anonymous')
      const form = Object.fromEntries(query)
      const posted = await app.send({ method: 'POST', path: '/me', form })
      assert.equal(posted.reason, 'anonymous')
      for (const name of ['X-Session', 'X-Session-Id', 'X-Auth-Token', 'Cookie2', 'Proxy-Authorization'])
        assert.equal((await app.get('/me', { [name]: `Bearer ${client.access}` })).reason, 'anonymous')
    },
    { present: 'both' },
  )
  // That nothing is told is asserted at the end of every test that uses `withApp`, and for a real process in serve.test.ts.
})

describe('S5 what is stored opens nothing', () => {
  everywhere(
    'after many operations no stored value, nor the file, holds or works as a credential',
    async (app) => {
      await useMuch(app)
      const stored = JSON.stringify(app.dealings.map(plain))
      const file = app.store === 'sqlite' ? bytesOf(app.path) : Buffer.alloc(0)
      for (const secret of app.issued) {
        for (const part of [secret, proofOf(secret)]) {
          assert.ok(!stored.includes(part))
          assert.ok(!file.includes(part))
        }
        if (secret.length !== 64) continue
        const tag = Buffer.from(secret, 'base64url').subarray(32)
        for (const form of [tag, tag.toString('hex'), tag.toString('base64url'), tag.toString('base64')]) {
          assert.ok(!file.includes(form))
          if (typeof form === 'string') assert.ok(!stored.includes(form))
        }
      }
      const values = new Set([...wordsIn(stored), ...wordsIn(file.toString('latin1'))])
      assert.ok(values.size > 30, `${values.size} stored values`)
      for (const value of values) {
        assert.equal((await app.auth.validate({ accessToken: value })).ok, false)
        assert.equal((await app.auth.validate({ credential: value })).ok, false)
        assert.equal((await app.auth.validate({ credential: value, snapshot: value })).ok, false)
        assert.equal((await app.auth.refresh(value)).ok, false)
      }
      assert.equal((await app.auth.list('ada')).length > 0, true, 'nothing was ended by that')
    },
    { present: 'both' },
  )
})

async function useMuch(app: App): Promise<void> {
  const browser = await app.signIn('ada', { remember: true })
  const other = await app.signIn('ada')
  const client = await app.signInForTokens('ada')
  const lone = app.browser()
  await lone.post('/data', { key: 'cart', value: [1, 2, 3] })
  for (let round = 0; round < 4; round++) {
    app.clock.advance(6 * minute)
    await browser.post('/count')
    await other.get('/me')
    await client.refresh()
    await client.get('/me')
  }
  await app.auth.update((await other.get('/me')).json().id as string, { claims: { role: 'editor' } })
  await other.get('/me')
  await other.post('/step-up', { level: 2 })
  await lone.post('/login', { user: 'eve' })
  await lone.post('/logout')
  await (await app.auth.keys()).rotate()
  await app.auth.revokeAll({ user: 'bob' })
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, entry]) => [plain(key), plain(entry)])
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]))
}

function bytesOf(path: string): Buffer {
  const folder = dirname(path)
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))
}

function wordsIn(text: string): readonly string[] {
  return text.match(/[A-Za-z0-9_.-]{12,4096}/g) ?? []
}

describe('S6 logout is final on every node', () => {
  everywhere(
    'cookies and tokens',
    async (app) => {
      const other = await app.node()
      const browser = await app.signIn('ada')
      const client = await app.signInForTokens('ada')
      const shown = [{ Cookie: browser.cookie() ?? '' }, { Authorization: `Bearer ${client.access}` }]
      for (const headers of shown) assert.equal((await other.get('/me', headers)).status, 200)
      const kept = browser.copy()
      assert.equal((await browser.post('/logout')).status, 204)
      assert.equal((await client.post('/logout')).status, 204)
      for (let round = 0; round < 100; round++) {
        if (round === 50) app.clock.advance(7 * minute)
        for (const node of [app, other]) {
          for (const headers of shown) assert.equal((await node.get('/me', headers)).status, 401)
          assert.equal(
            (await node.get('/me', { Cookie: `__Host-session=${kept.jar.get('__Host-session')}` })).reason,
            'revoked',
          )
          const form = { grant_type: 'refresh_token', refresh_token: client.refreshToken }
          assert.equal((await node.send({ method: 'POST', path: '/auth/token', form })).reason, 'revoked')
        }
      }
    },
    { present: 'both' },
  )

  everywhere(
    'a logout with nothing but an expired or stale access token ends the session too',
    async (app) => {
      const stale = await app.signInForTokens('ada')
      await app.auth.update((await stale.get('/me')).json().id as string, { claims: { role: 'reader' } })
      assert.equal((await stale.get('/me')).reason, 'stale_claims')
      const expired = await app.signInForTokens('bob')
      for (const client of [stale, expired]) {
        if (client === expired) app.clock.advance(6 * minute)
        assert.equal((await client.post('/auth/logout')).status, 204)
        assert.equal((await client.refresh()).reason, 'revoked')
      }
    },
    { present: 'both' },
  )

  everywhere(
    'a slow request does not bring it back',
    async (app) => {
      const browser = await app.signIn('ada')
      const slow = browser.copy()
      const slowAnswer = slow.get('/slow')
      await arrived.promise
      await browser.post('/logout')
      proceed.resolve()
      const answer = await slowAnswer
      assert.equal(answer.reason, 'revoked')
      assert.deepEqual(answer.cookies, [])
      assert.equal((await slow.get('/me')).reason, 'revoked')
      assert.equal((await app.auth.list('ada')).length, 0)
      arrived = Promise.withResolvers<void>()
      proceed = Promise.withResolvers<void>()
    },
    {
      routes: {
        'GET /slow': async (request, response) => {
          arrived.resolve()
          await proceed.promise
          await request.session.set('late', true)
          response.end('stored')
        },
      },
    },
  )

  atAllDoors('logging out twice, or without having been signed in, is the same answer', async (app) => {
    const browser = await app.signIn('ada')
    const twice = browser.copy()
    const path = app.door === 'server' ? '/logout' : '/auth/logout'
    for (const one of [browser, twice, app.browser()]) {
      const answer = await one.post(path)
      assert.equal(answer.status, 204)
      assert.equal(answer.header('clear-site-data'), '"storage"')
      assert.deepEqual(
        answer.cookies.map(({ name, value }) => `${name}=${value}`),
        ['__Host-session=', '__Host-snapshot='],
      )
      assert.equal(one.cookie(), undefined)
    }
    const ended = app.events.filter(({ kind }) => kind === 'session.ended')
    assert.equal(ended.length, 1)
  })
})

let arrived = Promise.withResolvers<void>()
let proceed = Promise.withResolvers<void>()

describe('S12 nothing is stored for somebody who stores nothing', () => {
  everywhere('floods of GET, POST, logout and renewals without a session', async (app) => {
    const before = app.dealings.length
    for (let n = 0; n < 200; n++) {
      const headers = n % 3 === 0 ? {} : { Cookie: `__Host-session=${randomText(48)}; other=${n}` }
      await app.get('/public', headers)
      await app.get('/whoami', headers)
      await app.get('/data?key=cart', headers)
      await app.send({
        method: 'DELETE',
        path: '/data',
        json: { key: 'cart' },
        headers: { ...headers, 'Sec-Fetch-Site': 'same-origin' },
      })
      for (const path of ['/public', '/auth/logout', '/logout', '/logout-everywhere'])
        await app.post(path, undefined, { ...headers, 'Sec-Fetch-Site': 'same-origin' })
    }
    assert.deepEqual(
      app.dealings
        .slice(before)
        .filter(({ name }) => name !== 'store.find')
        .map(({ name }) => name),
      [],
    )
  })

  everywhere(
    'a value that cannot be stored begins no session',
    async (app) => {
      for (const key of ['', 'x'.repeat(129)]) {
        const answer = await app.browser().post('/data', { key, value: 1 })
        assert.ok(answer.status >= 400)
        assert.deepEqual(answer.cookies, [])
      }
      assert.equal((await app.browser().post('/nothing')).body, 'undefined')
      assert.equal(app.dealings.filter(({ name }) => name === 'store.insert').length, 0)
    },
    {
      routes: {
        'POST /nothing': async ({ session }, response) => {
          response.end(String(await session.update('cart', () => undefined)))
        },
      },
    },
  )

  atAllDoors('the pages and the endpoints', async (app) => {
    const inserts = (): number => app.dealings.filter(({ name }) => name === 'store.insert').length
    for (const path of ['/', '/login', '/session', '/sessions', '/token', '/revoke', '/logout', '/nothing-here'])
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'])
        await app.send({ method, path, headers: { 'Sec-Fetch-Site': 'same-origin' } })
    assert.equal(inserts(), 0)
  })
})

describe('S14 no session is above its sign-in', () => {
  everywhere('one factor does not reach what needs two or three', async (app) => {
    for (const options of [
      {},
      { level: 1 },
      { methods: ['pwd', 'otp', 'hwk'] },
      { claims: { role: 'admin' } },
      { remember: true },
    ] as const) {
      const browser = await app.signIn('ada', options)
      for (const path of ['/level2', '/level3']) assert.equal((await browser.get(path)).reason, 'step_up_required')
      assert.equal((await browser.get('/me')).json().level, 1)
    }
    const two = await app.signIn('ada', { level: 2 })
    assert.equal((await two.get('/level2')).status, 200)
    assert.equal((await two.get('/level3')).reason, 'step_up_required')
    await two.post('/step-up', {})
    assert.equal((await two.get('/me')).json().level, 2, 'a step-up that does not say keeps the level')
    await two.post('/step-up', { level: 1 })
    assert.equal((await two.get('/level2')).reason, 'step_up_required')
  })

  everywhere('a remembered session keeps its level only as long as an ordinary one may be unused', async (app) => {
    const browser = await app.signIn('ada', { level: 2, remember: true })
    assert.equal((await browser.get('/level2')).status, 200)
    app.clock.advance(59 * minute)
    assert.equal((await browser.get('/level2')).status, 200)
    app.clock.advance(minute)
    assert.equal((await browser.get('/level2')).reason, 'step_up_required')
    assert.equal((await browser.get('/me')).json().level, 1)
    await browser.post('/step-up', {})
    assert.equal((await browser.get('/level2')).reason, 'step_up_required', 'an aged level is not kept')
    await browser.post('/step-up', { level: 2 })
    assert.equal((await browser.get('/level2')).status, 200)
    assert.equal((await app.auth.list('ada'))[0]?.persistent, true)
  })

  everywhere('nobody steps up who is not signed in', async (app) => {
    const browser = app.browser()
    assert.equal((await browser.post('/step-up', { level: 2 })).reason, 'anonymous')
    await browser.post('/data', { key: 'cart', value: 1 })
    assert.equal((await browser.post('/step-up', { level: 2 })).reason, 'anonymous')
    for (const path of ['/me', '/level2', '/admin']) assert.equal((await browser.get(path)).reason, 'anonymous')
  })
})

describe('S15 what is stored is data and nothing else', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toString',
    'valueOf',
    '__defineGetter__',
    'then',
  ]

  everywhere('names that objects have by nature', async (app) => {
    const browser = app.browser()
    for (const key of names) {
      assert.equal((await browser.get(`/data?key=${key}`)).json().missing, true, key)
      const value = JSON.parse(`{"${key}":{"polluted":true},"list":[{"${key}":1}]}`) as unknown
      assert.equal((await browser.post('/data', { key, value })).status, 200)
      const back = (await browser.get(`/data?key=${key}`)).body
      assert.equal(back, JSON.stringify({ value, missing: false }))
    }
    assert.equal((await browser.post('/login', { user: 'ada' })).status, 200)
    for (const key of names)
      assert.equal((await browser.get(`/data?key=${key}`)).json().missing, false, `carried over: ${key}`)
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
    assert.equal(Object.keys(Object.prototype).length, 0)
    for (const key of names) await browser.send({ method: 'DELETE', path: '/data', json: { key } })
    for (const key of names)
      assert.equal((await browser.get(`/data?key=${key}`)).json().missing, true, `deleted: ${key}`)
  })

  everywhere('as users, tenants, claims and in update', async (app) => {
    for (const user of names) {
      const browser = await app.signIn(user, { tenant: user })
      assert.equal((await browser.get('/me')).json().user, user)
      assert.deepEqual((await browser.post('/count', { key: user })).json(), { value: 1 })
      assert.deepEqual((await browser.post('/count', { key: user })).json(), { value: 2 })
      assert.equal((await app.auth.list(user)).length, 1)
    }
    await app.auth.revokeAll({ user: '__proto__' })
    await app.auth.revokeAll({ tenant: 'constructor' })
    const left = await Promise.all(names.map(async (user) => (await app.auth.list(user)).length))
    assert.deepEqual(left, [0, 0, 1, 1, 1, 1, 1, 1])
    for (const name of names) {
      const claims = JSON.parse(`{"${name}":"x"}`) as Record<string, string>
      await assert.rejects(app.auth.create({ user: 'ada', claims }), /claims\./)
    }
  })

  everywhere('text that revives as nothing else', async (app) => {
    const browser = app.browser()
    const values = [
      '__js_function:()=>1',
      { $date: '2020-01-01' },
      { __type: 'Date' },
      '{"a":1}',
      '\u2028<script>',
      [null, -0.5, 1e308, ''],
    ]
    for (const value of values) {
      await browser.post('/data', { key: 'k', value })
      assert.deepEqual((await browser.get('/data?key=k')).json().value, value)
    }
  })
})

void atBothDoors
void withApp
