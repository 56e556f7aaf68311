import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { describe, test } from 'node:test'
import { minute, second } from '../../src/base/clock.ts'
import { memory } from '../../src/index.ts'
import { createAuditLog } from '../../src/server/admin/audit.ts'
import { operations } from '../../src/server/admin/routes.ts'
import { type AccountServer, adminSecret, passwordOf, withAccountServer } from '../support/account-server.ts'
import type { Answer } from '../support/app.ts'
import type { Lines, Sent } from '../support/app-client.ts'
import { manualClock } from '../support/manual-clock.ts'

function law(title: string, run: (server: AccountServer) => Promise<void>): void {
  test(title, () => withAccountServer({ people: ['ann', 'bob', 'root'], trustedProxies: ['loopback'] }, run))
}

function ask(
  server: AccountServer,
  method: string,
  path: string,
  json?: unknown,
  headers: Lines = {},
): Promise<Answer> {
  const sent: Sent = { method, path, headers: { 'X-Admin-Secret': adminSecret, ...headers } }
  return server.send(json === undefined ? sent : { ...sent, json })
}

function idOf(server: AccountServer, name: string): string {
  return server.people.get(name)?.id ?? ''
}

describe('who administers', () => {
  law('S14 the role with one factor is not enough; nobody else comes near', async (server) => {
    const [ann, root] = [await server.signedIn('ann'), await server.signedIn('root')]
    const all = operations.map(({ method, path }) => ({
      method: method.toUpperCase(),
      path: path.replace('{id}', idOf(server, 'ann')),
    }))
    const streams = ['/admin/audit/export', '/admin/events'].map((path) => ({ method: 'GET', path }))
    for (const { method, path } of [...all, ...streams]) {
      const sent = method === 'POST' ? { method, path, json: {} } : { method, path }
      assert.equal((await server.send(sent)).reason, 'anonymous', path)
      assert.equal((await ann.send(sent)).reason, 'claim_required', path)
      assert.equal((await root.send(sent)).reason, 'step_up_required', path)
    }
    assert.equal((await ann.get('/session')).status, 200)
  })

  law('an administrator with two factors does', async (server) => {
    const created = await (
      server.auth as unknown as {
        create(options: object): Promise<{ ok: true; value: { credential: string; snapshot: string } }>
      }
    ).create({
      user: idOf(server, 'root'),
      claims: { role: 'admin' },
      level: 2,
      methods: ['pwd', 'otp'],
    })
    const { credential, snapshot } = created.value
    const Cookie = `__Host-session=${credential}; __Host-snapshot=${snapshot}`
    const answer = await server.get('/admin/users', { Cookie })
    assert.equal(answer.status, 200)
    const cross = await server.send({
      method: 'DELETE',
      path: `/admin/users/${idOf(server, 'ann')}`,
      headers: { Cookie, 'Sec-Fetch-Site': 'cross-site' },
    })
    assert.equal(cross.reason, 'cross_site', 'X1')
  })

  law('L5 the admin secret cannot be guessed at will', async (server) => {
    const from = (secret: string) =>
      server.get('/admin/users', { 'X-Admin-Secret': secret, 'X-Forwarded-For': '192.0.2.1' })
    for (let tries = 0; tries < 100; tries++) assert.equal((await from(`guess ${tries}`)).reason, 'wrong_password')
    for (const secret of ['another guess', adminSecret]) assert.equal((await from(secret)).reason, 'too_many_attempts')
    server.clock.advance(second)
    for (let times = 0; times < 3; times++)
      assert.equal((await from(adminSecret)).status, 200, 'right ones do not count')
    assert.equal((await ask(server, 'GET', '/admin/users')).status, 200, 'elsewhere it is as ever')
  })
})

