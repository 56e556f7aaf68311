import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { createAccounts } from '../src/server/accounts.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { seededRandom } from '../src/testing/random.ts'
import { startServerProcess } from '../test/support/server-process.ts'
import type { Figure } from './figure.ts'

/** Of each kind: names that there are, and names that there are not. */
const each = 1_000
/** Below it the two could be told apart by their times. */
const leastP = 0.01

interface Answered {
  readonly took: number
  readonly said: string
}

/** `POST /login` with a wrong password, over HTTP: whether its time, status or body tell which names there are. */
export const loginTiming: Figure = {
  name: 'login-timing',
  shows: 'failed sign-ins for names that there are and names that there are not: times, statuses and bodies (L4)',
  counts: 'measurements',
  run: async (progress, seed) => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-timing-'))
    const backend = sqlite({ path: join(folder, 'handstamp.db') })
    await backend.ready()
    const accounts = createAccounts(backend.documents, systemClock)
    for (let index = 0; index < each; index++)
      await accounts.add({ username: `known-${index}`, password: `a long password of ${index}` })
    await backend.close()
    progress(`${each} accounts`)
    const server = await startServerProcess(folder, ['--trusted-proxies', '127.0.0.1'])
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const random = seededRandom(seed)
    const names = Array.from({ length: each }, (_, index) => [`known-${index}`, `other-${index}`]).flat()
    for (let index = names.length - 1; index > 0; index--) {
      const other = random.below(index + 1)
      ;[names[index], names[other]] = [names[other] as string, names[index] as string]
    }
    const found: Record<'known' | 'other', Answered[]> = { known: [], other: [] }
    for (const [index, name] of ['warm-up', ...names].entries()) {
      const answered = await failTo(server.url, agent, name, `198.51.${index >> 8}.${index & 255}`)
      if (index > 0) found[name.startsWith('known') ? 'known' : 'other'].push(answered)
    }
    agent.destroy()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
    const said = new Set([...found.known, ...found.other].map((one) => one.said))
    const p = mannWhitney(timesOf(found.known), timesOf(found.other))
    const result = {
      'median for known, ms': medianOf(found.known),
      'median for unknown, ms': medianOf(found.other),
      p: Math.round(p * 1e4) / 1e4,
      'different answers': said.size,
      answer: [...said][0],
    }
    return { n: 2 * each, passed: p > leastP && said.size === 1, result }
  },
}

function failTo(url: string, agent: Agent, username: string, address: string): Promise<Answered> {
  const body = JSON.stringify({ username, password: 'not the password at all' })
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length, 'X-Forwarded-For': address }
  return new Promise((resolve, reject) => {
    const since = performance.now()
    const request = httpRequest(`${url}/login`, { agent, method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.once('end', () => resolve({ took: performance.now() - since, said: `${response.statusCode} ${text}` }))
    })
    request.once('error', reject).end(body)
  })
}

function timesOf(all: readonly Answered[]): readonly number[] {
  return all.map(({ took }) => took)
}

function medianOf(all: readonly Answered[]): number {
  return Math.round((timesOf(all).toSorted((a, b) => a - b)[all.length >> 1] ?? 0) * 100) / 100
}

/** Two-sided p of the Mann-Whitney U test, by its normal approximation, which is good for as many as these. */
function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map((value) => ({ value, of: 1 })), ...second.map((value) => ({ value, of: 2 }))]
  const ranks = all.toSorted((a, b) => a.value - b.value)
  const sum = ranks.reduce((total, { of }, index) => (of === 1 ? total + index + 1 : total), 0)
  const [n, m] = [first.length, second.length]
  const u = sum - (n * (n + 1)) / 2
  const z = (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12)
  return 2 * (1 - normal(Math.abs(z)))
}

/** The normal distribution, by Abramowitz and Stegun 26.2.17. */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const tail = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429]
  const sum = tail.reduce((total, factor, index) => total + factor * t ** (index + 1), 0)
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
}
