import { after, before, describe, test } from 'node:test'
import { cookieAttacks } from './cookie-jar-attacks.ts'
import { cookieCases } from './cookie-jar-cases.ts'
import { type CookieWorld, openCookieWorld } from './cookie-jar-world.ts'

const amount = { seed: 20_260_101, compared: 60, tossed: 200 }

/** The jar of a real browser, over https under names of several sites: what it keeps, drops, cuts and sends, and what our server sees of it. */
export function cookieJarTests(): void {
  describe('the jar of a real browser', { concurrency: 1 }, () => {
    let world: CookieWorld
    before(async () => {
      world = await openCookieWorld()
    })
    after(() => world?.close())
    for (const { title, run } of [...cookieCases, ...cookieAttacks]) {
      test(title, async () => {
        await run(world, amount)
      })
    }
  })
}
