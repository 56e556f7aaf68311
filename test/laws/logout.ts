import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TokenAnswer } from '../../src/engine/issue.ts'
import { startServerProcess } from '../support/server-process.ts'
import { type Answer, type Asked, type Client, connect, jarOf, onlyCookie, sessionCookie } from './client.ts'

/** How a session is ended. */
export const endings = ['logout', 'end all'] as const
export type Ending = (typeof endings)[number]

/** Copies of what the client had, each tried as it would be used. */
export const copies = ['cookie pair', 'session cookie alone', 'access token', 'refresh token'] as const
export type Copy = (typeof copies)[number]

export interface LogoutResult {
  /** Requests with a copy, sent after the end was acknowledged. */
  readonly tried: Readonly<Record<Ending, Readonly<Record<Copy, number>>>>
  readonly accepted: number
  /** By status: everything that a copy was answered. */
  readonly statuses: Readonly<Record<string, number>>
  readonly firstAccepted: string | null
  readonly servers: number
}

export interface LogoutOptions {
  /** Tries of each copy after each kind of ending, over both servers. */
  readonly tries: number
  /** Sessions that are ended to get there, for each kind. */
  readonly rounds: number
  readonly progress?: (sentence: string) => void
}

/**
 * Two server processes on one data folder. Each round signs in with cookies and with tokens, has both servers accept every copy, ends the sessions at one of them, and
 * then tries the copies at both: the first ones are on their way as soon as the end is acknowledged.
 */
export async function logoutLaw({ tries, rounds, progress = () => {} }: LogoutOptions): Promise<LogoutResult> {
  const data = mkdtempSync(join(tmpdir(), 'handstamp-logout-'))
  const first = await startServerProcess(data)
  const second = await startServerProcess(data).catch(async (error) => {
    await first.kill()
    throw error
  })
  const clients = [first, second].map(({ url }) => connect(url))
  const tally = createTally()
  try {
    const perRound = Math.ceil(tries / rounds / clients.length)
    for (const ending of endings) {
      for (let round = 0; round < rounds; round++) {
        const held = await signIn(clients, first.demo)
        await expectAccepted(clients, held)
        await end(clients[round % clients.length] as Client, held, ending)
        await tryCopies(clients, held, perRound, (copy, answer) => tally.note(ending, copy, answer))
        progress(`${ending}: ${round + 1} of ${rounds} rounds`)
      }
    }
  } finally {
    for (const client of clients) client.close()
    await Promise.all([first.stop(), second.stop()])
    rmSync(data, { recursive: true, force: true })
  }
  return { ...tally.result(), servers: clients.length }
}

interface Held {
  readonly jar: string
  readonly tokens: TokenAnswer
}

async function signIn(clients: readonly Client[], demo: Readonly<Record<string, string>> | null): Promise<Held> {
  if (demo === null) throw new Error('there is no demo account')
  const [client] = clients as [Client]
  const login = (present: string): Promise<Answer> => client.ask('POST', '/login', { form: { ...demo, present } })
  const [cookies, tokens] = await Promise.all([login('cookie'), login('token')])
  return { jar: jarOf(cookies), tokens: JSON.parse(tokens.body) as TokenAnswer }
}

/** How each copy is used. The refresh token only after the end: before, it would be renewed. */
function request({ jar, tokens }: Held, copy: Copy): readonly [method: string, path: string, asked: Asked] {
  switch (copy) {
    case 'cookie pair':
      return ['GET', '/session', { cookie: jar }]
    case 'session cookie alone':
      return ['GET', '/session', { cookie: onlyCookie(jar, sessionCookie) }]
    case 'access token':
      return ['GET', '/session', { bearer: tokens.access_token }]
    case 'refresh token': {
      const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
      return ['POST', '/token', { form }]
    }
  }
}

/** So that both servers have seen and cached what will have to be refused. */
async function expectAccepted(clients: readonly Client[], held: Held): Promise<void> {
  for (const client of clients) {
    for (const copy of copies) {
      const { status, body } = await client.ask(...request(held, copy))
      if (status !== 200) throw new Error(`before the end, a ${copy} is answered ${status}: ${body}`)
    }
  }
}

async function end(client: Client, { jar, tokens }: Held, ending: Ending): Promise<void> {
  const answers =
    ending === 'logout'
      ? await Promise.all([
          client.ask('POST', '/logout', { cookie: jar }),
          client.ask('POST', '/logout', { bearer: tokens.access_token }),
        ])
      : [await client.ask('DELETE', '/sessions?scope=all', { cookie: jar })]
  for (const { status, body } of answers)
    if (status !== 204) throw new Error(`${ending} was answered ${status}: ${body}`)
}

const atOnce = 16

async function tryCopies(
  clients: readonly Client[],
  held: Held,
  times: number,
  note: (copy: Copy, answer: Answer) => void,
): Promise<void> {
  const wanted = clients.flatMap((client) =>
    copies.flatMap((copy) => Array.from({ length: times }, () => ({ client, copy }))),
  )
  // Kinds and servers mixed, so that each is among the first.
  const mixed = wanted.map((one, index) => ({ one, at: index % times })).sort((a, b) => a.at - b.at)
  const queue = mixed.map(({ one }) => one).reverse()
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop())
      note(next.copy, await next.client.ask(...request(held, next.copy)))
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** Refused is refused for good; anything else, a 5xx as well, would not be an answer. */
const refusals: Readonly<Record<Copy, number>> = {
  'cookie pair': 401,
  'session cookie alone': 401,
  'access token': 401,
  'refresh token': 400,
}

function createTally() {
  const tried = Object.fromEntries(
    endings.map((ending) => [ending, Object.fromEntries(copies.map((copy) => [copy, 0]))]),
  ) as {
    [ending in Ending]: { [copy in Copy]: number }
  }
  const statuses: Record<string, number> = {}
  let accepted = 0
  let firstAccepted: string | null = null
  return {
    note: (ending: Ending, copy: Copy, { status, body }: Answer): void => {
      tried[ending][copy] += 1
      statuses[status] = (statuses[status] ?? 0) + 1
      if (status === refusals[copy]) return
      accepted += 1
      firstAccepted ??= `after ${ending} a ${copy} was answered ${status}: ${body}`
    },
    result: () => ({ tried, accepted, statuses, firstAccepted }),
  }
}
