import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Asked, type Client, connect, jarOf, onlyCookie, sessionCookie } from './client.ts'
import { startServer } from './server-process.ts'

export interface LogoutResult {
  readonly tries: number
  readonly accepted: number
  /** How many copies were good on both servers before, so that their refusal means something. */
  readonly goodBefore: number
  readonly byKind: Readonly<Record<string, number>>
}

interface Copies {
  readonly jar: string
  readonly access: string
  readonly refresh: string
}

/**
 * Two server processes on one SQLite file: signs in, copies everything, logs out (or ends all) at one of them, and plays the copies against both at once.
 */
export async function logoutOnTwoServers(tries: number, rounds: number): Promise<LogoutResult> {
  const data = mkdtempSync(join(tmpdir(), 'handstamp-logout-'))
  const first = await startServer(data)
  const second = await startServer(data)
  const clients = [connect(first.url), connect(second.url)]
  const result = { tries: 0, accepted: 0, goodBefore: 0, byKind: {} as Record<string, number> }
  try {
    for (let round = 0; round < rounds; round++) {
      const at = clients[round % 2] as Client
      const login = { username: 'demo', password: first.demo?.password ?? '' }
      const copies = await signIn(at, login)
      for (const client of clients) result.goodBefore += await countGood(client, copies)
      await endIt(at, copies, round % 4 < 2)
      while (result.tries < Math.ceil((tries * (round + 1)) / rounds)) await replay(clients, copies, result)
    }
    return result
  } finally {
    for (const client of clients) client.close()
    await Promise.all([first.stop(), second.stop()])
    rmSync(data, { recursive: true, force: true })
  }
}

async function signIn(client: Client, login: Readonly<Record<string, string>>): Promise<Copies> {
  const cookies = await client.ask('POST', '/login', { form: login })
  const tokens = JSON.parse((await client.ask('POST', '/login', { form: { ...login, present: 'token' } })).body)
  return { jar: jarOf(cookies), access: tokens.access_token, refresh: tokens.refresh_token }
}

async function countGood(client: Client, { jar, access }: Copies): Promise<number> {
  const answers = [
    await client.ask('GET', '/session', { cookie: jar }),
    await client.ask('GET', '/session', { bearer: access }),
  ]
  return answers.filter(({ status }) => status === 200).length
}

/** Each of the two sessions logs out, or one of them ends all. */
async function endIt(client: Client, { jar, access }: Copies, all: boolean): Promise<void> {
  const asks = all
    ? [client.ask('DELETE', '/sessions?scope=all', { cookie: jar })]
    : [client.ask('POST', '/logout', { cookie: jar }), client.ask('POST', '/logout', { bearer: access })]
  for (const { status } of await Promise.all(asks))
    if (status !== 204) throw new Error(`logging out was answered ${status}`)
}

async function replay(
  clients: readonly Client[],
  copies: Copies,
  result: { tries: number; accepted: number; byKind: Record<string, number> },
): Promise<void> {
  const { jar, access, refresh } = copies
  const form = { grant_type: 'refresh_token', refresh_token: refresh }
  const asks: readonly (readonly [string, string, string, Asked])[] = [
    ['cookie pair', 'GET', '/session', { cookie: jar }],
    ['session cookie alone', 'GET', '/session', { cookie: onlyCookie(jar, sessionCookie) }],
    ['access token', 'GET', '/session', { bearer: access }],
    ['refresh token', 'POST', '/token', { form }],
  ]
  const sent = clients.flatMap((client) =>
    asks.map(async ([kind, method, path, asked]) => {
      const { status } = await client.ask(method, path, asked)
      result.tries++
      result.byKind[kind] = (result.byKind[kind] ?? 0) + 1
      if (status < 400) result.accepted++
      if (status >= 500) throw new Error(`${kind} was answered ${status}`)
    }),
  )
  await Promise.all(sent)
}
