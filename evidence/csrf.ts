import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { type Attacker, attack } from '../test/browser/attacker.ts'
import {
  type Attack,
  attacks,
  createVictim,
  type Outcome,
  type Place,
  places,
  type Victim,
} from '../test/browser/csrf-attacks.ts'
import { type Blueprint, type DeedName, handstampApp, openTarget, type Target } from '../test/browser/csrf-target.ts'
import { csrfDoors } from '../test/requirements/csrf-doors.ts'
import { everySource, type MatrixFinding, runMatrix } from '../test/requirements/csrf-matrix.ts'
import { findChromium, launch } from '../test/support/browser.ts'
import type { Figure } from './figure.ts'

type Progress = (line: string) => void

export const csrf: Figure = {
  name: 'csrf',
  shows:
    'requests that others have started: the matrix at every door, and real pages in Chromium beside express-session and Better Auth',
  run: async (progress) => {
    const matrix: MatrixFinding[] = []
    for (const door of csrfDoors) {
      progress(`matrix: ${door}`)
      matrix.push(await runMatrix(door, everySource))
    }
    const pages = await comparePages(progress)
    const ours = pages?.applications.find(({ name }) => name === 'Handstamp') ?? null
    const held = matrix.every(
      ({ changes, notRefused, wronglyRefused }) => changes.length + notRefused.length + wronglyRefused.length === 0,
    )
    const forbidden = matrix.reduce((sum, one) => sum + one.forbidden, 0)
    return {
      n: forbidden + (ours?.tried ?? 0),
      passed: held && ours !== null && ours.changes === 0 && ours.delivered > 0,
      result: { matrix, pages },
    }
  },
}

const password = 'correct horse battery staple'

/** What Handstamp is compared with, as their documentation shows them: see bench/csrf. */
const peers = [
  {
    package: 'express-session',
    file: 'express-session.ts',
    make: 'expressSessionApp',
    blueprint: { ...handstampApp, name: 'express-session' },
  },
  {
    package: 'better-auth',
    file: 'better-auth.ts',
    make: 'betterAuthApp',
    blueprint: {
      name: 'Better Auth',
      deeds: {
        ...handstampApp.deeds,
        login: { path: '/api/auth/sign-in/email', fields: { email: 'mallory@example.com', password } },
        logout: { path: '/api/auth/sign-out', fields: {} },
      },
      victim: { email: 'ada@example.com', password },
    },
  },
] as const

/** How the comparison is to be read. */
const notes = [
  'All over plain http under names of localhost, which Chromium treats as secure. express-session sets no SameSite and Better Auth sets Lax, as their documentation shows them.',
  'express-session leaves CSRF to other packages and says nothing else. Its README logs out by GET; here it is POST, as in the others.',
  'Better Auth checks the origin at its own endpoints; the notes and sockets are routes of the application, which ask it who is signed in. Its logout by a cross-site form removes the cookie from the browser; the session itself lives on.',
  'same-site: a page of a sibling name, or on another port of the same name.',
] as const

interface Application {
  readonly name: string
  readonly version: string
  /** Attacks in the browser. */
  readonly tried: number
  /** Those whose request came to the application; the others were stopped by the browser. */
  readonly delivered: number
  /** Those that changed something. */
  readonly changes: number
  /** By deed and where the page stood. */
  readonly byDeed: Readonly<Record<string, number>>
  readonly bySite: Readonly<Record<string, number>>
  /** Cross-site ones that still changed something when the session cookie was older than two minutes, up to which Chromium sends a cookie without SameSite along with a cross-site POST. */
  readonly changesLater: number
  readonly list: readonly string[]
}

/** Null: there is no Chromium here. */
async function comparePages(progress: Progress) {
  const chromium = findChromium()
  if (chromium === null) {
    progress('no Chromium on PATH: the pages are left out')
    return null
  }
  const browser = await launch(chromium)
  const attacker = await attack()
  const applications: Application[] = []
  try {
    for (const { blueprint, version } of await blueprints(progress)) {
      const target = await openTarget(blueprint)
      progress(`pages against ${target.name}`)
      applications.push(await attackAll(browser, attacker, target, version, progress))
      await target.close()
    }
  } finally {
    await attacker.stop()
    await browser.close()
  }
  return { chromium: browser.version(), notes, places, attacks: attacks.map(({ name }) => name), applications }
}

async function blueprints(progress: Progress): Promise<readonly { blueprint: Blueprint; version: string }[]> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const bench = new URL('../bench/', import.meta.url)
  if (!peers.every((peer) => existsSync(new URL(`node_modules/${peer.package}`, bench)))) {
    progress('installing what Handstamp is compared with (npm ci --prefix bench)')
    execFileSync('npm', ['ci', '--prefix', bench.pathname, '--no-audit', '--no-fund'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  const others = peers.map(async (peer) => {
    const made = await import(new URL(`csrf/${peer.file}`, bench).href)
    const about = JSON.parse(readFileSync(new URL(`node_modules/${peer.package}/package.json`, bench), 'utf8'))
    return { blueprint: { ...peer.blueprint, make: made[peer.make] as Blueprint['make'] }, version: about.version }
  })
  return [{ blueprint: handstampApp, version }, ...(await Promise.all(others))]
}

interface Case {
  readonly attack: Attack
  readonly deed: DeedName
  readonly place: Place
}

function everyCase(): readonly Case[] {
  return places.flatMap((place) =>
    attacks.flatMap((attack) => {
      const deeds = attack.only === undefined ? (['login', 'logout', 'note'] as const) : [attack.only]
      return deeds.map((deed) => ({ attack, deed, place }))
    }),
  )
}

async function attackAll(
  browser: Browser,
  attacker: Attacker,
  target: Target,
  version: string,
  progress: Progress,
): Promise<Application> {
  const victim = await createVictim(browser, target)
  const outcomes: (Case & Outcome)[] = []
  for (const one of everyCase()) {
    // Anew for each, so that all of them meet a cookie of the same age.
    await victim.signIn()
    outcomes.push({ ...one, ...(await victim.fallFor(attacker, one.attack, one.deed, one.place)) })
  }
  await victim.leave()
  const changed = outcomes.filter(({ changed }) => changed)
  progress(`${target.name}: ${changed.length} of ${outcomes.length} changed something`)
  const across = changed.filter(({ place }) => place.site === 'cross-site')
  return {
    ...{ name: target.name, version, tried: outcomes.length },
    delivered: outcomes.filter(({ delivered }) => delivered).length,
    changes: changed.length,
    byDeed: countBy(changed, ({ deed }) => deed),
    bySite: countBy(changed, ({ place }) => place.site),
    changesLater: await attackLater(browser, attacker, target, across, progress),
    list: changed.map(({ attack, deed, place }) => `${deed}: ${attack.name}, from ${place.host} (${place.site})`),
  }
}

/** The same once more, each on a victim who has signed in more than two minutes before. */
async function attackLater(
  browser: Browser,
  attacker: Attacker,
  target: Target,
  cases: readonly Case[],
  progress: Progress,
): Promise<number> {
  if (cases.length === 0) return 0
  progress(`${target.name}: ${cases.length} cross-site ones again, after two minutes`)
  const victims: Victim[] = []
  for (const _ of cases) {
    const victim = await createVictim(browser, target)
    await victim.signIn()
    victims.push(victim)
  }
  await setTimeout(125_000)
  let changes = 0
  for (const [index, { attack, deed, place }] of cases.entries()) {
    const victim = victims[index] as Victim
    if ((await victim.fallFor(attacker, attack, deed, place)).changed) changes++
    await victim.leave()
  }
  return changes
}

function countBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1
  return counts
}