describe('users and sessions', () => {
  law('S7 to disable an account ends all its sessions, in both presentations', async (server) => {
    const five = await Promise.all(Array.from({ length: 5 }, () => server.signedIn('ann')))
    const app = server.tokenClient()
    app.take(await server.post('/login', { username: 'ann', password: passwordOf('ann'), present: 'token' }))
    const bob = await server.signedIn('bob')
    const disabled = await ask(server, 'POST', `/admin/users/${idOf(server, 'ann')}/disable`)
    assert.deepEqual([disabled.status, disabled.json().disabled], [200, true])
    for (const one of five) assert.equal((await one.get('/session')).status, 401)
    assert.equal((await app.get('/session')).status, 401)
    assert.equal((await app.refresh()).status, 400)
    assert.equal((await bob.get('/session')).status, 200)
    const login = { username: 'ann', password: passwordOf('ann') }
    assert.equal((await server.browser().post('/login', login)).reason, 'wrong_login')
    await ask(server, 'POST', '/admin/users/ann/enable')
    assert.equal((await server.browser().post('/login', login)).status, 200)
  })

  law('S9 sees and ends a session, those of a user, those of everyone', async (server) => {
    const [ann, again, bob] = [await server.signedIn('ann'), await server.signedIn('ann'), await server.signedIn('bob')]
    const listed = await ask(server, 'GET', '/admin/users/ANN')
    const sessions = listed.json().sessions as readonly { readonly id: string }[]
    assert.equal(sessions.length, 2)
    const own = (await ann.get('/session')).json().id
    assert.equal((await ask(server, 'GET', `/admin/sessions/${own}`)).json().user, idOf(server, 'ann'))
    assert.equal((await ask(server, 'DELETE', `/admin/sessions/${own}`)).status, 200)
    assert.equal((await ask(server, 'DELETE', `/admin/sessions/${own}`)).status, 404)
    assert.deepEqual([(await ann.get('/session')).status, (await again.get('/session')).status], [401, 200])
    const user = { user: idOf(server, 'ann') }
    const dry = await ask(server, 'POST', '/admin/revocations', { ...user, dry_run: true })
    assert.deepEqual(dry.json(), { ended: false, count: 1 })
    assert.equal((await again.get('/session')).status, 200)
    assert.deepEqual((await ask(server, 'POST', '/admin/revocations', user)).json(), { ended: true, count: 1 })
    assert.deepEqual([(await again.get('/session')).status, (await bob.get('/session')).status], [401, 200])
    assert.equal((await ask(server, 'POST', '/admin/revocations', { everyone: true })).status, 200)
    assert.equal((await bob.get('/session')).status, 401)
    for (const wrong of [{}, { everyone: false }, { user: 'a', tenant: 'b' }, { user: '' }, []])
      assert.equal((await ask(server, 'POST', '/admin/revocations', wrong)).reason, 'invalid_request')
  })

  law('a person is exported and erased, and what the chain holds of them stays whole', async (server) => {
    const ann = await server.signedIn('ann')
    const exported = (await ask(server, 'GET', '/admin/users/ann/export')).json()
    assert.deepEqual(Object.keys(exported), ['user', 'sessions', 'notes', 'audit'])
    assert.equal((exported.sessions as readonly unknown[]).length, 1)
    assert.deepEqual((await ask(server, 'DELETE', '/admin/users/ann')).json(), { erased: true })
    assert.equal((await ann.get('/session')).status, 401)
    assert.equal((await ask(server, 'GET', '/admin/users/ann')).status, 404)
    const login = { username: 'ann', password: passwordOf('ann') }
    assert.equal((await server.browser().post('/login', login)).reason, 'wrong_login')
    assert.equal((await ask(server, 'GET', '/admin/audit/verify')).json().brokenAt, null)
  })

  law('pages of users', async (server) => {
    const first = (await ask(server, 'GET', '/admin/users?limit=2')).json().users as readonly { username: string }[]
    assert.deepEqual(
      first.map(({ username }) => username),
      ['ann', 'bob'],
    )
    const next = (await ask(server, 'GET', '/admin/users?limit=2&after=bob')).json().users as readonly unknown[]
    assert.equal(next.length, 1)
    assert.equal((await ask(server, 'GET', '/admin/users?limit=0')).reason, 'invalid_request')
  })
})

