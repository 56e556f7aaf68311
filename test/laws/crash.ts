import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { createAccounts } from '../../src/server/accounts.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { seededRandom } from '../support/random.ts'
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'
import { connect, jarOf, onlyCookie, sessionCookie } from './client.ts'

export interface CrashResult {
  readonly kills: number
  readonly sessions: number
  readonly logouts: number
  readonly sessionsLost: number
  readonly logoutsLost: number
}

interface Acknowledged {
  /** Both cookies: as long as the snapshot lasts, only the log can refuse it. */
  readonly jar: string
  /** `unknown`: the server was killed before it answered. */
  state: 'live' | 'out' | 'unknown'
}

const perUser = 90
const password = 'a password for the crash test'
const atOnce = 6

/**
 * Signs in over HTTP, logs every third one out again, and kills the server with SIGKILL at random points in between. Whatever was acknowledged must be true after the
 * last restart.
 */
export async function crashes(
  sessions: number,
  kills: number,
  seed: number,
  progress: (done: number) => void,
): Promise<CrashResult> {
  const data = mkdtempSync(join(tmpdir(), 'handstamp-crash-'))
  try {
    const users = await addUsers(data, Math.ceil(sessions / perUser))
    const dice = seededRandom(seed)
    const marks = Array.from({ length: kills - 1 }, () => 1 + dice.below(sessions - 1)).toSorted((a, b) => a - b)
    const all: Acknowledged[] = []
    for (const mark of [...marks, sessions]) {
      const server = await startServerProcess(data)
      await signInUntil(server, users, all, mark)
      await server.kill()
      progress(all.length)
    }
    return { kills: marks.length + 1, ...(await verify(data, all)) }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function addUsers(data: string, count: number): Promise<readonly string[]> {
  const backend = sqlite({ path: join(data, 'handstamp.db') })
  await backend.ready()
  const accounts = createAccounts(backend.documents, systemClock)
  const names = Array.from({ length: count }, (_, index) => `user-${index}`)
  for (const username of names) {
    const added = await accounts.add({ username, password })
    if (!added.ok) throw new Error(`no account: ${added.reason}`)
  }
  await backend.close()
  return names
}

/** Several at a time, until so many are acknowledged; the caller then kills the server while others are under way. */
async function signInUntil(
  server: ServerProcess,
  users: readonly string[],
  all: Acknowledged[],
  mark: number,
): Promise<void> {
  const client = connect(server.url)
  let reached = all.length >= mark
  const work = async (): Promise<void> => {
    while (!reached) {
      const username = users[all.length % users.length] as string
      const answer = await client.ask('POST', '/login', { form: { username, password } })
      if (answer.status !== 303) throw new Error(`signing in was answered ${answer.status}`)
      const mine: Acknowledged = { jar: jarOf(answer), state: 'live' }
      all.push(mine)
      const number = all.length
      if (number % 3 === 0) {
        mine.state = 'unknown'
        const { status } = await client.ask('POST', '/logout', { cookie: mine.jar })
        if (status === 204) mine.state = 'out'
      }
      if (number >= mark) reached = true
    }
  }
  const workers = Array.from({ length: atOnce }, work)
  // The first to reach the mark lets the caller kill; what the others have under way breaks off.
  await Promise.race(workers)
  for (const worker of workers) worker.catch(() => {})
}

async function verify(data: string, all: readonly Acknowledged[]): Promise<Omit<CrashResult, 'kills'>> {
  const server = await startServerProcess(data)
  const client = connect(server.url)
  const result = { sessions: 0, logouts: 0, sessionsLost: 0, logoutsLost: 0 }
  try {
    for (const { jar, state } of all) {
      // The session cookie alone asks the store.
      const pair = await client.ask('GET', '/session', { cookie: jar })
      const alone = await client.ask('GET', '/session', { cookie: onlyCookie(jar, sessionCookie) })
      const statuses = [pair.status, alone.status]
      if (state === 'live') {
        result.sessions++
        if (statuses.some((status) => status !== 200)) result.sessionsLost++
      } else if (state === 'out') {
        result.logouts++
        if (statuses.some((status) => status !== 401)) result.logoutsLost++
      }
    }
    return result
  } finally {
    client.close()
    await server.stop()
  }
}
