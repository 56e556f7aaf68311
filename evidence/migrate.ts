import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from 'redis'
import type { World } from '../bench/contestant.ts'
import { loadContestants, pick } from '../bench/field.ts'
import { requireSession, session, type WithSession } from '../src/adapters/node.ts'
import { handstamp, memory } from '../src/index.ts'
import { adopt, type BetterAuthRow, betterAuthSessions, expressSessions, type Source } from '../src/migrate/index.ts'
import type { Figure } from './figure.ts'

const users = 1_000
const secret = 'the secret of the application that moves here'

/** Both products as they are, with people signed in; then this one with their cookies. */
export const migrate: Figure = {
  name: 'migrate',
  shows:
    'an express-session application with live users in Redis and a Better Auth application on SQLite, moved here: who is signed out',
  run: async (progress) => {
    const fromExpress = await move('express-session, Redis', openExpress, progress)
    const fromBetterAuth = await move('Better Auth, SQLite', openBetterAuth, progress)
    const all = [fromExpress, fromBetterAuth]
    return {
      n: all.reduce((sum, { users: count }) => sum + count, 0),
      passed: all.every(({ signedOut, someoneElse, again }) => signedOut + someoneElse + again === 0),
      result: { 'express-session, Redis': fromExpress, 'Better Auth, SQLite': fromBetterAuth },
    }
  },
}

interface Old {
  readonly source: Source
  close(): Promise<void>
}

interface Moved {
  readonly users: number
  readonly signedOut: number
  readonly someoneElse: number
  /** Signed out at the second request, which comes with the new cookies. */
  readonly again: number
  /** Copies of old cookies that are still good here after all of that and a minute. */
  readonly oldCookies: number
}

async function move(
  name: string,
  open: (world: World) => Promise<Old>,
  progress: (line: string) => void,
): Promise<Moved> {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-move-'))
  const world: World = { secret, folder, hold: async () => {}, lifetime: 300, role: 'begins' }
  const product = pick(await loadContestants(), name)
  const application = await product.start(world)
  const old = await listen(createServer(application.listener as RequestListener))
  const cookies: string[] = []
  for (let index = 0; index < users; index++) {
    const answer = await fetch(`${old.url}/login?user=user-${index}`, { method: 'POST' })
    cookies.push(cookieOf(answer))
    if (index % 250 === 249) progress(`${name}: ${index + 1} signed in`)
  }
  old.server.close()
  const { source, close } = await open(world)
  try {
    return await judge(source, cookies)
  } finally {
    await close()
    await application.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function judge(source: Source, cookies: readonly string[]): Promise<Moved> {
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => now }
  const auth = handstamp({ secrets: secret, backend: memory({ clock }), clock })
  const me = requireSession()((request: WithSession<IncomingMessage>, response: ServerResponse) => {
    response.end(request.session.user)
  })
  const fresh = await listen(
    createServer(
      session(auth)(async (request, response) => {
        await adopt(request, [source])
        return me(request, response)
      }),
    ),
  )
  const counts = { signedOut: 0, someoneElse: 0, again: 0, oldCookies: 0 }
  const ask = (cookie: string): Promise<Response> => fetch(`${fresh.url}/`, { headers: { Cookie: cookie } })
  for (const [index, cookie] of cookies.entries()) {
    const first = await ask(cookie)
    if (first.status !== 200) counts.signedOut++
    else if ((await first.text()) !== `user-${index}`) counts.someoneElse++
    const second = await ask(cookieOf(first))
    if (second.status !== 200 || (await second.text()) !== `user-${index}`) counts.again++
  }
  now += 60_000
  for (const cookie of cookies) if ((await ask(cookie)).status === 200) counts.oldCookies++
  fresh.server.close()
  await auth.close()
  return { users: cookies.length, ...counts }
}

async function openExpress(world: World): Promise<Old> {
  // Where the old application has started it.
  const client = createClient({ url: readFileSync(join(world.folder, 'Redis.url'), 'utf8') })
  await client.connect()
  const source = expressSessions({
    secret,
    find: (sid) => client.get(`sess:${sid}`),
    user: ({ user }) => (typeof user === 'string' ? { user } : null),
  })
  return { source, close: async () => client.destroy() }
}

async function openBetterAuth({ folder }: World): Promise<Old> {
  const database = new DatabaseSync(join(folder, 'better-auth.sqlite'))
  const row = database.prepare('SELECT userId, expiresAt FROM session WHERE token = ?')
  const name = database.prepare('SELECT name FROM user WHERE id = ?')
  const source = betterAuthSessions({
    secret,
    find: async (token) => (row.get(token) as unknown as BetterAuthRow | undefined) ?? null,
    user: ({ userId }) => ({ user: String(name.get(userId)?.name) }),
  })
  return { source, close: async () => database.close() }
}

function cookieOf(answer: Response): string {
  const pairs = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
  return pairs.filter((pair) => !pair.endsWith('=')).join('; ')
}

async function listen(server: Server): Promise<{ readonly server: Server; readonly url: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
