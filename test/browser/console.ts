import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { arrive } from '../support/browser.ts'
import { axe, lookedAt, violations } from './axe.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, signIn, takeTokens, wordsOf } from './steps.ts'

const secret = 'Ad9-admin-Wq3Zx7Kc1Vb5Nm8Lj2Hg6Fd'

/** What stands in each view once it has its answer. */
const shown: Readonly<Record<string, string>> = {
  Overview: '.chart canvas',
  Live: 'text=Connected.',
  Sessions: '#console .session',
  Accounts: '#console .session',
  'Audit log': '#console table',
}

/** The console, with the keyboard alone, as axe-core sees it. */
export function consoleTests(browser: () => Browser): void {
  describe('the console', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve({ HANDSTAMP_ADMIN_SECRET: secret })
    })
    after(() => server?.remove())

    test('S9 by keyboard: opened, searched, counted, ended', async () => {
      const person = await arrive(browser())
      const { page } = person
      await signIn(person, server)
      for (const _ of [1, 2, 3]) await takeTokens(server)
      await open(page, server)
      await follow(page, 'Sessions')
      await page
        .getByText(/^4 sessions in .* that is all\.$/)
        .first()
        .waitFor()
      await page.keyboard.press('Control+k')
      await page.keyboard.type('a script')
      await page.keyboard.press('Enter')
      await page
        .getByText(/^3 sessions fit “a script”.* that is all\.$/)
        .first()
        .waitFor()
      await press(page, 'End all that fit…')
      await page.getByText('This ends 3 sessions.').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await press(page, 'End all that fit…')
      await press(page, 'End 3 sessions')
      await page
        .getByText(/3 sessions ended\. Every node refused them after/)
        .first()
        .waitFor()
      await press(page, 'Close')
      await page.getByText('No session fits “a script”.').first().waitFor()
      await follow(page, 'Audit log')
      assert.match(await wordsOf(page.locator('.notice-good')), /The chain is whole: \d+ entries/)
      assertQuiet(person, server.url)
      await person.leave()
    })

    test('what happens is shown as it happens', async () => {
      const person = await arrive(browser())
      const { page } = person
      await signIn(person, server)
      await open(page, server)
      await follow(page, 'Live')
      await page.getByText(/^Connected\./).waitFor()
      await takeTokens(server)
      await page
        .getByText(/A session began: token/)
        .first()
        .waitFor()
      await person.leave()
    })

    for (const { colorScheme, viewport, rules } of lookedAt)
      test(`axe-core finds nothing serious: ${colorScheme}, ${viewport.width} wide`, async () => {
        const person = await arrive(browser(), { colorScheme, viewport, reducedMotion: 'reduce' })
        const { page } = person
        await person.context.addInitScript(axe)
        await signIn(person, server)
        await page.goto(`${server.url}/console`)
        const found = [...(await violations(page, 'unlock', rules))]
        await open(page, server)
        for (const view of Object.keys(shown)) {
          await follow(page, view)
          await page
            .locator(shown[view] ?? '')
            .first()
            .waitFor()
          found.push(...(await violations(page, view, rules)))
        }
        await follow(page, 'Sessions')
        await press(page, 'End all of a user, a tenant or everyone…')
        found.push(...(await violations(page, 'dialog', rules)))
        assert.deepEqual(found, [])
        assertQuiet(person, server.url)
        await person.leave()
      })
  })
}

async function open(page: Page, { url }: ServerProcess): Promise<void> {
  await page.goto(`${url}/console`)
  await page.keyboard.type(secret)
  await Promise.all([page.locator('nav.views').waitFor(), page.keyboard.press('Enter')])
}

async function follow(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).focus()
  await page.keyboard.press('Enter')
  await page.locator(`nav.views a[aria-current]:text-is("${name}")`).waitFor()
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).focus()
  await page.keyboard.press('Enter')
}
