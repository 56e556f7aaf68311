import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { type Application, type Contestant, meBody, type World } from '../contestant.ts'

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
    missing: () => (spawnSync('redis-server', ['--version']).status === 0 ? null : 'redis-server is not installed'),
    start: startOnRedis,
  },
]

async function startOnRedis(world: World): Promise<Application> {
  const { RedisStore } = await import('connect-redis')
  const { createClient } = await import('redis')
  const portFile = join(world.folder, 'redis.port')
  const redis = world.role === 'begins' ? await startRedis(world.folder, portFile) : null
  const client = createClient({ url: `redis://127.0.0.1:${await readFile(portFile, 'utf8')}` })
  client.on('error', (error) => console.error(error))
  await client.connect()
  return startOn(new RedisStore({ client }) as unknown as Store, world, async () => {
    await client.close()
    if (redis !== null) await endRedis(redis)
  })
}

/** A Redis that writes nothing to a disk; it ends with this process at the latest. */
async function startRedis(folder: string, portFile: string): Promise<ChildProcess> {
  const port = await freePort()
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const redis = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => redis.kill('SIGKILL'))
  const ready = new Promise<'ready'>((resolve) => {
    let log = ''
    redis.stdout.on('data', (chunk: Buffer) => {
      log += log.length < 100_000 ? chunk.toString() : ''
      if (log.includes('Ready to accept connections')) resolve('ready')
    })
  })
  const first = await Promise.race([ready, once(redis, 'exit')])
  if (first !== 'ready') throw new Error('redis-server did not start')
  await writeFile(portFile, `${port}`)
  return redis
}

async function endRedis(redis: ChildProcess): Promise<void> {
  const ended = once(redis, 'exit')
  if (redis.kill('SIGKILL')) await ended
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
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
