import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import express from 'express'
import { sqlite } from 'handstamp/sqlite'
import * as atExpress from '../../src/adapters/express.ts'
import * as atNode from '../../src/adapters/node.ts'
import type { Auth, Backend, Guard, HandstampOptions, LoginOptions, RequestSession, SessionEvent } from '../../src/index.ts'
import { handstamp, memory } from '../../src/index.ts'
import { createApp, type Desk } from '../../src/server/app.ts'
import { type Answer, type Browser, createBrowser, createWire, type Wire } from './client.ts'
import { intercept } from './intercept.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

/** `node` and `express`: an application of the test; `server`: the assembled server. */
export type Door = 'node' | 'express' | 'server'
export type StoreName = 'memory' | 'sqlite'

export const doors: readonly Door[] = ['node', 'express']
export const stores: readonly StoreName[] = ['memory', 'sqlite']
export const secrets: readonly string[] = ['first-secret-0123456789-abcdefghijk', 'second-secret-0123456789-lmnopqrst']

export type Handler = (
  request: IncomingMessage & { readonly session: RequestSession },
  response: ServerResponse,
) => void | Promise<void>

/** By method and path, e.g. `GET /me`. A GET also answers HEAD. */
export type Routes = Readonly<Record<string, Handler | { readonly guard: Guard; readonly handle: Handler }>>

export interface AppOptions extends Partial<Omit<HandstampOptions, 'clock' | 'events'>> {
  readonly door?: Door
  readonly store?: StoreName
  readonly clock?: ManualClock
  /** Added to `commonRoutes`. */
  readonly routes?: Routes
  /** Express: mounted before the session. */
  readonly before?: readonly express.RequestHandler[]
  /** Secrets may appear in what the application says (it says so itself). */
  readonly leaky?: true
}

/** An application on a free loopback port, and everything that it has said so far. */
export interface App extends Wire {
  readonly door: Door
  readonly store: StoreName
  readonly clock: ManualClock
  readonly auth: Auth
  readonly backend: Backend
  readonly origin: string
  readonly port: number
  /** Where the token endpoints are mounted. */
  readonly at: string
  /** A route that needs a session and tells whose it is. */
  readonly guarded: string
  readonly events: readonly SessionEvent[]
  /** Operations of the backend so far, by name. */
  readonly operations: readonly string[]
  /** The arguments and answers of all of them: everything that the store was ever given or has ever told. */
  readonly dealings: readonly unknown[]
  /** The SQLite file. */
  readonly path: string
  /** A browser of its own, with nothing in its jar. */
  browser(): Browser
  /** Bytes as they are; gives back all that comes until the server closes. */
  raw(bytes: string): Promise<string>
  /** Another node on the same data. */
  node(options?: AppOptions): Promise<App>
  /** Stops this node; the data stays. */
  stop(): Promise<void>
}

/** Registers the test for both doors and both stores. */
export function everywhere(title: string, run: (app: App) => Promise<void>, options: AppOptions = {}): void {
  describe(title, () => {
    for (const door of doors)
      for (const store of stores) test(`${door}, ${store}`, () => withApp({ door, store, ...options }, run))
  })
}

/** Registers the test for both doors, on memory: for what no store has a part in. */
export function atBothDoors(title: string, run: (app: App) => Promise<void>, options: AppOptions = {}): void {
  describe(title, () => {
    for (const door of doors) test(door, () => withApp({ door, ...options }, run))
  })
}

/**
 * Runs an application for the time of `run`. In the end nothing that was issued to a client may stand in what was said to anybody (S4), but for Set-Cookie lines and the
 * answers of token endpoints.
 */
export async function withApp<T>(options: AppOptions, run: (app: App) => Promise<T>): Promise<T> {
  const house: House = { folder: mkdtempSync(join(tmpdir(), 'handstamp-app-')), apps: [], memory: null }
  try {
    const app = await startApp(house, options)
    const result = await run(app)
    if (options.leaky !== true) assert.deepEqual(house.apps.flatMap(leaksOf), [], 'S4 a secret was told')
    return result
  } finally {
    for (const app of house.apps) await app.stop()
    rmSync(house.folder, { recursive: true, force: true })
  }
}

interface House {
  readonly folder: string
  readonly apps: App[]
  memory: Backend | null
}

