import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { arrive, type Person, until } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, replay, signIn, words } from './steps.ts'

/** Renewal in passing: the snapshot cookie ends, the next request brings another, and nobody notices. */
export function renewalTests(browser: () => Browser): void {
  describe('renewal in passing', { concurrency: 1 }, () => {
    let server: ServerProcess
    let person: Person
    before(async () => {
      server = await serve({ HANDSTAMP_ACCESS: '1' })
      // The pages themselves may not call anything; a script of an application's own page may.
      person = await arrive(browser(), { bypassCSP: true })
    })
    after(async () => {
      await person?.leave()
      await server?.remove()
    })

    /** The browser has dropped the snapshot cookie; the session cookie is left. */
    async function expiry(): Promise<void> {
      await until(async () => (await person.jar()).map(({ name }) => name).join() === '__Host-session')
    }

    async function currentId(page: Page): Promise<unknown> {
      return page.evaluate(`fetch('/session').then((answer) => answer.json()).then(({ id }) => id)`)
    }

    test('a navigation after the snapshot has ended is signed in, and brings a new one', async () => {
      // Later than 10 s after the sign-in (protocol 5, the quiet zone) a request is let in without new cookies: on a very slow machine, once more.
      let renewed = false
      for (let attempt = 0; attempt < 3 && !renewed; attempt++) {
        await person.context.clearCookies()
        await signIn(person, server)
        const [session] = await person.jar()
        const id = await currentId(person.page)
        await expiry()
        const answer = await person.page.goto(server.url)
        assert.match(await words(person), /You are signed in as demo/)
        assert.equal((await person.jar())[0]?.value, session?.value)
        assert.equal(await currentId(person.page), id)
        // Not read from the jar: a second later the browser has dropped it again.
        renewed =
          (await answer?.headerValues('set-cookie'))?.some((value) => value.startsWith('__Host-snapshot=')) ?? false
      }
      assert.ok(renewed)
      assertQuiet(person, server.url)
    })

    test('several tabs that come back at once stay signed in', async () => {
      await person.context.clearCookies()
      await signIn(person, server)
      const id = await currentId(person.page)
      const tabs = [person.page, ...(await Promise.all([1, 2, 3, 4].map(() => person.context.newPage())))]
      for (const _round of [1, 2]) {
        await expiry()
        await Promise.all(tabs.map((tab) => tab.goto(server.url)))
        for (const tab of tabs) assert.equal(await tab.locator('h1').textContent(), 'Your sessions')
        await expiry()
        const many = `Promise.all(Array.from({ length: 10 }, () => fetch('/session').then((answer) => answer.json())))`
        const answers = await Promise.all(tabs.map((tab) => tab.evaluate(many)))
        assert.deepEqual(new Set((answers.flat() as { id?: string }[]).map((answer) => answer.id)), new Set([id]))
      }
      const held = (await person.jar()).filter(({ name }) => name === '__Host-session')
      assert.equal(held.length, 1)
      assert.equal((await replay(server.url, held)).answer.id, id)
      await Promise.all(tabs.slice(1).map((tab) => tab.close()))
      assertQuiet(person, server.url)
    })

    test('a form that is sent after the snapshot has ended is carried out', async () => {
      await person.context.clearCookies()
      await signIn(person, server)
      await expiry()
      await Promise.all([
        person.page.waitForURL('**/login?out'),
        person.page.getByRole('button', { name: 'Sign out here' }).click(),
      ])
      assert.deepEqual(await person.jar(), [])
    })
  })
}
