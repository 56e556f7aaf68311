import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Application, type Contestant, meBody, type World } from '../contestant.ts'

/** What is used here of both plugins, whose own types for `request.session` exclude each other. */
interface Asked {
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly session: Stored
}

interface Stored {
  get(key: string): unknown
  set(key: string, value: unknown): void
  /** Of @fastify/session. */
  regenerate(): Promise<void>
  /** Of @fastify/session. */
  destroy(): Promise<void>
  /** Of @fastify/secure-session. */
  delete(): void
}

/** How a plugin begins and ends a session. */
interface Ways {
  readonly begin: (session: Stored) => Promise<void>
  readonly end: (session: Stored) => Promise<void>
}

type Method = (...given: readonly unknown[]) => unknown
type Store = Record<'get' | 'set' | 'destroy', Method>

/** The two session plugins of Fastify, set up as their READMEs say. */
export const fastifySessions: readonly Contestant[] = [
  {
    name: '@fastify/session',
    framework: 'fastify',
    carries: 'cookie',
    endsBy: 'browser session',
    keepsData: true,
    start: startSession,
  },
  {
    name: '@fastify/secure-session',
    framework: 'fastify',
    carries: 'cookie',
    endsBy: 'cookie: 1 day',
    keepsData: true,
    start: startSecureSession,
  },
]

async function startSession(world: World): Promise<Application> {
  const { default: fastify } = await import('fastify')
  const { default: cookie } = await import('@fastify/cookie')
  const { default: session } = await import('@fastify/session')
  let calls = 0
  // The store of its own that it would make by itself.
  const store = new session.MemoryStore()
  countCalls(store as unknown as Store, () => calls++)
  const app = fastify()
  app.register(cookie)
  app.register(session, { secret: world.secret, store, saveUninitialized: false, cookie: { secure: false } })
  const ways: Ways = { begin: (session) => session.regenerate(), end: (session) => session.destroy() }
  return started(app, world, ways, () => calls)
}

async function startSecureSession(world: World): Promise<Application> {
  const { default: fastify } = await import('fastify')
  const { default: secureSession } = await import('@fastify/secure-session')
  const key = createHash('sha256').update(world.secret).digest()
  const app = fastify()
  app.register(secureSession, { key, cookie: { path: '/', secure: false } })
  const ways: Ways = { begin: async () => {}, end: async (session) => session.delete() }
  return started(app, world, ways, () => null)
}

function countCalls(store: Store, count: () => void): void {
  for (const name of ['get', 'set', 'destroy'] as const) {
    const method = store[name].bind(store)
    store[name] = (...given) => {
      count()
      return method(...given)
    }
  }
}

/** Its server is made by Fastify and listens when the bench tells it to. */
async function started(
  app: FastifyInstance,
  world: World,
  ways: Ways,
  storeCalls: Application['storeCalls'],
): Promise<Application> {
  addRoutes(app, world, ways)
  await app.ready()
  return { listener: app.server, storeCalls, close: () => app.close() }
}

function addRoutes(app: FastifyInstance, world: World, { begin, end }: Ways): void {
  const route = (
    method: 'GET' | 'POST',
    url: string,
    answer: (asked: Asked, reply: FastifyReply) => Promise<unknown>,
  ) => app.route({ method, url, handler: (request, reply) => answer(request as unknown as Asked, reply) })

  route('POST', '/login', async (request) => {
    await begin(request.session)
    request.session.set('user', request.query.user)
    return { user: request.query.user }
  })
  route('GET', '/me', async ({ session }, reply) => {
    const user = session.get('user')
    if (typeof user === 'string') return reply.type('application/json').send(meBody(user))
    return reply.code(401).send()
  })
  route('POST', '/logout', async ({ session }, reply) => {
    await end(session)
    return reply.code(204).send()
  })
  route('POST', '/slow', async ({ query, session }, reply) => {
    await world.hold()
    session.set(String(query.key), query.value)
    return reply.code(204).send()
  })
  route('GET', '/data', async ({ query, session }) => {
    const keys = [query.key ?? []].flat()
    return Object.fromEntries(keys.map((key) => [key, session.get(key) ?? null]))
  })
}