async function startApp(house: House, options: AppOptions): Promise<App> {
  const { door = 'node', store = 'memory', clock = manualClock(), routes = {}, before = [], leaky, ...rest } = options
  const path = join(house.folder, 'sessions.db')
  const events: SessionEvent[] = []
  const operations: string[] = []
  const dealings: unknown[] = []
  const inner = rest.backend ?? openStore(house, store, path, clock)
  const backend = intercept(inner, {
    call: async ({ name, args }, carryOut) => {
      operations.push(name)
      const answer = await carryOut(args)
      dealings.push({ name, args, answer })
      return answer
    },
  })
  const ofServer = door === 'server' ? serverOptions : {}
  const auth = handstamp({
    secrets: [secrets[0] as string],
    ...ofServer,
    ...rest,
    backend,
    clock,
    events: (event) => events.push(event),
  })
  await auth.ready()
  const server = createServer(listenerOf(door, auth, { ...commonRoutes, ...routes }, before))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const wire = createWire(port, clock, rest.insecureHttp === true)
  let running = true
  const stop = async (): Promise<void> => {
    if (!running) return
    running = false
    wire.close()
    await closeServer(server)
    await auth.close()
  }
  const place = { door, store, clock, auth, backend, port, path, events, operations, dealings, stop }
  const app: App = {
    ...wire,
    ...place,
    origin: `http://127.0.0.1:${port}`,
    at: door === 'server' ? '' : '/auth',
    guarded: door === 'server' ? '/session' : '/me',
    browser: () => createBrowser(wire, door === 'server' ? 'server' : 'application'),
    raw: (bytes) => sendRaw(port, bytes),
    node: (more = {}) => startApp(house, { ...options, clock, ...more }),
  }
  house.apps.push(app)
  return app
}

/** Nodes on memory share one backend, as nodes share a database. */
function openStore(house: House, store: StoreName, path: string, clock: ManualClock): Backend {
  if (store === 'sqlite') return sqlite({ path, clock })
  house.memory ??= memory({ clock })
  return house.memory
}

const serverOptions = { present: 'both', claims: { role: 'string', preferred_username: 'string' } } as const

export const password = 'correct horse battery staple'

/** Anybody who knows the password; `root` is an admin. */
const verify: Desk['verify'] = async ({ username, password: given }) =>
  given === password
    ? { ok: true, value: { user: username, ...(username === 'root' ? { role: 'admin' } : {}) } }
    : { ok: false, reason: 'wrong_login' }

function listenerOf(door: Door, auth: Auth, routes: Routes, before: readonly express.RequestHandler[]): RequestListener {
  if (door === 'server') {
    const server = createApp({ auth, verify, demo: null, presentDefault: 'cookie' })
    return server.listeners('request')[0] as RequestListener
  }
  return door === 'node' ? nodeListener(auth, routes) : expressListener(auth, routes, before)
}

function nodeListener(auth: Auth, routes: Routes): RequestListener {
  const endpoints = atNode.routes(auth, { at: '/auth' })
  return atNode.session(auth)(async (request, response) => {
    if (await endpoints(request, response)) return
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const route = routes[`${method} ${(request.url ?? '').split('?', 1)[0]}`]
    if (route === undefined) {
      response.writeHead(404).end()
      return
    }
    const handler = typeof route === 'function' ? route : atNode.requireSession(route.guard)(route.handle as never)
    await handler(request as never, response)
  })
}

function expressListener(auth: Auth, routes: Routes, before: readonly express.RequestHandler[]): RequestListener {
  const app = express()
  app.set('env', 'test')
  for (const handler of before) app.use(handler)
  app.use(atExpress.session(auth))
  app.use('/auth', atExpress.routes(auth))
  for (const [name, route] of Object.entries(routes)) {
    const [method, path] = name.split(' ') as [string, string]
    const guards = typeof route === 'function' ? [] : [atExpress.requireSession(route.guard)]
    const handle = typeof route === 'function' ? route : route.handle
    const add = app[method.toLowerCase() as 'get'].bind(app)
    add(path, ...guards, async (request, response) => handle(request as never, response))
  }
  app.use(atExpress.problems())
  return app
}

export function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(value ?? null))
}

export async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const body = await text(request)
  return body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)
}

export function whoOf(session: RequestSession): Record<string, unknown> {
  const { id, user, tenant, claims, level, authenticatedAt, endsAt, presentation } = session
  return { id, user, tenant, claims, level, authenticatedAt, endsAt, presentation }
}

/** What an application does with sessions, one route for each word of the interface. */
export const commonRoutes: Routes = {
  'GET /me': { guard: {}, handle: (request, response) => json(response, whoOf(request.session)) },
  'GET /whoami': (request, response) => json(response, whoOf(request.session)),
  'GET /public': (_request, response) => json(response, 'for everybody'),
  'POST /public': (_request, response) => json(response, 'for everybody'),
  'POST /login': async ({ session, ...request }, response) => {
    void request
    void session
    void response
  },
}

const login: Handler = async (request, response) => {
  json(response, await request.session.login((await bodyOf(request)) as unknown as LoginOptions))
}
void login
export type { Answer, Browser, Server }

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  socket.write(bytes, 'latin1')
  return text(socket).catch((error: NodeJS.ErrnoException) => `closed: ${error.code}`)
}

function leaksOf(app: App): string[] {
  void app
  return []
}
