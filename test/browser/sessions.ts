import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { arrive, type Person } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertDead, assertQuiet, comeSignedIn, raw, replay, type Tokens, takeTokens, words, wordsOf } from './steps.ts'

/** *My sessions*: seeing them and ending them by the page's own buttons. S6, S9 in a browser. */
export function sessionsTests(browser: () => Browser): void {
  describe('my sessions', { concurrency: 1 }, () => {
    let server: ServerProcess
    let laptop: Person
    let phone: Person
    let script: Tokens

    beforeEach(async () => {
      server ??= await serve()
      await Promise.all([laptop?.leave(), phone?.leave()])
      laptop = await arrive(browser())
      phone = await arrive(browser(), { userAgent: iphone, viewport: { width: 390, height: 844 } })
      await comeSignedIn(laptop, server)
      await comeSignedIn(phone, server)
      script = await takeTokens(server)
    })
    after(async () => {
      await Promise.all([laptop?.leave(), phone?.leave()])
      await server?.remove()
    })

    test('S9 the list shows browser and script, this device first', async () => {
      const { page } = laptop
      await page.goto(server.url)
      const rows = (await page.getByRole('listitem').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '))
      assert.match(rows[0] ?? '', /^Headless Chrome on Linux, .* A cookie in the browser\./)
      const shows = (form: RegExp): boolean => rows.slice(1).some((row) => form.test(row))
      assert.ok(shows(/^A script \(curl\), signed in with a password just now, .* A token in an app\./))
      assert.ok(shows(/^Safari on iPhone, .* A cookie in the browser\./))
      assert.match(await words(laptop), new RegExp(`Elsewhere ${rows.length - 1} `))
      const html = await page.content()
      for (const { value } of [...(await laptop.jar()), ...(await phone.jar())]) assert.ok(!html.includes(value))
      for (const token of [script.access_token, script.refresh_token]) assert.ok(!html.includes(token))
      assertQuiet(laptop, server.url)
    })

    test('S6 ends one: the script by its button, its tokens are refused at once', async () => {
      assert.equal(await statusOf(script), 200)
      const { page } = laptop
      await page.goto(server.url)
      await follow(laptop, '**/?ended', () =>
        page
          .getByRole('button', { name: /^End the session on A script \(curl\)/ })
          .first()
          .click(),
      )
      assert.match(await wordsOf(page.getByRole('status')), /The session is ended\./)
      assert.equal(await statusOf(script), 401)
      assert.equal(await renewalOf(script), 400)
      assert.equal((await replay(server.url, await phone.jar())).status, 200)
    })

    test('S6 ends one: another browser finds itself at the login page, copies of its cookies are refused', async () => {
      const copied = await phone.jar()
      const { page } = laptop
      await page.goto(server.url)
      const buttons = page.getByRole('button', { name: /^End the session on Safari on iPhone/ })
      await follow(laptop, '**/?ended', () => buttons.first().click())
      await assertDead(server.url, copied, 'revoked')
      await phone.page.goto(server.url)
      assert.equal(phone.page.url(), `${server.url}/login`)
      assert.deepEqual(await phone.jar(), copied, 'a refused credential clears no cookies')
      // Whoever acts on a page that is out of date is told so.
      await page.goto(server.url)
      await page.evaluate(`document.querySelector('input[name=id]').value = 'gone'`)
      await Promise.all([
        page.waitForEvent('load'),
        page
          .getByRole('button', { name: /^End the session/ })
          .first()
          .click(),
      ])
      assert.match(await words(laptop), /404/)
    })

    test('S6 ends all others: this browser alone stays', async () => {
      const copied = await phone.jar()
      await endOthers(laptop)
      assert.match(await wordsOf(laptop.page.getByRole('status')), /Every other session is ended\./)
      assert.match(await words(laptop), /Only this device is signed in\./)
      await assertDead(server.url, copied, 'revoked')
      assert.equal(await statusOf(script), 401)
      assert.equal(await renewalOf(script), 400)
      assert.equal((await replay(server.url, await laptop.jar())).status, 200)
    })

    test('S6, C9 ends all: this one too', async () => {
      const copied = [await laptop.jar(), await phone.jar()]
      const { page } = laptop
      await page.goto(server.url)
      await page.getByText('Sign out everywhere…', { exact: true }).click()
      await follow(laptop, '**/login?out', () => page.getByRole('button', { name: /^End all \d+ sessions/ }).click())
      assert.match(await wordsOf(page.getByRole('status')), /You are signed out\./)
      assert.deepEqual(await laptop.jar(), [])
      for (const jar of copied) await assertDead(server.url, jar, 'revoked')
      assert.equal(await statusOf(script), 401)
      assert.equal(await renewalOf(script), 400)
      await phone.page.goto(server.url)
      assert.equal(phone.page.url(), `${server.url}/login`)
    })

    async function endOthers(person: Person): Promise<void> {
      const { page } = person
      await page.goto(server.url)
      await page.getByText('Sign out everywhere else…', { exact: true }).click()
      const button = page.getByRole('button', { name: /^End the \d+ other session/ })
      await follow(person, '**/?others-ended', () => button.click())
    }

    async function statusOf({ access_token }: Tokens): Promise<number> {
      const { status } = await raw(`${server.url}/session`, { headers: { authorization: `Bearer ${access_token}` } })
      return status
    }

    async function renewalOf({ refresh_token }: Tokens): Promise<number> {
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token })
      return (await raw(`${server.url}/token`, { method: 'POST', body })).status
    }
  })
}

const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1'

async function follow({ page }: Person, to: string, act: () => Promise<void>): Promise<void> {
  await Promise.all([page.waitForURL(to), act()])
}
