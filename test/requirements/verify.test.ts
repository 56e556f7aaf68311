import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minute } from '../../src/base/clock.ts'
import { type AccountServer, withAccountServer } from '../support/account-server.ts'
import type { Answer, Browser } from '../support/app.ts'

const names = ['X-Auth-User', 'X-Auth-Name', 'X-Auth-Role', 'X-Auth-Session', 'X-Auth-Level', 'X-Auth-Time']
const navigates = { Accept: 'text/html' }

function law(title: string, run: (server: AccountServer) => Promise<void>): void {
  test(title, () => withAccountServer({ people: ['ann', 'root'] }, run))
}

/** Every identity header stands there once, and is empty for nobody. */
function identityIn(answer: Answer): readonly string[] {
  return names.map((name) => {
    const lines = answer.lines.filter(([one]) => one.toLowerCase() === name.toLowerCase())
    assert.equal(lines.length, 1, name)
    return lines[0]?.[1] ?? ''
  })
}

const nobody = ['', '', '', '', '', '']

describe('what proxies ask', () => {
  law('who it is, at each endpoint', async (server) => {
    const ann = await server.signedIn('ann')
    const session = (await ann.get('/session')).json()
    for (const path of [
      '/verify',
      '/verify?any=thing',
      '/verify/nginx',
      '/verify/optional',
      '/verify/envoy',
      '/verify/envoy/deep/path?a=1',
    ]) {
      const answer = await ann.get(path)
      assert.equal(answer.status, 200, path)
      assert.equal(answer.body, '')
      assert.equal(answer.header('cache-control'), 'no-store')
      const { user_id: user, id, authenticated_at: at } = session
      assert.deepEqual(identityIn(answer), [user, 'ann', '', id, '1', String(at)])
    }
    assert.equal((await ann.get('/verifyother')).status, 404)
    assert.equal((await ann.get('/verify/other')).status, 404)
    assert.equal((await ann.post('/verify', {})).status, 404)
  })

  law('nobody: 401, a redirect for who navigates, and empty headers in each', async (server) => {
    const one = server.browser()
    for (const path of ['/verify', '/verify/nginx', '/verify/envoy/page']) {
      const answer = await one.get(path)
      assert.equal(answer.status, 401)
      assert.equal(answer.reason, 'anonymous')
      assert.deepEqual(identityIn(answer), nobody)
    }
    const sent = await one.get('/verify', { ...navigates, 'X-Forwarded-Uri': '/a?b=c&d' })
    assert.deepEqual([sent.status, sent.header('location')], [302, '/login?next=%2Fa%3Fb%3Dc%26d'])
    assert.deepEqual(identityIn(sent), nobody)
    const told = await one.get('/verify/nginx', { ...navigates, 'X-Original-Uri': '/a' })
    assert.deepEqual([told.status, told.header('x-auth-redirect')], [401, '/login?next=%2Fa'])
    assert.equal((await one.get('/verify/nginx')).header('x-auth-redirect'), '')
    assert.equal((await one.get('/verify/envoy/a?b', navigates)).header('location'), '/login?next=%2Fa%3Fb')
    const posted = await one.get('/verify', { ...navigates, 'X-Forwarded-Method': 'POST' })
    assert.equal(posted.status, 401, 'a form is not sent on')
  })

  law('optional lets nobody in as nobody, and nobody else’s request', async (server) => {
    const one = server.browser()
    for (const path of ['/verify/optional', '/verify/nginx/optional']) {
      const answer = await one.get(path)
      assert.equal(answer.status, 200)
      assert.deepEqual(identityIn(answer), nobody)
      assert.equal((await one.get(path, { 'X-Auth-Require': 'role=admin' })).status, 401)
    }
    const ann = await server.signedIn('ann')
    const cross = { 'Sec-Fetch-Site': 'cross-site', 'X-Forwarded-Method': 'POST' }
    assert.equal((await ann.get('/verify/optional', cross)).status, 403)
  })

  law('X1 the method that counts is that of the request which the proxy holds', async (server) => {
    const ann = await server.signedIn('ann')
    const cross = { 'Sec-Fetch-Site': 'cross-site' }
    for (const [path, headers, status] of [
      ['/verify', { 'X-Forwarded-Method': 'GET' }, 200],
      ['/verify', { 'X-Forwarded-Method': 'POST' }, 403],
      ['/verify/nginx', { 'X-Original-Method': 'DELETE' }, 403],
      ['/verify/nginx', { 'X-Forwarded-Method': 'POST' }, 200],
      ['/verify', { 'X-Forwarded-Method': 'post' }, 400],
      ['/verify', { 'X-Forwarded-Method': ['GET', 'POST'] }, 400],
      ['/verify', { 'X-Forwarded-Uri': 'https://evil.example/' }, 400],
      ['/verify', { 'X-Forwarded-Uri': ['/a', '/b'] }, 400],
    ] as const) {
      const answer = await ann.get(path, { ...cross, ...headers })
      assert.equal(answer.status, status, JSON.stringify(headers))
      if (status !== 200) assert.deepEqual(identityIn(answer), nobody)
    }
    const own = await ann.send({ method: 'POST', path: '/verify/envoy/save', form: { a: '1' }, headers: cross })
    assert.equal(own.status, 403)
    assert.equal((await ann.send({ method: 'POST', path: '/verify/envoy/save', form: { a: '1' } })).status, 200)
  })

  law('S13 rules of a location', async (server) => {
    const [ann, root] = [await server.signedIn('ann'), await server.signedIn('root')]
    const ask = (who: Browser, rules: string | readonly string[]) => who.get('/verify', { 'X-Auth-Require': rules })
    server.clock.advance(2 * minute)
    for (const [who, rules, expected] of [
      [root, 'role=admin', undefined],
      [root, 'role=editor|admin', undefined],
      [ann, 'role=admin', 'claim_required'],
      [root, ['role=editor', 'role=admin'], 'claim_required'],
      [root, 'level=1', undefined],
      [root, 'level=2', 'step_up_required'],
      [ann, 'max-age=121', undefined],
      [ann, 'max-age=119', 'step_up_required'],
      [ann, 'max-age=121, max-age=119', 'step_up_required'],
      [ann, '', undefined],
      [root, 'rolle=admin', 'invalid_request'],
      [root, 'level=4', 'invalid_request'],
      [root, 'max-age=-1', 'invalid_request'],
      [root, 'role', 'invalid_request'],
      [root, 'role=admin,', 'invalid_request'],
    ] as const) {
      const answer = await ask(who, rules)
      assert.equal(answer.reason, expected, String(rules))
      assert.equal(answer.status === 200, expected === undefined)
    }
    const challenge = await ask(root, 'level=2')
    assert.match(challenge.header('www-authenticate') ?? '', /insufficient_user_authentication/)
    const sent = await ann.get('/verify', { ...navigates, 'X-Auth-Require': 'max-age=1', 'X-Forwarded-Uri': '/x' })
    assert.equal(sent.header('location'), '/step-up?next=%2Fx')
  })

  law('P-R4 a request whose body the proxy holds never ends a session by being late', async (server) => {
    const ann = await server.signedIn('ann')
    const late = ann.copy()
    server.clock.advance(6 * minute)
    assert.equal((await ann.get('/verify')).cookies.length, 2)
    server.clock.advance(15_000)
    assert.equal((await late.get('/verify', { 'X-Forwarded-Method': 'POST' })).cookies.length, 0)
    assert.equal((await ann.get('/session')).status, 200)
  })

  law(
    'C12 where a proxy relays one line of a name, the second cookie is where no script can read it',
    async (server) => {
      for (const path of ['/verify/nginx', '/verify/caddy']) {
        const ann = await server.signedIn('ann')
        server.clock.advance(6 * minute)
        const answer = await ann.get(path)
        assert.deepEqual(
          answer.cookies.map(({ name }) => name),
          ['__Host-session'],
        )
        const second = answer.lines.filter(([name]) => name.toLowerCase() === 'set-cookie2').map(([, value]) => value)
        assert.match(second.join(), /^__Host-snapshot=.+HttpOnly/)
        assert.equal(answer.header('x-auth-cache-control'), 'no-store')
      }
    },
  )

  law('a token is verified as well', async (server) => {
    const app = server.tokenClient()
    const json = { username: 'ann', password: 'ann keeps forty-two geese', present: 'token' }
    app.take(await server.send({ method: 'POST', path: '/login', json }))
    assert.equal(identityIn(await app.get('/verify'))[1], 'ann')
    app.access = `${app.access.slice(0, -4)}AAAA`
    assert.equal((await app.get('/verify')).status, 401)
  })
})
