import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { arrive } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, signIn, takeTokens, words, wordsOf } from './steps.ts'

/** The pages with script switched off. */
export function noScriptTests(browser: () => Browser): void {
  describe('without script', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve()
    })
    after(() => server?.remove())

    test('signs in, shows the sessions, ends one, ends the others, signs out', async () => {
      const person = await arrive(browser(), { javaScriptEnabled: false })
      const { page } = person
      const press = async (name: string | RegExp, to: string): Promise<void> => {
        await Promise.all([page.waitForURL(to), page.getByRole('button', { name }).first().click()])
      }
      await signIn(person, server)
      for (const _ of [1, 2, 3]) await takeTokens(server)
      await page.goto(server.url)
      assert.match(await words(person), /Elsewhere 3 /)

      await press(/^End the session on A script/, '**/?ended')
      assert.match(await words(person), /The session is ended\..*Elsewhere 2 /)

      await page.getByText('Sign out everywhere else…', { exact: true }).click()
      await press(/^End the 2 other sessions/, '**/?others-ended')
      assert.match(await words(person), /Every other session is ended\..*Only this device is signed in\./)

      await press('Sign out here', '**/login?out')
      assert.match(await words(person), /You are signed out\./)
      assert.deepEqual(await person.jar(), [])
      await page.goBack()
      assert.equal(page.url(), `${server.url}/login`)
      assertQuiet(person, server.url)
      await person.leave()
    })

    test('says what is wrong with a password, and takes the right one after that', async () => {
      const person = await arrive(browser(), { javaScriptEnabled: false })
      const { page } = person
      await page.goto(`${server.url}/login`)
      await page.getByLabel('Password').fill('not the password')
      await page.keyboard.press('Enter')
      assert.match(await wordsOf(page.getByRole('alert')), /do not match/)
      await page.getByLabel('Password').fill(server.demo.password)
      await Promise.all([page.waitForURL('**/?welcome'), page.keyboard.press('Enter')])
      await person.leave()
    })
  })
}
