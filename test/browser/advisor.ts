import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { arrive } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, words } from './steps.ts'

/** The advisor with the keyboard alone. */
export function advisorTests(browser: () => Browser): void {
  describe('the advisor', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve()
    })
    after(() => server?.remove())

    test('M15 by keyboard: an answer is changed, and the advice with it', async () => {
      const person = await arrive(browser())
      const { page } = person
      await page.goto(`${server.url}/advisor`)
      assert.match(await words(person), /Take cookies: /)
      await page.getByLabel('Who calls your application?').focus()
      await page.keyboard.press('ArrowDown')
      await page.getByRole('button', { name: 'Advise me' }).focus()
      await Promise.all([page.waitForURL('**/advisor?clients=programs&**'), page.keyboard.press('Enter')])
      assert.match(await words(person), /Take tokens: .*A configuration that runs.*server\.js/)
      assertQuiet(person, server.url)
      await person.leave()
    })
  })
}
