import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { assets } from '../../src/server/pages/assets.ts'
import { pagesFor, readerOf } from '../server/pages/states.ts'
import { axe, lookedAt, violations } from './axe.ts'

/** What differs in kind; the rest are the same elements with other words. */
const names = [
  'login, first visit',
  'login, wrong password',
  'login, insecure',
  'sessions, just signed in',
  'sessions, of many devices',
  'sessions, ending and ended',
  'sessions, other accounts',
  'sessions, bound',
  'password, reported',
  'step-up, too many',
  'advisor',
  'failure 503',
]

const pages = pagesFor(readerOf('en'))

/** Every page as axe-core sees it, on a phone by day and at a desk by night. */
export function accessibilityTests(browser: () => Browser): void {
  describe('axe-core', () => {
    let server: Server
    before(async () => {
      server = createServer((request, response) => {
        const url = new URL(request.url ?? '/', 'http://localhost')
        const asset = assets.find(({ path }) => path === url.pathname)
        response.setHeader('Content-Type', asset?.contentType ?? 'text/html; charset=utf-8')
        response.end(asset?.body ?? pages[url.searchParams.get('page') ?? ''])
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    })
    after(() => server?.close())

    for (const { colorScheme, viewport, rules } of lookedAt)
      test(`finds nothing serious: ${colorScheme}, ${viewport.width} wide`, async () => {
        const context = await browser().newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
        await context.addInitScript(axe)
        const page = await context.newPage()
        const { port } = server.address() as AddressInfo
        const found: string[] = []
        for (const name of names) {
          assert.ok(pages[name] !== undefined, name)
          await page.goto(`http://localhost:${port}/?page=${encodeURIComponent(name)}`)
          found.push(...(await violations(page, name, rules)))
        }
        assert.deepEqual(found, [])
        await context.close()
      })
  })
}
