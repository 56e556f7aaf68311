import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { arrive, type Person } from '../support/browser.ts'
import { type ServerProcess, serve } from './server-process.ts'
import { assertQuiet, comeSignedIn, signIn, words, wordsOf } from './steps.ts'

const paper = { light: 'rgb(245, 245, 241)', dark: 'rgb(20, 21, 27)' }

/** Theme and language at the foot of the pages, and what the pages say only once: M1. */
export function settingsTests(browser: () => Browser): void {
  describe('theme, language and notices', { concurrency: 1 }, () => {
    let server: ServerProcess
    before(async () => {
      server = await serve()
    })
    after(() => server?.remove())

    for (const javaScriptEnabled of [true, false])
      test(`M1 are chosen with the keyboard and kept, ${javaScriptEnabled ? 'with' : 'without'} script`, async () => {
        const person = await arrive(browser(), { javaScriptEnabled, colorScheme: 'light' })
        const { page } = person
        await page.goto(`${server.url}/login?next=/sessions`)
        assert.equal(await colourOf(page), paper.light)
        await choose(person, { Theme: 'Dark', Language: 'Deutsch' }, 'Apply')
        assert.equal(page.url(), `${server.url}/login?next=/sessions`)
        assert.equal(await page.locator('html').getAttribute('lang'), 'de')
        assert.equal(await colourOf(page), paper.dark)
        assert.equal(await page.getByRole('combobox', { name: 'Darstellung' }).inputValue(), 'dark')
        assert.deepEqual(
          (await person.jar()).map(({ name, value, httpOnly, secure }) => ({ name, value, httpOnly, secure })),
          [
            { name: '__Host-language', value: 'de', httpOnly: true, secure: true },
            { name: '__Host-theme', value: 'dark', httpOnly: true, secure: true },
          ],
        )

        await page.getByLabel('Passwort').fill(server.demo.password)
        await Promise.all([page.waitForURL('**/sessions'), page.getByRole('button', { name: 'Anmelden' }).click()])
        assert.match(await words(person), /Meine Sitzungen Angemeldet als demo \(admin\)\./)
        assert.match(
          await words(person),
          /Headless Chrome unter Linux, gerade eben mit Passwort angemeldet, jetzt aktiv\./,
        )
        await choose(person, { Darstellung: 'Wie das System' }, 'Übernehmen')
        assert.equal(page.url(), `${server.url}/sessions`)
        assert.equal(await colourOf(page), paper.light)
        await page.emulateMedia({ colorScheme: 'dark' })
        assert.equal(await colourOf(page), paper.dark)
        await page.getByRole('button', { name: 'Hier abmelden' }).click()
        await page.getByText('Abgemeldet.', { exact: true }).waitFor()
        assert.equal((await person.jar()).length, 2, 'the choice outlives the session')
        assertQuiet(person, server.url)
        await person.leave()
      })

    test('the pages speak the language of the browser, and refusals do too', async () => {
      const person = await arrive(browser(), { locale: 'de-CH' })
      await person.page.goto(server.url)
      assert.match(await words(person), /Anmelden .*danach genügt der Stempel/)
      await person.page.goto(`${server.url}/nothing`)
      assert.match(await words(person), /Hier ist nichts/)
      await person.leave()
    })

    test('what has just happened is said once: reloading, or a change of theme, does not say it again', async () => {
      const person = await arrive(browser())
      const { page } = person
      await signIn(person, server)
      assert.match(await words(person), /Welcome, demo/)
      assert.equal(page.url(), `${server.url}/`)
      await page.reload()
      assert.doesNotMatch(await words(person), /Welcome/)
      assert.equal(await page.locator('.stamp-landing').count(), 0)
      await page.getByRole('button', { name: 'Sign out here' }).click()
      await page.getByText('You are signed out.').waitFor()
      await choose(person, { Theme: 'Light' }, 'Apply')
      assert.equal(page.url(), `${server.url}/login`)
      assert.doesNotMatch(await words(person), /You are signed out/)
      assertQuiet(person, server.url)
      await person.leave()
    })

    test('who was signed out elsewhere is told why, once', async () => {
      const [laptop, phone] = [await arrive(browser()), await arrive(browser())]
      for (const person of [laptop, phone]) await comeSignedIn(person, server)
      await laptop.page.goto(server.url)
      await laptop.page.getByText('Sign out everywhere else…').click()
      await laptop.page.getByRole('button', { name: /^End the .*other session/ }).click()
      await laptop.page.getByText('Every other session is ended.').waitFor()
      const { page } = phone
      await page.goto(`${server.url}/sessions`)
      assert.equal(page.url(), `${server.url}/login?next=%2Fsessions`)
      assert.match(await wordsOf(page.getByRole('note')), /This session was ended elsewhere\./)
      await page.reload()
      assert.equal(await page.getByRole('note').count(), 0)
      await page.getByLabel('Password').fill(server.demo.password)
      await Promise.all([page.waitForURL('**/sessions'), page.keyboard.press('Enter')])
      assertQuiet(phone, server.url)
      for (const person of [laptop, phone]) await person.leave()
    })

    test('no page is wider than a small phone, in either language', async () => {
      for (const locale of ['en-GB', 'de-DE']) {
        const person = await arrive(browser(), { locale, viewport: { width: 320, height: 640 } })
        await comeSignedIn(person, server)
        for (const path of ['/', '/nothing', '/login']) {
          if (path === '/login') await person.context.clearCookies()
          await person.page.goto(server.url + path)
          const overflow = await person.page.evaluate('document.documentElement.scrollWidth - innerWidth')
          assert.equal(overflow, 0, `${locale} ${path}`)
        }
        await person.leave()
      }
    })
  })
}

/** With the keyboard alone: each list by its first letters, then the button. */
async function choose({ page }: Person, choices: Readonly<Record<string, string>>, button: string): Promise<void> {
  for (const [label, choice] of Object.entries(choices)) {
    const list = page.getByRole('combobox', { name: label })
    await list.focus()
    await page.keyboard.type(choice)
    assert.equal(await list.locator('option:checked').textContent(), choice)
  }
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/preferences')
  await page.getByRole('button', { name: button }).focus()
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
  assert.equal((await answered).status(), 303)
}

function colourOf(page: Page): Promise<string> {
  return page.evaluate('getComputedStyle(document.body).backgroundColor')
}
