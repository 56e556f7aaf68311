import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/base/clock.ts'
import { type Browser, leaksOf, proofOf, type TokenClient } from '../support/app.ts'
import { createBrowser, createTokenClient, createWire, type Wire } from '../support/app-client.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'handstamp-serve-'))
const secret = 'Sv7-serve-Yq2Wn8Rk5Lm0Xc3Zt6Bd9Hf'

interface Server extends Wire {
  readonly child: ChildProcess
  /** All that it printed. */
  readonly printed: () => string
  readonly demo: { readonly username: string; readonly password: string } | undefined
  browser(): Browser
  tokenClient(): TokenClient
}

async function serve(): Promise<Server> {
  const env = { PATH: process.env.PATH, SESSION_SECRET: secret, HANDSTAMP_DATA: data, PORT: '0' }
  const child = spawn(process.execPath, ['--conditions=handstamp-source', main, 'serve', '--json'], { env })
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk))
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  await Promise.race([once(reader, 'line'), once(child, 'exit')])
  assert.ok(lines[0] !== undefined, errors.join(''))
  const ready = JSON.parse(lines[0]) as { readonly url: string; readonly demo?: Server['demo'] }
  const wire = createWire(Number(new URL(ready.url).port), ['__Host-session', '__Host-snapshot'])
  return {
    ...wire,
    child,
    demo: ready.demo,
    printed: () => [...lines.slice(1), ...errors].join('\n'),
    browser: () => createBrowser(wire, systemClock),
    tokenClient: () => createTokenClient(wire, ''),
  }
}

/** Whether the server is asked nicely or not, and with which code it ended. */
async function stop(server: Server, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  server.close()
  const ended = once(server.child, 'exit')
  server.child.kill(signal)
  const [code] = (await ended) as [number | null]
  return code
}

function stored(): Buffer {
  return Buffer.concat(readdirSync(data).map((name) => readFileSync(join(data, name))))
}

describe('S4 S5 S6 a server in a process of its own', () => {
  let server: Server
  let account: { readonly username: string; readonly password: string }
  const secrets = new Set<string>()
  const ended: { readonly cookie: string; readonly access: string; readonly refresh: string }[] = []
  let kept: { readonly browser: string; readonly client: TokenClient }

  before(async () => {
    server = await serve()
    assert.ok(server.demo !== undefined)
    account = server.demo
  })
  after(() => {
    if (server.child.exitCode === null) server.child.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
  })

  test('everything that a server does, once', async () => {
    const browser = server.browser()
    const form = { ...account, remember: 'on', next: '/sessions' }
    for (const accept of ['text/html', 'application/json'])
      for (const wrong of [
        { ...account, password: 'wrong' },
        { username: 'nobody', password: account.password },
        { username: 'x' },
      ])
        await browser.send({ method: 'POST', path: '/login', form: wrong, headers: { Accept: accept } })
    assert.equal(
      (await browser.send({ method: 'POST', path: '/login', form, headers: { Accept: 'text/html' } })).status,
      303,
    )
    const other = server.browser()
    assert.equal((await other.post('/login', account)).status, 200)
    const client = server.tokenClient()
    client.take(await server.post('/login', { ...account, present: 'token' }))
    await client.refresh()
    for (const path of [
      '/',
      '/login',
      '/session',
      '/sessions',
      '/healthz',
      '/.well-known/jwks.json',
      '/nothing',
      '/sessions?x=1',
    ])
      for (const one of [browser, client])
        for (const accept of ['text/html', 'application/json']) await one.get(path, { Accept: accept })
    const cookie = browser.cookie() as string
    for (const value of cookie.split(/; |=/).concat(client.access, client.refreshToken)) {
      await server.get('/session', { Authorization: `Bearer ${value}x` })
      await server.get('/session', { Cookie: `__Host-session=${value}; __Host-session=${value}` })
      await server.send({
        method: 'POST',
        path: '/token',
        form: { grant_type: 'refresh_token', refresh_token: `${value}x` },
      })
      await server.send({ method: 'POST', path: '/revoke', form: { token: `${value}x` } })
      await server.send({
        method: 'DELETE',
        path: `/sessions/${value}`,
        headers: { Authorization: `Bearer ${client.access}` },
      })
      await server.send({
        method: 'POST',
        path: '/logout',
        headers: { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' },
      })
    }
    ended.push({ cookie, access: client.access, refresh: client.refreshToken })
    assert.equal((await browser.post('/logout')).status, 204)
    assert.equal((await client.post('/logout')).status, 204)
    const keep = server.tokenClient()
    keep.take(await server.post('/login', { ...account, present: 'token' }))
    kept = { browser: other.cookie() as string, client: keep }
    await assertEnded()
    for (const text of server.issued) secrets.add(text)
  })

  async function assertEnded(): Promise<void> {
    for (const { cookie, access, refresh } of ended) {
      const seen = [
        await server.get('/session', { Cookie: cookie }),
        await server.get('/session', { Cookie: cookie.split('; ')[0] as string }),
        await server.get('/session', { Authorization: `Bearer ${access}` }),
        await server.send({
          method: 'POST',
          path: '/token',
          form: { grant_type: 'refresh_token', refresh_token: refresh },
        }),
      ]
      assert.deepEqual(
        seen.map(({ reason }) => reason),
        ['revoked', 'revoked', 'revoked', 'revoked'],
      )
    }
  }

  test('killed and started again: what was ended stays ended, what was not lives on, and nobody gets a demo account twice', async () => {
    assert.equal(await stop(server, 'SIGKILL'), null)
    assertQuiet()
    server = await serve()
    assert.equal(server.demo, undefined)
    await assertEnded()
    assert.equal((await server.get('/session', { Cookie: kept.browser })).json().user, account.username)
    assert.equal((await server.get('/session', { Authorization: `Bearer ${kept.client.access}` })).status, 200)
    const form = { grant_type: 'refresh_token', refresh_token: kept.client.refreshToken }
    assert.equal((await server.send({ method: 'POST', path: '/token', form })).status, 200)
    for (const text of server.issued) secrets.add(text)
  })

  test('asked to stop, it ends with 0', async () => {
    assert.equal(await stop(server, 'SIGTERM'), 0)
    assertQuiet()
  })

  test('the data folder holds nothing that opens anything', () => {
    const bytes = stored()
    assert.ok(bytes.length > 10_000 && secrets.size >= 8)
    for (const text of [...secrets].flatMap((one) => [one, proofOf(one)]).concat(account.password, secret))
      assert.ok(!bytes.includes(text))
  })

  /** Nothing that was issued, nor a password or a secret, was said or printed. */
  function assertQuiet(): void {
    assert.deepEqual(leaksOf({ ...server, events: [] }), [])
    const said = [...server.said, server.printed()].join('\n')
    for (const text of [...secrets, ...server.issued]
      .flatMap((one) => [one, proofOf(one)])
      .concat(account.password, secret))
      assert.ok(!said.includes(text), 'a secret was told or printed')
  }
})
