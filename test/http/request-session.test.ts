import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { session } from '../../src/adapters/fetch.ts'
import { handstamp } from '../../src/http/auth.ts'
import type { RequestSession } from '../../src/http/request-session.ts'
import { memory } from '../../src/stores/memory.ts'

const secrets = 'request-session-test-0123456789abcdef'

/** What a handler sees after a login. */
async function withSession(look: (session: RequestSession) => Promise<void>): Promise<readonly string[]> {
  const auth = handstamp({ secrets, backend: memory(), claims: { role: 'string' } })
  const door = session(auth)(async (request) => {
    if (new URL(request.url).pathname === '/login')
      await request.session.login({ user: 'ada', claims: { role: 'admin' } })
    else await look(request.session as RequestSession)
    return new Response('ok')
  })
  const login = await door(
    new Request('http://localhost/login', { method: 'POST', headers: { origin: 'http://localhost' } }),
  )
  const cookies = login.headers.getSetCookie().map((line) => line.split(';', 1)[0] as string)
  const answer = await door(new Request('http://localhost/', { headers: { cookie: cookies.join('; ') } }))
  assert.equal(await answer.text(), 'ok')
  await auth.close()
  return cookies.map((pair) => pair.slice(pair.indexOf('=') + 1))
}

test('the functions of a session work on their own', async () => {
  await withSession(async ({ get, set, update, delete: remove, csrfToken, logout, user }) => {
    await set('n' as never, 1 as never)
    await update('n' as never, ((n: number) => n + 1) as never)
    assert.equal(await get('n' as never), 2)
    await remove('n' as never)
    assert.equal(await get('n' as never), undefined)
    assert.equal(typeof csrfToken(), 'string')
    assert.equal(user, 'ada')
    await logout()
  })
})

test('S4 a session in a log or in JSON shows who, and nothing that opens anything', async () => {
  let shown = ''
  const secrets = await withSession(async (session) => {
    const { user, claims, level, presentation } = JSON.parse(JSON.stringify(session))
    assert.deepEqual(
      { user, claims, level, presentation },
      { user: 'ada', claims: { role: 'admin' }, level: 1, presentation: 'cookie' },
    )
    shown = JSON.stringify(session) + inspect(session, { depth: 20, showHidden: true, getters: true })
  })
  assert.equal(secrets.length, 2)
  for (const secret of secrets) assert.ok(!shown.includes(secret))
})
