import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { arrive, type Person } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertDead, assertQuiet, signIn, words, wordsOf } from './steps.ts'

/** Signing out: C9, S6, X9. */
export function logoutTests(browser: () => Browser): void {
  describe('signing out', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve()
    })
    after(() => server?.remove())

    test('C9, S6, X9 empties the jar and the storage; copies of the cookies are refused', async () => {
      const person = await arrive(browser())
      await signIn(person, server)
      const copied = await person.jar()
      await person.page.evaluate(`localStorage.setItem('draft', 'private'); sessionStorage.setItem('draft', 'private')`)
      const preference = { name: 'theme', value: 'dark', url: server.url }
      await person.context.addCookies([preference])
      const answered = person.page.waitForResponse(`${server.url}/logout`)
      await signOut(person)
      assert.equal(await (await answered).headerValue('clear-site-data'), '"storage"')
      assert.match(await wordsOf(person.page.getByRole('status')), /You are signed out\./)
      assert.deepEqual(
        (await person.jar()).map(({ name }) => name),
        ['theme'],
        'our cookies are gone, and only ours',
      )
      assert.equal(await person.page.evaluate('localStorage.length + sessionStorage.length'), 0)
      await assertDead(server.url, copied, 'revoked')
      assertQuiet(person, server.url)
      await person.leave()
    })

    test('back and forward show nothing private', async () => {
      const person = await arrive(browser())
      await signIn(person, server)
      await person.page.goto(`${server.url}/sessions`)
      await signOut(person)
      for (const step of ['goBack', 'goBack', 'goForward'] as const) {
        await person.page[step]()
        await person.page.waitForURL('**/login**')
        assert.doesNotMatch(await words(person), /signed in as|Your sessions|This device/)
      }
      await person.leave()
    })

    test('another tab that still shows the sessions ends nothing and leads to the login page', async () => {
      const person = await arrive(browser())
      await signIn(person, server)
      const stale = await person.context.newPage()
      await stale.goto(server.url)
      await signOut(person)
      await Promise.all([
        stale.waitForURL('**/login?out'),
        stale.getByRole('button', { name: 'Sign out here' }).click(),
      ])
      await stale.goto(server.url)
      assert.equal(stale.url(), `${server.url}/login`)
      assert.deepEqual(await person.jar(), [])
      await person.leave()
    })

    test('S2 signing in again is another session, under other cookies', async () => {
      const person = await arrive(browser())
      await signIn(person, server)
      const first = await person.jar()
      await signOut(person)
      await signIn(person, server)
      const second = await person.jar()
      for (const [index, { value }] of second.entries()) assert.notEqual(value, first[index]?.value)
      await assertDead(server.url, first, 'revoked')
      await person.leave()
    })
  })
}

async function signOut({ page }: Person): Promise<void> {
  await Promise.all([page.waitForURL('**/login?out'), page.getByRole('button', { name: 'Sign out here' }).click()])
}
