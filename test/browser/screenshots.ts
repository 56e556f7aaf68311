// Pictures of every page and state for people to look at: node test/browser/screenshots.ts FOLDER
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import type { Reason } from '../../src/base/reasons.ts'
import { problem } from '../../src/http/problem.ts'
import { assets } from '../../src/server/pages/assets.ts'
import { problemPage } from '../../src/server/problem-page.ts'
import { pagesFor, readerOf } from '../server/pages/states.ts'
import { findChromium, launch } from '../support/browser.ts'

const sizes = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desk', viewport: { width: 1280, height: 800 } },
]
const schemes = ['light', 'dark'] as const

const refusals: readonly Reason[] = [
  'cross_site',
  'anonymous',
  'not_found',
  'store_unavailable',
  'not_stored',
  'malformed_body',
]
const languages = ['en', 'de'] as const

/** By language and name. */
const shown: ReadonlyMap<string, string> = new Map(
  languages.flatMap((language) => {
    const reader = readerOf(language)
    const refused = refusals.map((reason) => [`refused ${reason}`, problemPage(problem(reason), reason, reader).body])
    return [...Object.entries(pagesFor(reader)), ...refused].map(([name, page]) => [
      `${language} ${name}`,
      page as string,
    ])
  }),
)

const [folder] = process.argv.slice(2)
const executable = findChromium()
if (folder === undefined || executable === null) {
  console.error(
    folder === undefined ? 'Say where to: node test/browser/screenshots.ts FOLDER' : 'apt-get install chromium',
  )
  process.exit(2)
}
mkdirSync(folder, { recursive: true })

/** `?page=NAME`: the same markup, style and script that the server sends. */
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const asset = assets.find(({ path }) => path === url.pathname)
  const html = shown.get(url.searchParams.get('page') ?? '')
  response.writeHead(asset === undefined && html === undefined ? 404 : 200, {
    'Content-Type': asset?.contentType ?? 'text/html; charset=utf-8',
  })
  response.end(asset?.body ?? html)
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as AddressInfo

const browser = await launch(executable)
let count = 0
for (const scheme of schemes) for (const size of sizes) count += await photograph(browser, scheme, size)
await browser.close()
server.close()
console.log(`${count} pictures in ${folder}`)

async function photograph(
  browser: Browser,
  colorScheme: (typeof schemes)[number],
  { name: size, viewport }: (typeof sizes)[number],
): Promise<number> {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', locale: 'en-GB' })
  const page = await context.newPage()
  let taken = 0
  const take = async (name: string, fullPage = true): Promise<void> => {
    const file = `${name.replaceAll(/[^a-z0-9]+/g, '-')}.${size}.${colorScheme}.png`
    await page.screenshot({ path: join(folder as string, file), fullPage })
    taken++
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    if (Number(overflow) > 0) console.error(`${file} is ${overflow} px too wide`)
  }
  for (const name of shown.keys()) {
    await page.goto(`http://localhost:${port}/?page=${encodeURIComponent(name)}`)
    await take(name, !name.includes('sessions, hundred'))
  }
  for (const language of languages) {
    await page.goto(`http://localhost:${port}/?page=${encodeURIComponent(`${language} sessions, two`)}`)
    for (const [index, summary] of (await page.locator('summary').all()).entries()) {
      await summary.click()
      await take(`${language} sessions, asked ${index + 1}`)
    }
    for (const name of ['login, first visit', 'sessions, two']) {
      await page.goto(`http://localhost:${port}/?page=${encodeURIComponent(`${language} ${name}`)}`)
      for (const step of [1, 2, 3, 4, 5, 6, 7, 8]) {
        await page.keyboard.press('Tab')
        await take(`${language} focus ${name} ${step}`)
      }
    }
  }
  await context.close()
  return taken
}
