import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { expressSessions, type Source } from '../../src/migrate/index.ts'
import { serve } from '../browser/server-process.ts'
import { handstamp, temporaryFolder } from '../cli/command.ts'
import { type AccountServer, withAccountServer } from '../support/account-server.ts'

const secret = 'the secret of express-session'

function cookieOf(sid: string): string {
  const signature = createHmac('sha256', secret).update(sid).digest('base64').replace(/=+$/, '')
  return `connect.sid=${encodeURIComponent(`s:${sid}.${signature}`)}`
}

function sourceOf(find: (sid: string) => Promise<string | null>): Source {
  return expressSessions({
    secret,
    find,
    user: ({ userId }) => (typeof userId === 'string' ? { user: userId } : null),
  })
}

const known = sourceOf(async (sid) => (sid.startsWith('of-') ? JSON.stringify({ userId: sid.slice(3) }) : null))

function law(title: string, sources: readonly Source[], run: (server: AccountServer) => Promise<void>): void {
  test(title, () => withAccountServer({ people: [], sources, trustedProxies: ['loopback'] }, run))
}

describe('a server that people move to', () => {
  law('whoever comes with a good session there is signed in here, once', [known], async (server) => {
    const ann = server.browser()
    const first = await ann.get('/session', { Cookie: cookieOf('of-ann') })
    assert.equal(first.json().user_id, 'ann')
    assert.equal((await ann.get('/session')).json().user_id, 'ann', 'by our own cookies')
    assert.match(first.cookies.map(({ line }) => line).join('\n'), /connect\.sid=;/)
    for (const bad of [cookieOf('unknown'), `${cookieOf('of-ann')}x`, 'connect.sid=of-ann'])
      assert.equal((await server.get('/session', { Cookie: bad })).status, 401)
    server.clock.advance(2 * 60_000)
    assert.equal((await server.get('/session', { Cookie: cookieOf('of-ann') })).status, 401, 'a copy is worth nothing')
  })

  law('the same behind a proxy that asks', [known], async (server) => {
    const forwarded = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/app', 'X-Forwarded-Proto': 'https' }
    for (const [path, lines] of [
      ['/verify', 3],
      ['/verify/nginx', 1],
    ] as const) {
      const Cookie = cookieOf(`of-${path}`)
      const headers =
        path === '/verify' ? forwarded : { ...forwarded, 'X-Original-Method': 'GET', 'X-Original-URI': '/app' }
      const answer = await server.get(path, { ...headers, Cookie })
      assert.equal(answer.status, 200, path)
      assert.equal(answer.header('x-auth-user'), path)
      assert.equal(answer.cookies.length, lines, path)
      assert.equal((await server.get(path, headers)).status, 401)
    }
  })

  const broken = sourceOf(async () => {
    throw new Error('the old store is down')
  })
  law('V1 an old store that is down is 503, and the old cookie stays', [broken], async (server) => {
    for (const path of ['/session', '/verify']) {
      const answer = await server.get(path, { Cookie: cookieOf('of-ann') })
      assert.deepEqual([answer.status, answer.cookies.length], [503, 0], path)
    }
    assert.equal((await server.get('/session')).status, 401, 'others are not concerned')
  })
})

describe('handstamp migrate', () => {
  let folder: ReturnType<typeof temporaryFolder>
  before(() => {
    folder = temporaryFolder()
  })
  after(() => folder.remove())

  const module = `export const sources = ({ expressSessions }) => [expressSessions({
    secret: process.env.OLD_SECRET,
    find: async (sid) => (sid === 'of-ann' ? '{"userId":"ann"}' : null),
    user: ({ userId }) => (userId === undefined ? null : { user: userId }),
  })]`

  test('new writes a module for each product; check says whose cookies are, and changes nothing', async () => {
    for (const product of ['express-session', 'iron-session', 'better-auth']) {
      const { code, out } = await handstamp(['migrate', 'new', product])
      assert.equal(code, 0)
      assert.match(out, /export const sources = \(\{ \w+Sessions \}\) =>/)
    }
    assert.match((await handstamp(['migrate', 'new', 'iron'])).err, /there is no product iron.*express-session/)
    const path = join(folder.path, 'old.mjs')
    writeFileSync(path, module)
    const env = { OLD_SECRET: secret }
    const both = `Cookie: theme=dark; ${cookieOf('of-ann')}\n${cookieOf('of-bob')}\n`
    const checked = await handstamp(['migrate', 'check', path, '--json'], { env, input: both })
    assert.equal(checked.code, 1)
    assert.deepEqual(checked.out.trim().split('\n'), [
      '{"source":"express-session","user":"ann"}',
      '{"source":null,"user":null}',
    ])
    assert.match(checked.err, /1 of 2 would stay signed in/)
    assert.equal((await handstamp(['migrate', 'check', path], { env, input: cookieOf('of-ann') })).code, 0)
  })

  test('a module that is none is refused, with what to do', async () => {
    for (const [name, text, says] of [
      ['none.mjs', 'export const x = 1', /must export a function sources/],
      ['empty.mjs', 'export const sources = () => []', /at least one/],
      ['broken.mjs', 'throw new Error("not today")', /cannot be loaded: not today/],
      ['missing.mjs', null, /cannot be loaded/],
    ] as const) {
      const path = join(folder.path, name)
      if (text !== null) writeFileSync(path, text)
      const { code, err } = await handstamp(['migrate', 'check', path])
      assert.equal(code, 2, name)
      assert.match(err, says)
    }
  })

  test('serve --migrate takes them over', async () => {
    const path = join(folder.path, 'served.mjs')
    writeFileSync(path, module)
    const server = await serve({ HANDSTAMP_MIGRATE: path, OLD_SECRET: secret })
    try {
      const answer = await fetch(`${server.url}/session`, { headers: { Cookie: cookieOf('of-ann') } })
      assert.equal(((await answer.json()) as { readonly user_id: string }).user_id, 'ann')
    } finally {
      await server.remove()
    }
  })
})
