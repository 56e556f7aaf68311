import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { arrive, type HeldCookie } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, raw, replay, signIn, words, wordsOf } from './steps.ts'

/** Signing in through the page: C1, C2, C4, C12, X10. */
export function loginTests(browser: () => Browser): void {
  describe('signing in', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve()
    })
    after(() => server?.remove())

    test('C1, C2, C4, C12 with the keyboard alone, by either name of this machine', async () => {
      for (const host of ['localhost', '127.0.0.1']) {
        const person = await arrive(browser())
        const { page } = person
        await page.goto(server.at(host))
        assert.equal(page.url(), `${server.at(host)}/login`)
        assert.equal(await page.getByLabel('Name').inputValue(), server.demo.username)
        await page.keyboard.type(server.demo.password)
        await page.keyboard.press('Tab')
        assert.equal(await page.evaluate('document.activeElement.id'), 'remember')
        await page.keyboard.press('Tab')
        await Promise.all([page.waitForURL('**/?welcome'), page.keyboard.press('Enter')])

        assert.equal(await wordsOf(page.getByRole('heading', { level: 1 })), 'Your sessions')
        assert.match(await words(person), /Welcome, demo \(admin\)\. Your stamp is on\./)
        const here = page.getByRole('region', { name: 'This device' })
        assert.match(await wordsOf(here), /Headless Chrome on Linux, signed in with a password just now, active now/)
        assert.equal(await page.locator('.stamp-landing').count(), 1)
        assertQuiet(person, server.at(host))
        await assertHidden(person.page)
        checkJar(await person.jar(), host)
        await person.leave()
      }
    })

    test('C12 no answer holds the value of a cookie', async () => {
      const person = await arrive(browser())
      await signIn(person, server)
      const jar = await person.jar()
      for (const path of ['/', '/session', '/sessions']) {
        await person.page.goto(server.url + path)
        const text = await person.page.content()
        for (const { value } of jar) assert.ok(!text.includes(value), path)
      }
      await person.leave()
    })

    test('stays signed in after the browser was asked to; else the cookie ends with it', async () => {
      const person = await arrive(browser())
      for (const remember of [false, true]) {
        await signIn(person, server, { remember })
        const [session] = await person.jar()
        assert.equal(session?.name, '__Host-session')
        assert.equal(session.expires === -1, !remember)
        await Promise.all([
          person.page.waitForURL('**/login?out'),
          person.page.getByRole('button', { name: 'Sign out here' }).click(),
        ])
      }
      await person.leave()
    })

    test('L4 a wrong password reads the same for a name that exists and one that does not', async () => {
      const person = await arrive(browser())
      const { page } = person
      const pages: string[] = []
      for (const username of ['demo', 'dxmo']) {
        await page.goto(`${server.url}/login?next=/sessions`)
        await page.getByLabel('Name').fill(username)
        await page.getByLabel('Password').fill('not the password')
        await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
        assert.match(await page.title(), /^Error: sign in/)
        const notice = page.getByRole('alert')
        assert.match(await wordsOf(notice), /That name and password do not match/)
        assert.equal(await page.getByLabel('Name').inputValue(), username)
        assert.equal(await page.getByLabel('Password').inputValue(), '')
        assert.equal(await page.evaluate('document.activeElement.id'), 'password')
        const described = await page.getByLabel('Password').getAttribute('aria-describedby')
        assert.equal(described, await notice.getAttribute('id'))
        pages.push((await page.content()).replaceAll(username, 'NAME').replaceAll('demo', 'NAME'))
      }
      assert.equal(pages[0], pages[1])
      assert.deepEqual(await person.jar(), [])

      await page.getByLabel('Name').fill(server.demo.username)
      await page.getByLabel('Password').fill(server.demo.password)
      await Promise.all([page.waitForURL('**/sessions'), page.keyboard.press('Enter')])
      await person.leave()
    })

    test('a form that was sent half empty keeps the name and where to go', async () => {
      const answer = await raw(`${server.url}/login`, {
        method: 'POST',
        headers: { accept: 'text/html' },
        body: new URLSearchParams({ username: 'ada', password: '', next: '/sessions' }),
      })
      assert.equal(answer.status, 400)
      const html = await answer.text()
      assert.match(html, /name="username"[^>]*value="ada"/)
      assert.match(html, /name="next" value="\/sessions"/)
    })

    test('X10 goes on to a path of this server and nowhere else', async () => {
      const person = await arrive(browser())
      await signIn(person, server, { next: '/sessions?x=1' })
      assert.equal(person.page.url(), `${server.url}/sessions?x=1`)
      for (const next of ['//evil.test', '/\\evil.test', 'https:evil.test', 'https://evil.test', 'javascript:alert(1)'])
        for (const spelling of [next, next.replace('/', '\t/')]) {
          await person.page.goto(`${server.url}/login?next=${encodeURIComponent(spelling)}`)
          assert.equal(person.page.url(), `${server.url}/`, spelling)
        }
      for (const encoded of ['%2f%2fevil.test', '/%0d%0aLocation:%20//evil.test', '%5c%5cevil.test']) {
        await person.page.goto(`${server.url}/login?next=${encoded}`)
        assert.equal(person.page.url(), `${server.url}/`, encoded)
      }
      await person.context.clearCookies()
      await signIn(person, server, { next: '//evil.test/' })
      assert.equal(new URL(person.page.url()).origin, server.url)
      assertQuiet(person, server.url)
      await person.leave()
    })

    test('whoever is signed in already goes on', async () => {
      const person = await arrive(browser())
      await signIn(person, server)
      await person.page.goto(`${server.url}/login`)
      assert.equal(person.page.url(), `${server.url}/`)
      await person.page.goto(`${server.url}/login?next=/session`)
      assert.equal(person.page.url(), `${server.url}/session`)
      await person.leave()
    })

    test('C5 either cookie lost alone: signed in silently, or a clean way to sign in', async () => {
      const person = await arrive(browser())
      await signIn(person, server)
      await person.context.clearCookies({ name: '__Host-snapshot' })
      await person.page.goto(server.url)
      assert.match(await words(person), /You are signed in as demo/)
      assert.equal((await person.jar()).length, 2)
      await person.context.clearCookies({ name: '__Host-session' })
      assert.equal((await replay(server.url, await person.jar())).status, 401)
      await person.page.goto(server.url)
      assert.equal(person.page.url(), `${server.url}/login`)
      await person.leave()
    })
  })
}

/** What a script on the page could get hold of: nothing. */
async function assertHidden(page: { evaluate(script: string): Promise<unknown> }): Promise<void> {
  const seen = await page.evaluate(`(async () => ({
    cookie: document.cookie,
    store: (await cookieStore.getAll()).length,
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }))()`)
  assert.deepEqual(seen, { cookie: '', store: 0, local: 0, session: 0, databases: 0, caches: 0, workers: 0 })
}

function checkJar(jar: readonly HeldCookie[], host: string): void {
  assert.deepEqual(
    jar.map(({ name }) => name),
    ['__Host-session', '__Host-snapshot'],
  )
  const [session, snapshot] = jar
  // A domain without a leading dot is a host-only cookie.
  for (const { domain, path, secure, httpOnly, sameSite } of jar)
    assert.deepEqual(
      { domain, path, secure, httpOnly, sameSite },
      { domain: host, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' },
    )
  assert.equal(session?.expires, -1)
  const longest = Date.now() / 1000 + 34_560_000
  assert.ok(snapshot !== undefined && snapshot.expires !== -1 && snapshot.expires < longest)
}
