import { Agent, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { day, minute } from '../src/base/clock.ts'
import { randomText } from '../src/crypto/random.ts'
import type { Backend } from '../src/model/backend.ts'
import { makeSid, partitionOfUser } from '../src/model/partition.ts'
import type { SessionRecord } from '../src/model/session.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { newRecord } from '../src/testing/contract/race-record.ts'
import { type ServerProcess, serve } from '../test/browser/server-process.ts'
import { arrive, findChromium, launch } from '../test/support/browser.ts'
import type { Figure } from './figure.ts'
import { withSharedEngines } from './shared-engines.ts'

const sessions = 100_000
const perSecond = 1_000
const streamFor = 20
const secret = 'Ad9-admin-Wq3Zx7Kc1Vb5Nm8Lj2Hg6Fd'

const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36',
  'okhttp/4.12',
]

/** Two for each of 50,000 users, from 25,000 addresses. */
function sessionOf(index: number, partitions: number): SessionRecord {
  const user = `user-${index >> 1}`
  const record = newRecord(makeSid(partitionOfUser(user, partitions), randomText(16)), user)
  const { createdAt } = record
  const seenAt = createdAt - (index % 40) * minute
  return {
    ...record,
    seenAt,
    createdAt: seenAt,
    endsAt: createdAt + day,
    idle: day,
    claims: { preferred_username: `person ${index >> 1}` },
    device: {
      agent: agents[index % agents.length] ?? '',
      address: `10.${index >> 16}.${(index >> 8) & 255}.${(index >> 2) & 255}`,
    },
  }
}

async function fill({ store }: Backend): Promise<void> {
  let made = 0
  const flow = async (): Promise<void> => {
    while (made < sessions) await store.insert(sessionOf(made++, store.partitions), new Map())
  }
  await Promise.all(Array.from({ length: 50 }, flow))
}

/** `handstamp serve` on that engine with all those sessions, and the console in Chromium. */
async function tried(name: string, env: Readonly<Record<string, string>>, open: (data: string) => Backend) {
  const server = await serve({ ...env, HANDSTAMP_ADMIN_SECRET: secret, HANDSTAMP_LOG_LEVEL: 'silent' })
  const backend = open(server.data)
  const browser = await launch(findChromium() as string)
  try {
    await backend.ready()
    await fill(backend)
    const person = await arrive(browser)
    const { page } = person
    await enter(page, server)
    const result = {
      ...(await painted(page, server)),
      ...(await searched(page)),
      stream: await streamed(page, server),
    }
    return { name, result, complaints: person.complaints.length }
  } finally {
    await browser.close()
    await backend.close()
    await server.remove()
  }
}

async function enter(page: Page, { url, demo }: ServerProcess): Promise<void> {
  await page.goto(`${url}/console`)
  await page.fill('#username', demo.username)
  await page.fill('#password', demo.password)
  await page.keyboard.press('Enter')
  await page.fill('#secret', secret)
  await page.keyboard.press('Enter')
  await page.locator('nav.views').waitFor()
}

/** A visit anew, to the first paint, and until all sessions are counted. */
async function painted(page: Page, { url }: ServerProcess): Promise<Record<string, number>> {
  await page.goto('about:blank')
  const since = performance.now()
  await page.goto(`${url}/console`)
  await page.getByText('100,001', { exact: true }).waitFor({ timeout: 120_000 })
  const counted = Math.round(performance.now() - since)
  const paint = (await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)) as number
  return { 'first paint, ms': Math.round(paint), 'all counted after, ms': counted }
}

