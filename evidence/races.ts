import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handstamp } from '../src/http/auth.ts'
import { memory } from '../src/stores/memory.ts'
import { doors, listen, raceApp } from '../test/laws/race-app.ts'
import { createHold, playScript, type ScriptResult } from '../test/laws/race-script.ts'
import { stories } from '../test/laws/race-stories.ts'
import { openWorld, secret, stores } from '../test/laws/race-world.ts'
import { playStory } from '../test/laws/races.ts'
import type { Figure } from './figure.ts'

const trials = 100
/** Stories with millions of orders are sampled. */
const sampled = 2_000

export const races: Figure = {
  name: 'races',
  shows:
    'a slow request beside a logout, two writers of one session: every order at the store, both doors, both stores; the same script on express-session',
  run: async (progress, seed) => {
    const orders: Record<string, Record<string, number>> = {}
    const broken: string[] = []
    let n = 0
    for (const door of doors) {
      for (const store of stores) {
        const folder = mkdtempSync(join(tmpdir(), 'handstamp-races-'))
        const world = await openWorld({ door, store, folder })
        for (const story of stories) {
          const options = story.orders === undefined ? {} : { sample: { seed, trials: sampled } }
          const played = await playStory(world, story, options)
          n += played.trials
          orders[`${door}, ${store}`] = { ...orders[`${door}, ${store}`], [story.name]: played.trials }
          broken.push(...played.broken.map(({ what }) => `${door}, ${store}, ${story.name}: ${what}`))
        }
        await world.close()
        rmSync(folder, { recursive: true, force: true })
        progress(`${door}, ${store}: ${n} orders so far`)
      }
    }
    const beside = {
      handstamp: await scriptOnHandstamp(seed),
      'express-session': await scriptOnExpressSession(seed, progress),
    }
    const { revived, lost } = beside.handstamp
    return {
      n,
      passed: broken.length === 0 && revived === 0 && lost === 0,
      result: { broken: broken.slice(0, 20), beside, orders },
    }
  },
}

async function scriptOnHandstamp(seed: number): Promise<ScriptResult> {
  const hold = createHold()
  const auth = handstamp({ backend: memory(), secrets: secret })
  const { url, close } = await listen(raceApp('express', auth, hold.pause))
  try {
    return await playScript({ url, hold }, trials, seed)
  } finally {
    await close()
    await auth.close()
  }
}

/** null: its packages could not be installed here, so the column is left out. */
async function scriptOnExpressSession(seed: number, progress: (line: string) => void): Promise<ScriptResult | null> {
  const bench = new URL('../bench/', import.meta.url)
  if (!existsSync(new URL('node_modules/express-session', bench))) {
    progress('installing what Handstamp is compared with (npm ci --prefix bench)')
    try {
      execFileSync('npm', ['ci', '--prefix', bench.pathname, '--no-audit', '--no-fund'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    } catch {
      progress('that failed: express-session is left out')
      return null
    }
  }
  const { expressSessionApp } = await import(new URL('races/express-session.ts', bench).href)
  const hold = createHold()
  const { url, close } = await listen(expressSessionApp(hold.pause))
  try {
    return await playScript({ url, hold }, trials, seed)
  } finally {
    await close()
  }
}
