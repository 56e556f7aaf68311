import type { RequestListener } from 'node:http'
import { type Application, type Contestant, meBody, type World } from '../contestant.ts'
import { engineMissing, openEngine } from './engines.ts'

/** What is used here of these two packages, which have no types of their own. */
interface Asked {
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly session: Stored
}

interface Stored {
  [key: string]: unknown
  regenerate(done: () => void): void
  destroy(done: () => void): void
}

interface Answering {
  status(code: number): Answering
  set(name: string, value: string): Answering
  send(body: string): void
  sendStatus(code: number): void
  json(value: unknown): void
  end(): void
}

type Handler = (request: Asked, response: Answering) => void
type Method = (...given: readonly unknown[]) => unknown
type Store = Record<'get' | 'set' | 'touch' | 'destroy', Method>

/** The stores of express-session, set up as its README says. */
export const expressSessions: readonly Contestant[] = [
  {
    name: 'express-session, memory',
    framework: 'express',
    carries: 'cookie',
    endsBy: 'browser session',
    keepsData: true,
    start: async (world) => {
      const { default: session } = await import('express-session')
      return startOn(new session.MemoryStore(), world, async () => {})
    },
  },
  {
    name: 'express-session, Redis',
    framework: 'express',
    carries: 'cookie',
    endsBy: 'browser session; store: 1 day unused',
    keepsData: true,
    missing: () => engineMissing('Redis'),
    start: startOnRedis,
  },
]

async function startOnRedis(world: World): Promise<Application> {
  const { RedisStore } = await import('connect-redis')
  const { createClient } = await import('redis')
  const engine = await openEngine('Redis', world)
  const client = createClient({ url: engine.url })
  client.on('error', (error) => console.error(error))
  await client.connect()
  return startOn(new RedisStore({ client }) as unknown as Store, world, async () => {
    await client.close()
    await engine.close()
  })
}

async function startOn(store: Store, world: World, close: () => Promise<void>): Promise<Application> {
  const { default: express } = await import('express')
  const { default: session } = await import('express-session')
  let calls = 0
  countCalls(store, () => calls++)
  const app = express()
  app.use(session({ store, secret: world.secret, resave: false, saveUninitialized: false }))
  app.post('/login', logIn)
  app.get('/me', whoAmI)
  app.post('/logout', logOut)
  app.post('/slow', slowWrite(world.hold))
  app.get('/data', readData)
  return { listener: app as RequestListener, storeCalls: () => calls, close }
}

/** Its methods are replaced on the object itself, so that those which it calls by itself count too. */
function countCalls(store: Store, count: () => void): void {
  for (const name of ['get', 'set', 'touch', 'destroy'] as const) {
    const method = store[name].bind(store)
    store[name] = (...given) => {
      count()
      return method(...given)
    }
  }
}

const logIn: Handler = (request, response) => {
  request.session.regenerate(() => {
    request.session.user = request.query.user
    response.json({ user: request.query.user })
  })
}

const whoAmI: Handler = ({ session }, response) => {
  if (typeof session.user === 'string') response.set('Content-Type', 'application/json').send(meBody(session.user))
  else response.sendStatus(401)
}

const logOut: Handler = ({ session }, response) => {
  session.destroy(() => response.sendStatus(204))
}

function slowWrite(hold: World['hold']): Handler {
  return async ({ query, session }, response) => {
    await hold()
    session[String(query.key)] = query.value
    response.sendStatus(204)
  }
}

const readData: Handler = ({ query, session }, response) => {
  const keys = [query.key ?? []].flat()
  response.json(Object.fromEntries(keys.map((key) => [key, session[key] ?? null])))
}
