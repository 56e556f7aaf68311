import { cookieAttacks } from '../test/browser/cookie-jar-attacks.ts'
import { cookieCases, type Facts } from '../test/browser/cookie-jar-cases.ts'
import { openCookieWorld } from '../test/browser/cookie-jar-world.ts'
import type { Figure } from './figure.ts'

const amount = { compared: 5000, tossed: 5000 }

export const cookies: Figure = {
  name: 'cookies',
  shows: 'what a real Chromium keeps, drops, cuts and sends of our cookies, and of what siblings throw at its jar',
  run: async (progress, seed) => {
    const world = await openCookieWorld()
    const chromium = world.browser.version()
    const facts: Record<string, Facts> = {}
    const broken: string[] = []
    try {
      for (const { title, run } of [...cookieCases, ...cookieAttacks]) {
        progress(title)
        try {
          facts[title] = await run(world, { seed, ...amount })
        } catch (error) {
          broken.push(`${title}: ${error}`)
        }
      }
    } finally {
      await world.close()
    }
    // Two laws, each on so many lines: none that we misjudge, none that changes a session.
    const n = Math.min(amount.compared, amount.tossed)
    return { n, passed: broken.length === 0, result: { chromium, ...amount, broken, facts } }
  },
}
