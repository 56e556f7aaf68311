import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Browser, Response } from 'playwright-core'
import { arrive, type HeldCookie, type Person } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { signIn, words, wordsOf } from './steps.ts'

/** When the server or its store is not there: V1, V2. */
export function outageTests(browser: () => Browser): void {
  describe('when the store does not answer', { concurrency: 1 }, () => {
    let server: ServerProcess
    let person: Person
    let jar: readonly HeldCookie[]
    before(async () => {
      server = await serve()
    })
    beforeEach(async () => {
      person = await arrive(browser())
      await signIn(person, server)
      jar = await person.jar()
    })
    afterEach(() => person?.leave())
    after(() => server?.remove())

    async function assertUnavailable(response: Response | null): Promise<void> {
      assert.equal(response?.status(), 503)
      assert.equal(await response.headerValue('retry-after'), '1')
      assert.match((await response.headerValue('content-type')) ?? '', /^text\/html/)
      assert.equal(await response.headerValue('set-cookie'), null)
      assert.match(await words(person), /This is not possible just now.*This does not sign you out\./)
    }

    async function assertSignedIn(): Promise<void> {
      const response = await person.page.goto(server.url)
      assert.equal(response?.status(), 200)
      assert.match(await words(person), /You are signed in as demo/)
      assert.deepEqual((await person.jar())[0], jar[0])
    }

    test('V1 its file is gone: a page that says so, with the snapshot and without it; then on as before', async () => {
      const file = join(server.data, 'handstamp.db')
      const { page } = person
      renameSync(file, `${file}.away`)
      try {
        await assertUnavailable(await page.goto(server.url))
        await assertUnavailable(await page.goto(`${server.url}/login`))
        assert.deepEqual(await person.jar(), jar)
        await person.context.clearCookies({ name: '__Host-snapshot' })
        await assertUnavailable(await page.goto(server.url))
        await assertUnavailable(await page.goto(`${server.url}/sessions`))
        assert.deepEqual(await person.jar(), [jar[0]])
      } finally {
        renameSync(`${file}.away`, file)
      }
      await page.getByRole('link', { name: 'Go to your sessions' }).click()
      await page.waitForURL('**/sessions')
      await assertSignedIn()
    })

    test('V2 it cannot be written: signing out and signing in fail in words, and nobody is signed out', async () => {
      const { page } = person
      const other = await arrive(browser())
      await other.page.goto(`${server.url}/login`)
      const lock = new DatabaseSync(join(server.data, 'handstamp.db'))
      lock.exec('BEGIN IMMEDIATE')
      try {
        const answered = page.waitForResponse(`${server.url}/logout`)
        await page.getByRole('button', { name: 'Sign out here' }).click()
        await assertUnavailable(await answered)
        assert.deepEqual(await person.jar(), jar)

        await other.page.getByLabel('Password').fill(server.demo.password)
        const refused = other.page.waitForResponse(`${server.url}/login`)
        await other.page.keyboard.press('Enter')
        assert.equal((await refused).status(), 503)
        assert.match(await wordsOf(other.page.getByRole('alert')), /Signing in is not possible just now/)
        assert.equal(await other.page.getByLabel('Name').inputValue(), server.demo.username)
        assert.deepEqual(await other.jar(), [])
      } finally {
        lock.exec('ROLLBACK')
        lock.close()
      }
      await other.page.getByLabel('Password').fill(server.demo.password)
      await Promise.all([other.page.waitForURL('**/?welcome'), other.page.keyboard.press('Enter')])
      await other.leave()
      await assertSignedIn()
      await Promise.all([page.waitForURL('**/login?out'), page.getByRole('button', { name: 'Sign out here' }).click()])
      assert.deepEqual(await person.jar(), [])
    })

    test('the server is stopped and started again: still signed in', async () => {
      assert.equal(await server.stop(), 0)
      await assert.rejects(person.page.goto(server.url), /ERR_CONNECTION_REFUSED/)
      await server.restart()
      await assertSignedIn()
    })
  })
}
