import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { arrive } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, signIn, takeTokens, words, wordsOf } from './steps.ts'

/** Password, step-up and "not me", with the keyboard alone. */
export function passwordTests(browser: () => Browser): void {
  describe('a password once more', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve()
    })
    after(() => server?.remove())

    test('S13 a step-up leads back to where it was asked for', async () => {
      const person = await arrive(browser())
      const { page } = person
      await signIn(person, server)
      await page.goto(`${server.url}/step-up?next=/sessions`)
      await page.keyboard.type('not the password')
      await page.keyboard.press('Enter')
      assert.match(await wordsOf(page.getByRole('alert')), /The password is wrong/)
      await page.keyboard.type(server.demo.password)
      await Promise.all([page.waitForURL('**/sessions'), page.keyboard.press('Enter')])
      await person.leave()
    })

    test('S8 what is not me is ended, and a new password ends the rest', async () => {
      const person = await arrive(browser())
      const { page } = person
      await signIn(person, server)
      for (const _ of [1, 2]) await takeTokens(server)
      await page.goto(server.url)
      const notMe = page.getByRole('button', { name: /^Not me ?: end the session on A script/ }).first()
      await notMe.focus()
      await Promise.all([page.waitForURL('**/password?reported'), page.keyboard.press('Enter')])
      assert.match(await words(person), /That session is ended\. Now choose a new password\./)
      await page.keyboard.type(server.demo.password)
      await page.keyboard.press('Tab')
      await page.keyboard.type('nine herons in a row of boats')
      await Promise.all([page.waitForURL((to) => to.pathname === '/'), page.keyboard.press('Enter')])
      assert.match(
        await words(person),
        /Your password is changed\..*Only this device is signed in\..*not you, you said/,
      )
      assertQuiet(person, server.url)
      await person.leave()
    })
  })
}
