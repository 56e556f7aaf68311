import type { Browser, BrowserContext } from 'playwright-core'
import { Fault } from '../base/fault.ts'
import { findChromium, flags } from './chromium.ts'
import { userAgentOf } from './recording.ts'
import type { Lane } from './transcript.ts'

/** Two people, each in front of a browser of their own. */
export interface Browsers {
  readonly victim: BrowserContext
  readonly attacker: BrowserContext
}

type Playwright = Pick<typeof import('playwright-core'), 'chromium'>

/** One for all runs of this process; the contexts, which share nothing, are made for each. */
let running: Promise<Browser> | null = null

/** Why attacks in a browser are left out here, and what to do; null where they can be carried out. */
export async function browserMissing(): Promise<string | null> {
  if ((await playwright()) === null) return 'playwright-core is not installed: npm install playwright-core'
  return findChromium() === null ? 'there is no Chromium on PATH: apt-get install chromium, or the like' : null
}

/** @param after told what to do when the run is over */
export async function openBrowsers(after: (end: () => Promise<void>) => void): Promise<Browsers> {
  const browser = await opened()
  const open = async (who: Lane): Promise<BrowserContext> => {
    const about = {
      viewport: { width: 800, height: 600 },
      reducedMotion: 'reduce',
      userAgent: userAgentOf(who),
    } as const
    const context = await browser.newContext(about)
    context.setDefaultTimeout(20_000)
    after(() => context.close())
    return context
  }
  return { victim: await open('victim'), attacker: await open('attacker') }
}

/** The one that runs, or another where it has ended or could not be started. */
function opened(): Promise<Browser> {
  running ??= launch()
  const own = running
  const forget = (): void => {
    if (running === own) running = null
  }
  own.then((browser) => browser.once('disconnected', forget), forget)
  return own
}

/** Ends the browser, if one was started. */
export async function closeBrowser(): Promise<void> {
  const browser = running
  running = null
  await browser?.then((one) => one.close()).catch(() => {})
}

async function launch(): Promise<Browser> {
  const library = await playwright()
  const executablePath = findChromium()
  if (library === null || executablePath === null)
    throw new Fault('invalid_option', `No browser can be started: ${await browserMissing()}.`)
  // Signals are for whoever runs this process: the browser is closed by `closeBrowser`.
  const quiet = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
  return library.chromium.launch({ executablePath, args: [...flags], ...quiet })
}

async function playwright(): Promise<Playwright | null> {
  try {
    return await import('playwright-core')
  } catch {
    return null
  }
}
