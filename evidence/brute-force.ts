import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { second } from '../src/base/clock.ts'
import { startServerProcess } from '../test/support/server-process.ts'
import type { Figure } from './figure.ts'

const addresses = Array.from({ length: 1_000 }, (_, index) => `198.51.${100 + (index >> 8)}.${index & 255}`)
const lasts = 60 * second
const atOnce = 64
/** Of an account, by strangers, in a minute: two bursts, and what comes back of either. */
const most = 10 + 10 + 1 + 1

/** `handstamp serve` under attack, over HTTP, with the clock of the machine. */
export const bruteForce: Figure = {
  name: 'brute-force',
  shows:
    'a minute of guesses at one account, at full speed from 1,000 addresses: how many are judged, and whether the owner still signs in',
  run: async (progress) => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-guess-'))
    const server = await startServerProcess(folder, ['--trusted-proxies', '127.0.0.1'])
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce + 4 })
    const { username, password } = server.demo as { username: string; password: string }
    const signIn = (address: string, guess: string): Promise<number> =>
      post(server.url, agent, address, username, guess)
    const owner = { known: [await signIn('203.0.113.9', password)], fresh: [] as number[] }
    const counts: Record<number, number> = {}
    const until = performance.now() + lasts
    let next = 0
    const attack = async (): Promise<void> => {
      while (performance.now() < until) {
        const status = await signIn(addresses[next++ % addresses.length] as string, 'a guess that is wrong')
        counts[status] = (counts[status] ?? 0) + 1
      }
    }
    const watch = async (): Promise<void> => {
      while (performance.now() < until) {
        await setTimeout(5 * second)
        owner.known.push(await signIn('203.0.113.9', password))
      }
    }
    await Promise.all([...Array.from({ length: atOnce }, attack), watch()])
    progress(`guesses: ${JSON.stringify(counts)}`)
    // From a place that is new, and not tried again from there: the lane of first tries has one in two minutes at the latest.
    const since = performance.now()
    for (let index = 0; owner.fresh.at(-1) !== 200 && index < 26; index++) {
      if (index > 0) await setTimeout(5 * second)
      owner.fresh.push(await signIn(`192.0.2.${index + 1}`, password))
    }
    const waited = Math.round((performance.now() - since) / second)
    agent.destroy()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
    const judged = counts[401] ?? 0
    const tried = Object.values(counts).reduce((sum, count) => sum + count, 0)
    const result = {
      tried,
      'tried in a second': Math.round(tried / (lasts / second)),
      judged,
      'refused with 429': counts[429] ?? 0,
      'anything else': tried - judged - (counts[429] ?? 0),
      'the owner, from a known place': `${owner.known.filter((status) => status === 200).length} of ${owner.known.length}`,
      'the owner, from a new place, after seconds': owner.fresh.at(-1) === 200 ? waited : null,
    }
    const passed =
      judged <= most &&
      result['anything else'] === 0 &&
      owner.known.every((status) => status === 200) &&
      owner.fresh.at(-1) === 200
    return { n: tried, passed, result }
  },
}

function post(url: string, agent: Agent, address: string, username: string, password: string): Promise<number> {
  const body = JSON.stringify({ username, password })
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'X-Forwarded-For': address,
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': new URL(url).host,
  }
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/login`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', reject).end(body)
  })
}