/** From Enter to what is said of the result. */
async function searched(page: Page): Promise<Record<string, number>> {
  await page.click('nav.views a[href="#sessions"]')
  await page
    .getByText(/^The first \d+ sessions/)
    .first()
    .waitFor()
  const took = async (words: string, result: RegExp): Promise<number> => {
    await page.fill('#q', words)
    const since = performance.now()
    await page.keyboard.press('Enter')
    await page.getByText(result).first().waitFor({ timeout: 120_000 })
    return Math.round(performance.now() - since)
  }
  return {
    'a user, first seen, ms': await took('user-31999', /^Searching.* 2 sessions found|^2 .*31999/),
    'a user by name, all looked at, ms': await took('person 31998', /^2 sessions fit “person 31998”.* that is all/),
    'a device, the first fifty, ms': await took(
      'firefox on linux',
      /^The first \d+ sessions that fit “firefox on linux”/,
    ),
    'a network, all looked at, ms': await took('10.0.77.64/29', /^\d+ sessions fit “10.0.77.64\/29”.* that is all/),
  }
}

/** Sign-ins a thousand times a second, refused for being too many: each is told. */
async function streamed(page: Page, server: ServerProcess): Promise<Record<string, number>> {
  await page.click('nav.views a[href="#live"]')
  await page.getByText(/^Connected\./).waitFor()
  await page.evaluate(`globalThis.gaps = []; let last = performance.now();
    const frame = (now) => { gaps.push(now - last); last = now; requestAnimationFrame(frame) }; requestAnimationFrame(frame)`)
  const sent = await load(server)
  await page.waitForTimeout(1500)
  const words = (await page.locator('#console > p.quiet').first().textContent()) ?? ''
  const gaps = ((await page.evaluate('gaps')) as number[]).toSorted((a, b) => a - b)
  const before = performance.now()
  await page.click('button:has-text("Pause")')
  const clicked = Math.round(performance.now() - before)
  return {
    'sent in a second': Math.round(sent / streamFor),
    sent,
    shown: Number(/([\d,]+) events/.exec(words)?.[1]?.replaceAll(',', '')),
    lost: Number(/([\d,]+) not sent/.exec(words)?.[1]?.replaceAll(',', '') ?? 0),
    'longest frame, ms': Math.round(gaps.at(-1) ?? 0),
    'frames, 99 of 100 within, ms': Math.round(gaps[Math.floor(gaps.length * 0.99)] ?? 0),
    'a click afterwards, ms': clicked,
  }
}

async function load({ url }: ServerProcess): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const body = new URLSearchParams({ username: 'somebody', password: 'a guess that is wrong' }).toString()
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length }
  const { port } = new URL(url)
  const post = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const options = { agent, host: '127.0.0.1', port, path: '/login', method: 'POST', headers }
      const request = httpRequest(options, (response) => response.resume().once('end', resolve))
      request.once('error', reject).end(body)
    })
  const since = performance.now()
  let sent = 0
  const flow = async (): Promise<void> => {
    while (performance.now() - since < streamFor * 1000) {
      const due = ((performance.now() - since) / 1000) * perSecond
      if (sent < due) {
        sent++
        await post()
      } else await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  await Promise.all(Array.from({ length: 16 }, flow))
  agent.destroy()
  return sent
}

export const consoleFigure: Figure = {
  name: 'console',
  shows: '100,000 sessions in the console: first paint, search, and the live stream under 1,000 events a second',
  counts: 'measurements',
  run: async (progress) => {
    const found: Awaited<ReturnType<typeof tried>>[] = []
    found.push(await tried('sqlite', {}, (data) => sqlite({ path: join(data, 'handstamp.db') })))
    progress(JSON.stringify(found.at(-1)))
    await withSharedEngines(async (engines) => {
      for (const { name, variable, node } of engines) {
        const own = node()
        found.push(await tried(name, { [variable[0]]: variable[1] }, () => own.backend))
        await own.close()
        progress(JSON.stringify(found.at(-1)))
      }
    })
    const passed = found.every(({ result, complaints }) => complaints === 0 && result.stream.lost === 0)
    return { n: sessions, passed, result: Object.fromEntries(found.map(({ name, result }) => [name, result])) }
  },
}