describe('the audit log', () => {
  law('S4 tells who did what, without a secret and without a whole address', async (server) => {
    await server
      .browser()
      .post('/login', { username: 'ann', password: passwordOf('ann') }, { 'X-Forwarded-For': '203.0.113.77' })
    await ask(server, 'POST', '/admin/users/ann/disable', undefined, { 'X-Forwarded-For': '2001:db8:1:2:3::4' })
    await server.audit.settled()
    const entries = (await ask(server, 'GET', '/admin/audit')).json().entries as readonly Record<string, unknown>[]
    const ann = `user:${idOf(server, 'ann')}`
    assert.deepEqual(
      entries.map(({ actor, action, subject, source }) => [actor, action, subject, source]),
      [
        [ann, 'login', null, '203.0.113.0/24'],
        ['admin secret', 'user.disable', ann, '2001:db8:1::/48'],
        ['server', 'sessions.ended', ann, null],
      ],
    )
    const exported = await ask(server, 'GET', '/admin/audit/export')
    const lines = exported.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      [1, 2, 3, 4],
      'the export too',
    )
    for (const secret of [adminSecret, passwordOf('ann'), '203.0.113.77', ...server.issued])
      assert.ok(!exported.body.includes(secret))
  })

  test('is one chain for all nodes, and shows where it was changed', async () => {
    const clock = manualClock()
    const backend = memory({ clock })
    const nodes = [1, 2, 3].map(() =>
      createAuditLog(backend.documents, clock, (_input, error) => assert.fail(String(error))),
    )
    const input = { actor: 'user:a', action: 'login', subject: null, source: null }
    await Promise.all(nodes.flatMap((node) => Array.from({ length: 20 }, () => node.append(input))))
    for (const node of nodes) node.note({ ...input, details: { b: 1, a: 'x' } })
    await Promise.all(nodes.map((node) => node.settled()))
    const [node] = nodes as [(typeof nodes)[number]]
    const whole = await node.verify()
    assert.deepEqual([whole.entries, whole.brokenAt], [63, null])
    const entries = await node.page(0, 1000)
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: 63 }, (_, index) => index + 1),
    )
    const key = '0000000000000030'
    const found = await backend.documents.find('audit', key)
    await backend.documents.replace('audit', key, found?.version ?? 0, (found?.value ?? '').replace('user:a', 'user:b'))
    assert.equal((await node.verify()).brokenAt, 30)
    await backend.documents.remove('audit', key)
    assert.equal((await node.verify()).brokenAt, 31)
    await backend.close()
  })
})

test('events come as they happen, and the stream ends with its reader', () =>
  withAccountServer({}, async (server) => {
    const headers = { 'X-Admin-Secret': adminSecret, Host: `127.0.0.1:${server.port}` }
    const heard = await new Promise<string>((resolve, reject) => {
      const request = httpRequest({ port: server.port, path: '/admin/events', headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          if (text === '') void server.signedIn('ann')
          text += chunk
          if (text.includes('login.judged') && text.includes('session.created')) {
            request.destroy()
            resolve(text)
          }
        })
      })
      request.on('error', reject).end()
    })
    assert.match(heard, /^event: session\.created\ndata: \{"kind":"session\.created"/m)
    server.clock.advance(minute)
  }))

test('the OpenAPI document describes every operation', () =>
  withAccountServer({}, async (server) => {
    const answer = await server.get('/openapi.json')
    const { openapi, paths } = answer.json() as { openapi: string; paths: Record<string, Record<string, object>> }
    assert.equal(openapi, '3.1.0')
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    assert.deepEqual(described.toSorted(), operations.map(({ method, path }) => `${method} ${path}`).toSorted())
    assert.deepEqual(Object.keys(paths['/admin/revocations']?.post ?? {}), [
      'summary',
      'parameters',
      'requestBody',
      'responses',
    ])
  }))
