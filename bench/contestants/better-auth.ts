import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { BetterAuthOptions } from 'better-auth'
import type { Application, Contestant, World } from '../contestant.ts'
import { answerMe, answerStatus, queryOf } from './answers.ts'
import { engineMissing, openEngine } from './engines.ts'

/** What is used here of Better Auth. */
interface Auth {
  readonly api: {
    signUpEmail(asked: { body: SignUp; asResponse: true }): Promise<Response>
    signInEmail(asked: { body: SignUp; asResponse: true }): Promise<Response>
    signOut(asked: { headers: Headers; asResponse: true }): Promise<Response>
    getSession(asked: { headers: Headers }): Promise<{ readonly user: { readonly name: string } } | null>
  }
}

interface SignUp {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** A store, and how often it has been asked. */
interface Opened {
  readonly database: NonNullable<BetterAuthOptions['database']>
  readonly makeTables: (options: BetterAuthOptions) => Promise<void>
  readonly calls: () => number
  readonly close: () => void | Promise<void>
}

type Cache = 'no cache' | 'cookie cache'
type Method = (...given: readonly unknown[]) => unknown
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const password = 'correct horse battery staple'
const adapterMethods = ['create', 'findOne', 'findMany', 'count', 'update', 'updateMany', 'delete', 'deleteMany']

/** Better Auth with email and password, set up as its documentation says: two stores, each without and with the cookie cache. */
export const betterAuths: readonly Contestant[] = [
  contestant('Better Auth, memory', openMemory, 'no cache'),
  contestant('Better Auth, memory, cookie cache', openMemory, 'cookie cache'),
  contestant('Better Auth, SQLite', openSqlite, 'no cache'),
  contestant('Better Auth, SQLite, cookie cache', openSqlite, 'cookie cache'),
  { ...contestant('Better Auth, Postgres', openPostgres, 'no cache'), missing: () => engineMissing('Postgres') },
]

function contestant(name: string, open: (world: World) => Promise<Opened>, cache: Cache): Contestant {
  return {
    name,
    framework: 'node:http',
    carries: 'cookie',
    endsBy: cache === 'no cache' ? 'store: 7 days unused' : 'store: 7 days unused; cookie cache: 5 min',
    keepsData: false,
    start: async (world) => start(await open(world), world, cache),
  }
}

async function start(opened: Opened, world: World, cache: Cache): Promise<Application> {
  const { betterAuth } = await import('better-auth')
  const { fromNodeHeaders } = await import('better-auth/node')
  const options = optionsOf(opened.database, world, cache)
  if (world.role === 'begins') await opened.makeTables(options)
  const auth = betterAuth(options)
  const listener = createListener(auth as unknown as Auth, (request) => fromNodeHeaders(request.headers))
  return { listener, storeCalls: opened.calls, close: async () => opened.close() }
}

function optionsOf(database: Opened['database'], world: World, cache: Cache): BetterAuthOptions {
  return {
    baseURL: 'http://127.0.0.1',
    secret: world.secret,
    database,
    emailAndPassword: {
      enabled: true,
      // Nothing is hashed: how long that takes is measured by itself.
      password: { hash: async (plain) => plain, verify: async ({ hash, password: given }) => hash === given },
    },
    ...(cache === 'cookie cache' && { session: { cookieCache: { enabled: true, maxAge: world.lifetime } } }),
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  }
}

/**
 * Counts what is asked of the adapter, be it answered from one table or from two. A sign-up is a transaction, for which this adapter copies all tables twice:
 * ten thousand of them would take most of an hour, so they are done without one, as Better Auth itself does on adapters that know none.
 */
async function openMemory(): Promise<Opened> {
  const { memoryAdapter } = await import('better-auth/adapters/memory')
  const make = memoryAdapter({ user: [], session: [], account: [], verification: [] })
  let calls = 0
  const database = (options: BetterAuthOptions) => {
    const adapter = make(options)
    const methods = adapter as unknown as Record<string, Method>
    for (const name of adapterMethods) {
      const method = methods[name] as Method
      methods[name] = (...given) => {
        calls++
        return method(...given)
      }
    }
    adapter.transaction = (work) => work(adapter)
    return adapter
  }
  return { database, makeTables: async () => {}, calls: () => calls, close: () => {} }
}

/** Counts SQL statements. */
async function openSqlite({ folder }: World): Promise<Opened> {
  const { DatabaseSync } = await import('node:sqlite')
  // Two processes share the file, so one waits for the other, and writers do not stop readers.
  const database = new DatabaseSync(join(folder, 'better-auth.sqlite'), { timeout: 5000 })
  database.exec('PRAGMA journal_mode = WAL')
  const prepare = database.prepare.bind(database)
  let calls = 0
  database.prepare = (...given) => {
    calls++
    return prepare(...given)
  }
  return { database, makeTables: migrate, calls: () => calls, close: () => database.close() }
}

/** Counts SQL statements. */
async function openPostgres(world: World): Promise<Opened> {
  const { default: pg } = await import('pg')
  const engine = await openEngine('Postgres', world)
  const pool = new pg.Pool({ connectionString: engine.url })
  let calls = 0
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Method
    client.query = ((...given: readonly unknown[]) => {
      calls++
      return query(...given)
    }) as typeof client.query
  })
  const close = async (): Promise<void> => {
    await pool.end()
    await engine.close()
  }
  return { database: pool, makeTables: migrate, calls: () => calls, close }
}

async function migrate(options: BetterAuthOptions): Promise<void> {
  const { getMigrations } = await import('better-auth/db/migration')
  const { runMigrations } = await getMigrations(options)
  await runMigrations()
}

function createListener({ api }: Auth, headersOf: (request: IncomingMessage) => Headers): Handler {
  const logIn = createLogin(api)
  return async (request, response) => {
    const [path] = (request.url ?? '').split('?', 1)
    switch (path) {
      case '/me': {
        const session = await api.getSession({ headers: headersOf(request) })
        return session === null ? answerStatus(response, 401) : answerMe(response, session.user.name)
      }
      case '/login':
        return forward(await logIn(queryOf(request).get('user') ?? ''), response, 200)
      case '/logout':
        return forward(await api.signOut({ headers: headersOf(request), asResponse: true }), response, 204)
      default:
        return answerStatus(response, 404)
    }
  }
}

/** A user signs up at first sight, here or in another process on the same store, and signs in later. */
function createLogin(api: Auth['api']): (name: string) => Promise<Response> {
  const known = new Set<string>()
  return async (name) => {
    const body = { name, email: `${name}@example.com`, password }
    if (!known.has(name)) {
      const answer = await api.signUpEmail({ body, asResponse: true })
      known.add(name)
      if (answer.ok) return answer
    }
    return api.signInEmail({ body, asResponse: true })
  }
}

/** Answers with its cookies, and with its status where it failed. */
function forward(answer: Response, response: ServerResponse, status: number): void {
  response.setHeader('Set-Cookie', answer.headers.getSetCookie())
  answerStatus(response, answer.ok ? status : answer.status)
}
