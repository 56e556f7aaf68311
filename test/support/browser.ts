import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findChromium, findWholeChromium, flags } from '../../src/lab/chromium.ts'

export { findChromium, findWholeChromium, flags }

/**
 * Declares suites that need Chromium, three at a time, with one browser for all of them. Where there is none they are skipped in one line, or fail in CI
 * (HANDSTAMP_REQUIRE_ALL=1).
 */
export function inChromium(title: string, declare: (browser: () => Browser) => void): void {
  const executable = findChromium()
  const missing = 'no Chromium on PATH to run them: apt-get install chromium'
  if (executable === null && process.env.HANDSTAMP_REQUIRE_ALL === '1') {
    test(title, () => assert.fail(missing))
    return
  }
  describe(title, { skip: executable === null ? missing : false, concurrency: 3 }, () => {
    let browser: Browser
    before(async () => {
      browser = await launch(executable as string)
    })
    after(() => browser?.close())
    declare(() => browser)
  })
}

/** In a new empty profile, removed when the browser is closed. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...flags] })
}

/** A browser of its own that keeps its cookies in this folder; closed when the person leaves. */
export async function launchWithProfile(folder: string): Promise<Person> {
  const executablePath = findWholeChromium() as string
  return watch(await chromium.launchPersistentContext(folder, { executablePath, args: [...flags], locale: 'en-GB' }))
}

/** Somebody in front of a browser of their own: nothing is shared but the program. */
export interface Person {
  readonly context: BrowserContext
  readonly page: Page
  /** What the console and the pages complained about. */
  readonly complaints: readonly string[]
  /** Every host, with its port, that was asked for anything. */
  readonly hosts: ReadonlySet<string>
  /** The cookies that the browser holds, in the order of their names. */
  jar(): Promise<readonly HeldCookie[]>
  leave(): Promise<void>
}

export type HeldCookie = Awaited<ReturnType<BrowserContext['cookies']>>[number]

const viewport = { width: 800, height: 600 }

export async function arrive(browser: Browser, options: BrowserContextOptions = {}): Promise<Person> {
  return watch(await browser.newContext({ locale: 'en-GB', viewport, reducedMotion: 'reduce', ...options }))
}

export async function watch(context: BrowserContext): Promise<Person> {
  context.setDefaultTimeout(20_000)
  const complaints: string[] = []
  const hosts = new Set<string>()
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('request', (request) => hosts.add(new URL(request.url()).host))
  const page = context.pages()[0] ?? (await context.newPage())
  return {
    context,
    page,
    complaints,
    hosts,
    jar: async () => (await context.cookies()).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    leave: () => context.close(),
  }
}

/** The Cookie header that somebody would send who has copied these. */
export function copyOf(jar: readonly HeldCookie[]): string {
  return jar.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** Asks again and again until the condition holds. @throws after 30 s */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const patience = AbortSignal.timeout(30_000)
  while (!(await condition())) await setTimeout(20, undefined, { signal: patience })
}
