import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handstamp } from '../src/http/auth.ts'
import type { Backend } from '../src/model/backend.ts'
import { memory } from '../src/stores/memory.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { type Door, doors, listen, raceApp } from '../test/laws/race-app.ts'
import { createHold, playScript, type ScriptResult } from '../test/laws/race-script.ts'
import { stories } from '../test/laws/race-stories.ts'
import { openWorld, secret, stores } from '../test/laws/race-world.ts'
import { playStory } from '../test/laws/races.ts'
import type { Figure } from './figure.ts'

const trials = 100
/** Random orders where there are millions. */
const sampled = 2_000

export const races: Figure = {
  name: 'races',
  shows:
    'a slow request beside a logout, two writers of one session: every order at the store, both doors, both stores; the same script on express-session',
  run: async (progress, seed) => {
    const orders: Record<string, Record<string, number>> = {}
    const broken: string[] = []
    const notes: Record<string, number> = {}
    let n = 0
    for (const { name, door, store, nodes } of worlds) {
      const folder = mkdtempSync(join(tmpdir(), 'handstamp-races-'))
      const world = await openWorld({ door, store, nodes, folder })
      const played: Record<string, number> = {}
      for (const story of stories) {
        const isVast = story.orders === 'millions' || (nodes > 1 && story.orders !== undefined)
        const found = await playStory(world, story, isVast ? { sample: { seed, trials: sampled } } : {})
        n += found.trials
        played[story.name] = found.trials
        for (const [what, count] of Object.entries(found.notes)) notes[what] = (notes[what] ?? 0) + count
        broken.push(...found.broken.map(({ what }) => `${name}, ${story.name}: ${what}`))
      }
      await world.close()
      rmSync(folder, { recursive: true, force: true })
      orders[name] = played
      progress(`${name}: ${n} orders so far`)
    }
    const beside: Record<string, ScriptResult | null> = {}
    for (const door of doors) {
      beside[`handstamp, ${door}, memory`] = await scriptOn(door, memory(), seed)
      const folder = mkdtempSync(join(tmpdir(), 'handstamp-races-'))
      beside[`handstamp, ${door}, sqlite`] = await scriptOn(door, sqlite({ path: join(folder, 'script.db') }), seed)
      rmSync(folder, { recursive: true, force: true })
    }
    const failed = Object.values(beside).filter((one) => one !== null && one.revived + one.lost > 0)
    beside['express-session, MemoryStore'] = await scriptOnExpressSession(seed, progress)
    return {
      n,
      passed: broken.length === 0 && failed.length === 0,
      result: { broken: broken.slice(0, 20), beside, notes, orders },
    }
  },
}

const worlds = [
  ...doors.flatMap((door) => stores.map((store) => ({ name: `${door}, ${store}`, door, store, nodes: 1 }))),
  ...stores.map((store) => ({ name: `node:http, ${store}, two nodes`, door: 'node:http' as const, store, nodes: 2 })),
]

async function scriptOn(door: Door, backend: Backend, seed: number): Promise<ScriptResult> {
  const hold = createHold()
  const auth = handstamp({ backend, secrets: secret })
  const { url, close } = await listen(raceApp(door, auth, hold.pause))
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
