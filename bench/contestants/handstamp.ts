import { join } from 'node:path'
import type { Backend } from '../../src/model/backend.ts'
import type { Application, Contestant, World } from '../contestant.ts'
import { meBody } from '../contestant.ts'
import { startNode } from '../processes.ts'
import { answerJson, answerMe, answerStatus, pathOf, queryOf } from './answers.ts'
import { engineMissing, openEngine } from './engines.ts'

type Present = 'cookie' | 'token'
type Store = 'memory' | 'SQLite' | 'Redis' | 'Postgres'
type Alg = 'ES256' | 'EdDSA' | 'HS256'

interface Setup {
  readonly present: Present
  readonly store: Store
  readonly alg?: Alg
  /** Another process on the same file makes a hundred commits a second. */
  readonly beside?: true
}

const setups: readonly Setup[] = [
  { present: 'cookie', store: 'memory' },
  { present: 'token', store: 'memory' },
  { present: 'token', store: 'memory', alg: 'EdDSA' },
  { present: 'token', store: 'memory', alg: 'HS256' },
  { present: 'cookie', store: 'SQLite' },
  { present: 'token', store: 'SQLite' },
  { present: 'cookie', store: 'SQLite', beside: true },
  { present: 'token', store: 'SQLite', beside: true },
  { present: 'cookie', store: 'Redis' },
  { present: 'token', store: 'Redis' },
  { present: 'cookie', store: 'Postgres' },
  { present: 'token', store: 'Postgres' },
]

const shared = { endsBy: 'snapshot: 5 min; session: 1 h unused, 24 h', keepsData: true } as const

/** Handstamp with no options but where sessions are kept, how they are presented, and secrets. */
export const handstampContestants: readonly Contestant[] = [
  ...setups.map(onHttp),
  ...setups
    .filter(({ alg, beside, store }) => alg === undefined && beside === undefined && !isFar(store))
    .map(onExpress),
]

/** Engines that many nodes share. */
function isFar(store: Store): store is 'Redis' | 'Postgres' {
  return store === 'Redis' || store === 'Postgres'
}

function nameOf({ present, store, alg, beside }: Setup): string {
  return `Handstamp ${present}${alg === undefined ? '' : ` ${alg}`}, ${store}${beside ? ', 100 commits/s' : ''}`
}

function onHttp(setup: Setup): Contestant {
  const start = (world: World): Promise<Application> => startHttp(setup, world)
  const missing = (): string | null => (isFar(setup.store) ? engineMissing(setup.store) : null)
  return { ...shared, name: nameOf(setup), framework: 'node:http', carries: setup.present, missing, start }
}

function onExpress(setup: Setup): Contestant {
  const start = (world: World): Promise<Application> => startExpress(setup, world)
  return { ...shared, name: `${nameOf(setup)}, Express`, framework: 'express', carries: setup.present, start }
}

async function startHttp(setup: Setup, world: World): Promise<Application> {
  const { requireSession, session } = await import('../../src/adapters/node.ts')
  const { auth, ...rest } = await open(setup, world)
  const me = requireSession()((request, response) => answerMe(response, request.session.user))
  const listener = session(auth)((request, response) => {
    const path = pathOf(request)
    return path === '/me' ? me(request, response) : others(path, request, response)
  })
  async function others(path: string, request, response): Promise<void> {
    const query = queryOf(request)
    switch (path) {
      case '/login':
        return answerJson(response, await request.session.login({ user: query.get('user') }))
      case '/logout':
        await request.session.logout()
        return answerStatus(response, 204)
      case '/slow':
        await world.hold()
        return answerStatus(response, await stored(request.session, query.get('key'), query.get('value')))
      case '/data':
        return answerJson(response, await dataOf(request.session, query.getAll('key')))
      default:
        return answerStatus(response, 404)
    }
  }
  return { listener, ...rest }
}

async function startExpress(setup: Setup, world: World): Promise<Application> {
  const { default: express } = await import('express')
  const { problems, requireSession, session } = await import('../../src/adapters/express.ts')
  const { auth, ...rest } = await open(setup, world)
  const app = express().use(session(auth))
  app.get('/me', requireSession(), (request, response) => {
    response.set('Content-Type', 'application/json').send(meBody(request.session.user))
  })
  app.post('/login', async (request, response) => {
    response.json(await request.session.login({ user: request.query.user }))
  })
  app.post('/logout', async (request, response) => {
    await request.session.logout()
    response.sendStatus(204)
  })
  app.post('/slow', async (request, response) => {
    await world.hold()
    response.sendStatus(await stored(request.session, request.query.key, request.query.value))
  })
  app.get('/data', async (request, response) => {
    response.json(await dataOf(request.session, [request.query.key].flat()))
  })
  app.use(problems())
  return { listener: app, ...rest }
}

/** What does not fit any more is refused and says so. */
async function stored(session, key, value): Promise<number> {
  try {
    await session.set(key, value)
    return 204
  } catch {
    return 401
  }
}

async function dataOf(session, keys: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const pairs = await Promise.all(keys.map(async (key) => [key, (await session.get(key)) ?? null]))
  return Object.fromEntries(pairs)
}

async function open({ present, store, alg, beside }: Setup, world: World) {
  const { handstamp } = await import('../../src/index.ts')
  const path = join(world.folder, 'sessions.db')
  const opened = isFar(store)
    ? await openFar(store, world)
    : { backend: await openNear(store, path), end: async () => {} }
  const counted = countCalls(opened.backend)
  const keys = alg === 'HS256' ? { alg, secrets: [`${world.secret}, for tokens`] } : { alg: alg ?? 'ES256' }
  const auth = handstamp({ secrets: world.secret, backend: counted.backend, present, keys })
  await auth.ready()
  const writer = beside ? startNode('contestants/sqlite-writer.ts', [path, world.secret], 1) : null
  const close = async (): Promise<void> => {
    writer?.kill('SIGKILL')
    await auth.close()
    await opened.end()
  }
  const measured = (isNow: boolean): void => void writer?.send(isNow)
  return { auth, storeCalls: counted.calls, measured, close }
}

async function openNear(store: Store, path: string): Promise<Backend> {
  const { memory } = await import('../../src/index.ts')
  const { sqlite } = await import('../../src/stores/sqlite.ts')
  return store === 'memory' ? memory() : sqlite({ path })
}

/** A Redis that keeps nothing, a Postgres that does not wait for its disk: it is the node that is measured. */
async function openFar(store: 'Redis' | 'Postgres', world: World) {
  const engine = await openEngine(store, world)
  if (store === 'Redis') {
    const [{ redis }, { createClient }] = await Promise.all([import('../../src/stores/redis.ts'), import('redis')])
    const client = createClient({ url: engine.url })
    const end = async (): Promise<void> => {
      client.destroy()
      await engine.close()
    }
    return { backend: redis({ client, durable: false }), end }
  }
  const [{ postgres }, { default: pg }] = await Promise.all([import('../../src/stores/postgres.ts'), import('pg')])
  const pool = new pg.Pool({ connectionString: engine.url })
  const end = async (): Promise<void> => {
    await pool.end()
    await engine.close()
  }
  return { backend: postgres({ pool }), end }
}

function countCalls(backend: Backend): { readonly backend: Backend; calls(): number } {
  let calls = 0
  const store = { ...backend.store }
  for (const [name, method] of Object.entries(backend.store)) {
    if (typeof method !== 'function') continue
    store[name] = (...given) => {
      calls++
      return method(...given)
    }
  }
  return { backend: { ...backend, store }, calls: () => calls }
}
