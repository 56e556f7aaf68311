import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type App, type AppOptions, withApp } from '../support/app.ts'

const html = { Accept: 'text/html' }
const server = (title: string, run: (app: App) => Promise<void>, options: AppOptions = {}): void => {
  test(title, () => withApp({ door: 'server', ...options }, run))
}

function put(json: unknown): { method: string; path: string; json: unknown } {
  return { method: 'PUT', path: '/preferences', json }
}

describe('M1 preferences of the pages', () => {
  server('are what the browser asks for until somebody chooses', async (app) => {
    assert.deepEqual((await app.get('/preferences')).json(), { theme: 'system', language: 'auto' })
    const german = await app.get('/login', { ...html, 'Accept-Language': 'de-AT, en;q=0.5' })
    assert.match(german.body, /<html lang="de" data-theme="system">/)
    assert.match(german.header('vary') ?? '', /Accept-Language/)
    assert.match((await app.get('/login', html)).body, /<html lang="en" data-theme="system">/)
  })

  server('are kept without a session, through a login and a logout', async (app) => {
    const browser = app.browser()
    const before = app.dealings.length
    const answer = await browser.send(put({ theme: 'dark' }))
    assert.deepEqual([answer.status, answer.json()], [200, { theme: 'dark', language: 'auto' }])
    assert.equal(answer.header('cache-control'), 'no-store')
    assert.deepEqual([...browser.jar.keys()], ['__Host-theme'])
    assert.equal(app.dealings.length, before, 'the store was not asked')
    assert.deepEqual((await browser.send(put({ language: 'de' }))).json(), { theme: 'dark', language: 'de' })
    const form = { username: 'ada', password: 'correct horse battery staple' }
    assert.equal((await browser.send({ method: 'POST', path: '/login', form, headers: html })).status, 303)
    assert.match((await browser.get('/', html)).body, /<html lang="de" data-theme="dark">[\s\S]*Meine Sitzungen/)
    assert.equal((await browser.post('/logout')).status, 204)
    assert.deepEqual((await browser.get('/preferences')).json(), { theme: 'dark', language: 'de' })
  })

  server('X10 the form leads back to a path of ours and nowhere else', async (app) => {
    for (const [next, goes] of [
      ['/sessions?x=1', '/sessions?x=1'],
      ['//evil.test', '/'],
      ['/\\evil.test', '/'],
      ['https://evil.test/', '/'],
      [undefined, '/'],
    ] as const) {
      const form = { theme: 'light', language: 'auto', ...(next === undefined ? {} : { next }) }
      const answer = await app.send({ method: 'POST', path: '/preferences', form, headers: html })
      assert.deepEqual([answer.status, answer.header('location')], [303, goes])
      assert.deepEqual(
        answer.cookies.map(({ name, value }) => `${name}=${value}`),
        ['__Host-theme=light', '__Host-language=auto'],
      )
    }
  })

  server('refuse names and values that are none, and change nothing then', async (app) => {
    const bodies = [
      { theme: 'drak' },
      { theme: 'dark', colour: 'red' },
      { language: 'DE' },
      { theme: 1 },
      { theme: null },
    ]
    for (const json of [...bodies, [], 'dark', null]) {
      const answer = await app.send(put(json))
      assert.deepEqual([answer.status, answer.reason, answer.cookies.length], [400, 'invalid_request', 0])
    }
    for (const form of [{ theme: 'drak' }, { theme: 'dark', colour: 'red' }] as const) {
      const answer = await app.send({ method: 'POST', path: '/preferences', form })
      assert.deepEqual([answer.status, answer.reason, answer.cookies.length], [400, 'invalid_request', 0])
    }
    const asForm = await app.send({ method: 'PUT', path: '/preferences', form: { theme: 'dark' } })
    assert.deepEqual([asForm.status, asForm.reason], [415, 'unsupported_media_type'])
    const asJson = await app.post('/preferences', { theme: 'dark' })
    assert.deepEqual([asJson.status, asJson.reason], [415, 'unsupported_media_type'])
  })

  server('X1 are not changed by another site, and its refusal speaks the language of the reader', async (app) => {
    const browser = app.browser()
    await browser.send(put({ theme: 'dark', language: 'de' }))
    for (const form of [{ theme: 'light' }]) {
      const headers = { ...html, 'Sec-Fetch-Site': 'cross-site' }
      const answer = await browser.send({ method: 'POST', path: '/preferences', form, headers })
      assert.deepEqual([answer.status, answer.cookies.length], [403, 0])
      assert.match(answer.body, /<html lang="de" data-theme="dark">[\s\S]*Eine andere Seite hat das/)
      assert.match(answer.header('vary') ?? '', /Sec-Fetch-Site, Origin, Accept-Language/)
    }
  })

  server(
    'what a browser holds that is no choice counts as none',
    async (app) => {
      for (const cookie of ['theme=blue; language=fr', 'theme=dark; theme=light', 'theme=%22%3E%3Cscript%3E']) {
        const answer = await app.get('/login', { ...html, Cookie: cookie })
        assert.match(answer.body, /<html lang="en" data-theme="system">/)
        const refused = { ...html, Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' }
        assert.match((await app.post('/logout', {}, refused)).body, /<html lang="en" data-theme="system">/)
      }
      const answer = await app.get('/login', { ...html, Cookie: 'theme=light; language=de' })
      assert.match(answer.body, /<html lang="de" data-theme="light">/)
    },
    { insecureHttp: true },
  )
})
