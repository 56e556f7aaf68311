import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { arrive } from '../support/browser.ts'
import { axe, lookedAt, violations } from './axe.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, words } from './steps.ts'

/** The lab as somebody finds it who has just started the server. */
export function labTests(browser: () => Browser): void {
  describe('the lab', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve()
    })
    after(() => server?.remove())

    test('M16 from the first page, by keyboard: an attack succeeds, then its defence is switched on and it fails', async () => {
      const person = await arrive(browser())
      const { page } = person
      await page.goto(server.url)
      await press(page, 'link', /^The lab/)
      await page.waitForURL('**/lab')
      await press(page, 'button', 'Attack without the defence')
      await page.getByRole('heading', { name: 'The attack succeeds' }).waitFor()
      await page.getByRole('switch').focus()
      await page.keyboard.press('Space')
      await page.getByRole('heading', { name: 'The attack fails' }).waitFor()
      assert.match(await words(person), /401 revoked.*Stopped by .*Carried out just now/)
      await page.getByRole('radio', { name: 'Token' }).focus()
      await page.keyboard.press('Space')
      await page
        .getByText(/Authorization: Bearer/)
        .first()
        .waitFor()
      await page.getByRole('switch').focus()
      await page.keyboard.press('Space')
      await page.getByRole('heading', { name: 'The attack succeeds' }).waitFor()
      assertQuiet(person, server.url)
      await person.leave()
    })

    test('without script, and with a browser in it', async () => {
      const person = await arrive(browser(), { javaScriptEnabled: false })
      const { page } = person
      await page.goto(`${server.url}/lab/csrf-form`)
      assert.match(await words(person), /The attack succeeds .*Recorded on/)
      await page.getByRole('switch').check()
      await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Attack' }).click()])
      assert.match(await words(person), /The attack fails .*notes written in their name: 0.*Carried out just now/)
      await person.leave()
    })

    for (const { colorScheme, viewport, rules } of lookedAt)
      test(`axe-core finds nothing serious: ${colorScheme}, ${viewport.width} wide`, async () => {
        const person = await arrive(browser(), { colorScheme, viewport })
        const { page } = person
        await person.context.addInitScript(axe)
        const found: string[] = []
        const views = [
          '',
          '/csrf-json',
          '/logout-replay?on=ends-on-the-server',
          '/matrix',
          '/lifecycle?step=logout',
          '/comparison',
        ]
        for (const view of views) {
          await page.goto(`${server.url}/lab${view}`)
          found.push(...(await violations(page, view, rules)))
          const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
          assert.ok(Number(overflow) <= 0, `${view} is ${overflow} px too wide`)
        }
        assert.deepEqual(found, [])
        assertQuiet(person, server.url)
        await person.leave()
      })
  })
}

async function press(page: Page, role: 'link' | 'button', name: string | RegExp): Promise<void> {
  await page.getByRole(role, { name }).focus()
  await page.keyboard.press('Enter')
}
