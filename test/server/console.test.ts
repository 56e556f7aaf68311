import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { day, minute, second } from '../../src/base/clock.ts'
import { type AccountServer, adminSecret, passwordOf, withAccountServer } from '../support/account-server.ts'
import type { Answer } from '../support/app.ts'
import type { Browser } from '../support/app-client.ts'

function law(title: string, run: (server: AccountServer) => Promise<void>): void {
  test(title, () => withAccountServer({ people: ['ann', 'bob', 'root'], trustedProxies: ['loopback'] }, run))
}

const asPage = { Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' }

function unlock(browser: Browser, secret: string): Promise<Answer> {
  return browser.send({ method: 'POST', path: '/console/unlock', form: { secret }, headers: asPage })
}

async function administrator(server: AccountServer, name = 'ann'): Promise<Browser> {
  const browser = await server.signedIn(name)
  assert.equal((await unlock(browser, adminSecret)).status, 303)
  return browser
}

interface Listed {
  readonly sessions: readonly { readonly id: string; readonly name: string | null; readonly device: string }[]
  readonly looked_at: number
  readonly next: string | null
}

async function page(admin: Browser, query: string): Promise<Listed> {
  const answer = await admin.get(`/admin/sessions?${query}`)
  assert.equal(answer.status, 200, query)
  return answer.json() as unknown as Listed
}

/** All pages, each session once. */
async function found(admin: Browser, query: string): Promise<Listed['sessions']> {
  const sessions = new Map<string, Listed['sessions'][number]>()
  let next: string | null = ''
  while (next !== null) {
    const answer: Listed = await page(admin, next === '' ? query : `${query}&after=${next}`)
    for (const session of answer.sessions) sessions.set(session.id, session)
    next = answer.next
  }
  return [...sessions.values()]
}

describe('the door of the console', () => {
  law('a stranger signs in first; the secret opens it, under a new identity (S2)', async (server) => {
    const stranger = await server.browser().get('/console', asPage)
    assert.deepEqual([stranger.status, stranger.header('location')], [303, '/login?next=/console'])
    const ann = await server.signedIn('ann')
    assert.match((await ann.get('/console', asPage)).body, /Admin secret/)
    assert.equal((await ann.get('/admin/sessions')).reason, 'claim_required')
    const before = (await ann.get('/session')).json().id
    const wrong = await unlock(ann, 'not the admin secret')
    assert.match(wrong.body, /That is not the admin secret/)
    assert.equal((await ann.get('/session')).json().id, before)
    assert.equal((await unlock(ann, adminSecret)).header('location'), '/console')
    assert.notEqual((await ann.get('/session')).json().id, before, 'whoever planted the session before has nothing')
    const page = await ann.get('/console', asPage)
    assert.match(page.body, /<div id="console"/)
    assert.match(String(page.header('content-security-policy')), /connect-src 'self'/)
    assert.equal((await ann.get('/admin/sessions')).status, 200)
    const entries = await server.audit.page(0, 99)
    assert.ok(entries.some(({ action, actor }) => action === 'admin.unlock' && actor.startsWith('user:')))
  })

  law('for half an hour, in this session alone, and not after signing out', async (server) => {
    const ann = await administrator(server)
    const elsewhere = await server.signedIn('ann')
    assert.equal((await elsewhere.get('/admin/sessions')).reason, 'claim_required')
    server.clock.advance(30 * minute - 1)
    assert.equal((await ann.get('/admin/sessions')).status, 200)
    server.clock.advance(1)
    assert.equal((await ann.get('/admin/sessions')).reason, 'claim_required')
    assert.match((await ann.get('/console', asPage)).body, /Admin secret/)
    const again = await administrator(server)
    await again.post('/logout')
    assert.equal((await again.get('/admin/sessions')).reason, 'anonymous')
  })

  law('X1 another site opens nothing, and ends nothing', async (server) => {
    const ann = await administrator(server)
    const headers = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
    const sent = [
      { method: 'POST', path: '/console/unlock', form: { secret: adminSecret }, headers },
      { method: 'POST', path: '/admin/revocations', json: { everyone: true }, headers },
    ]
    for (const one of sent) assert.equal((await ann.send(one)).reason, 'cross_site')
    assert.equal((await ann.get('/session')).status, 200)
  })

  law('a token client is not unlocked by the form: it would lose its tokens', async (server) => {
    const app = server.tokenClient()
    app.take(await server.post('/login', { username: 'ann', password: passwordOf('ann'), present: 'token' }))
    const sent = await app.send({ method: 'POST', path: '/console/unlock', json: { secret: adminSecret } })
    assert.equal(sent.reason, 'invalid_request')
    assert.equal((await app.get('/session')).status, 200)
  })

  law('L5 guesses in the form are counted with those in the header', async (server) => {
    const ann = await server.signedIn('ann')
    const from = { ...asPage, 'X-Forwarded-For': '192.0.2.1' }
    const guess = (secret: string): Promise<Answer> =>
      ann.send({ method: 'POST', path: '/console/unlock', form: { secret }, headers: from })
    for (let tries = 0; tries < 100; tries++) assert.equal((await guess(`guess ${tries}`)).status, 403)
    assert.equal((await guess(adminSecret)).status, 429)
    const shown = { 'X-Admin-Secret': adminSecret, 'X-Forwarded-For': '192.0.2.1' }
    assert.equal((await server.get('/admin/users', shown)).reason, 'too_many_attempts')
  })
})

describe('what the console finds', () => {
  law('S9 sessions by user, name, address, network, device, presentation and handle', async (server) => {
    const admin = await administrator(server)
    const login = (name: string, headers: Readonly<Record<string, string>>, present = 'cookie') =>
      server.send({
        method: 'POST',
        path: '/login',
        json: { username: name, password: passwordOf(name), present },
        headers,
      })
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'
    await login('bob', { 'User-Agent': firefox, 'X-Forwarded-For': '192.0.2.7' })
    await login('bob', { 'User-Agent': 'curl/8.0', 'X-Forwarded-For': '2001:db8:1::7' }, 'token')
    const number = async (query: string): Promise<number> => (await found(admin, query)).length
    assert.equal(await number(''), 3)
    for (const [query, expected] of [
      ['q=bob', 2],
      ['q=BOB', 2],
      [`q=${server.people.get('bob')?.id}`, 2],
      [`user=${server.people.get('bob')?.id}`, 2],
      ['q=firefox%20on%20linux', 1],
      ['device=FIREFOX', 1],
      ['q=192.0.2.7', 1],
      ['q=192.0.2.', 1],
      ['address=192.0.2.0/24', 1],
      ['address=192.0.3.0/24', 0],
      ['address=2001:db8::/32', 1],
      ['present=token', 1],
      ['present=token&q=bob', 1],
      ['present=token&device=firefox', 0],
      ['tenant=acme', 0],
      ['q=nobody%20at%20all', 0],
      ['address=192.0.2.0/99', 0],
    ] as const)
      assert.equal(await number(query), expected, query)
    const [one] = await found(admin, 'device=firefox')
    assert.deepEqual(await found(admin, `q=${one?.id}`), [one])
    const first = await page(admin, `q=${one?.id}`)
    assert.deepEqual([first.sessions, first.looked_at], [[one], 0], 'without a search')
    for (const wrong of ['limit=0', 'limit=9999', `q=${'x'.repeat(300)}`, 'present=both', 'q='])
      assert.equal((await admin.get(`/admin/sessions?${wrong}`)).reason, 'invalid_request', wrong)
  })

  law('page after page, each looking at a bounded number', async (server) => {
    const admin = await administrator(server)
    for (let index = 0; index < 1200; index++)
      await (server.auth as unknown as { create(options: object): Promise<unknown> }).create({
        user: `user ${index}`,
        device: { agent: 'curl/8', address: index % 100 === 0 ? '198.51.100.9' : null },
      })
    const sids = new Set<string>()
    let pages = 0
    for (let next: string | null = ''; next !== null; pages++) {
      const answer = await page(admin, `limit=1${next === '' ? '' : `&after=${next}`}&address=198.51.100.9`)
      assert.ok(answer.looked_at <= 5500)
      for (const { id } of answer.sessions) sids.add(id)
      next = answer.next
    }
    assert.equal(sids.size, 12)
    assert.ok(pages > 1)
  })
})

describe('what the console ends', () => {
  law('S9 counts first: a search, a user, everyone; then ends just those, and not the asker', async (server) => {
    const admin = await administrator(server)
    const [bob, again] = [await server.signedIn('bob'), await server.signedIn('bob')]
    const root = await server.signedIn('root')
    const revoke = async (body: object): Promise<unknown> =>
      (await admin.send({ method: 'POST', path: '/admin/revocations', json: body })).json()
    assert.deepEqual(await revoke({ match: { q: 'bob' }, dry_run: true }), { ended: false, count: 2 })
    assert.deepEqual(await revoke({ everyone: true, dry_run: true }), { ended: false, count: 4 })
    assert.deepEqual(await revoke({ tenant: 'acme', dry_run: true }), { ended: false, count: 0 })
    assert.deepEqual(await revoke({ match: { address: '127.0.0.1' }, dry_run: true }), { ended: false, count: 3 })
    assert.equal((await bob.get('/session')).status, 200, 'counting ends nothing')
    assert.deepEqual(await revoke({ match: { q: 'bob' } }), { ended: true, count: 2 })
    for (const one of [bob, again]) assert.equal((await one.get('/session')).status, 401)
    assert.equal((await root.get('/session')).status, 200)
    assert.equal((await admin.get('/session')).status, 200)
    for (const match of [{}, { q: '' }, { everyone: true }, { q: 'a', other: 1 }])
      assert.equal(
        (await admin.send({ method: 'POST', path: '/admin/revocations', json: { match } })).reason,
        'invalid_request',
      )
    const entry = (await server.audit.page(0, 99)).find(({ action }) => action === 'sessions.revoke')
    assert.deepEqual([entry?.subject, { ...entry?.details }], ['sessions that a search found', { by: 'q' }])
  })

  law('the overview counts, and remembers an hour of this node', async (server) => {
    const admin = await administrator(server)
    await server.signedIn('bob')
    await server.browser().post('/login', { username: 'bob', password: 'not it at all' })
    interface Overview {
      readonly active: { readonly active: number; readonly cookie: number } | null
      readonly node: { readonly current: boolean }
      readonly samples: readonly {
        readonly logins: number
        readonly failures: number
        readonly active: number | null
      }[]
    }
    const overview = async (): Promise<Overview> => (await admin.get('/admin/overview')).json() as unknown as Overview
    while ((await overview()).active === null);
    const { active, node, samples } = await overview()
    assert.deepEqual([active?.active, active?.cookie, node.current], [2, 2, true])
    assert.equal(samples.at(-1)?.logins, 2)
    assert.equal(samples.at(-1)?.failures, 1)
    assert.equal(samples.at(-1)?.active, 2)
    server.clock.advance(25 * second)
    assert.deepEqual(
      (await overview()).samples.map(({ logins }) => logins),
      [2, 0, 0],
    )
    server.clock.advance(day / 2)
    const later = await server.get('/admin/overview', { 'X-Admin-Secret': adminSecret })
    assert.equal((later.json().samples as readonly unknown[]).length, 360)
  })
})
