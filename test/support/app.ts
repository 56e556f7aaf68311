import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import express from 'express'
import * as atExpress from '../../src/adapters/express.ts'
import * as atNode from '../../src/adapters/node.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { AnyAuth, Auth, Backend, HandstampOptions, LoginOptions, SessionEvent } from '../../src/index.ts'
import { handstamp, memory } from '../../src/index.ts'
import { createActiveCount } from '../../src/server/admin/active-count.ts'
import { createAuditLog } from '../../src/server/admin/audit.ts'
import { createApp } from '../../src/server/app.ts'
import type { Desk } from '../../src/server/desk.ts'
import { createNotes } from '../../src/server/notes.ts'
import { attemptsOn } from '../../src/server/open.ts'
import { createWatch } from '../../src/server/operations/operations.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { intercept } from '../../src/testing/intercept.ts'
import {
  type Answer,
  type Browser,
  createBrowser,
  createTokenClient,
  createWire,
  type TokenClient,
  type Wire,
} from './app-client.ts'
import { commonRoutes, type Routes } from './app-routes.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

/** `node` and `express`: an application of the test; `server`: the assembled server. */
export type Door = 'node' | 'express' | 'server'
export type StoreName = 'memory' | 'sqlite'

export const doors: readonly Door[] = ['node', 'express']
export const stores: readonly StoreName[] = ['memory', 'sqlite']

/** Session secrets; an application has the first of them unless it is told otherwise. */
export const secrets = ['Kf8-first-2mXw0_qVtZ6rJyB4nLd9cH', 'Pz3-second-7sGhE1_uRkA5oWbN8jTiQ'] as const

export interface AppOptions extends Partial<Omit<HandstampOptions, 'clock' | 'events'>> {
  readonly door?: Door
  readonly store?: StoreName
  readonly clock?: ManualClock
  /** Besides `commonRoutes`. */
  readonly routes?: Routes | ((clock: ManualClock) => Routes)
  /** The server's check of passwords: anybody who knows `password`; `root` is an admin. */
  readonly verify?: Desk['verify']
  /** Express: mounted before the session. */
  readonly before?: readonly express.RequestHandler[]
}

/** An application on a free loopback port, and everything that it has said so far. */
export interface App extends Wire {
  readonly door: Door
  readonly store: StoreName
  readonly clock: ManualClock
  readonly auth: Auth
  readonly origin: string
  readonly port: number
  /** Where the token endpoints are mounted. */
  readonly at: string
  /** A route that needs a session and tells whose it is. */
  readonly guarded: string
  readonly events: readonly SessionEvent[]
  /** Every operation of the backend so far: all that the store was ever given, and has ever told. */
  readonly dealings: readonly Dealing[]
  /** The SQLite file. */
  readonly path: string
  /** A browser with nothing in its jar. */
  browser(): Browser
  tokenClient(): TokenClient
  /** A browser in which the user has just signed in. */
  signIn(user: string, options?: Partial<LoginOptions>): Promise<Browser>
  /** The same for a client that wants tokens. */
  signInForTokens(user: string, options?: Partial<LoginOptions>): Promise<TokenClient>
  /** Sends bytes as they are; gives back all that comes until the server closes. */
  raw(bytes: string): Promise<string>
  /** Sends bytes and hangs up. */
  rawAndGo(bytes: string): Promise<void>
  /** Another node on the same data. */
  node(options?: AppOptions): Promise<App>
  /** Stops this node. On SQLite the data stays. */
  stop(): Promise<void>
}

export interface Dealing {
  readonly name: string
  readonly args: readonly unknown[]
  readonly answer: unknown
}

/** What the process warned about, e.g. a handler that threw: looked through for secrets, and not printed. */
const warnings: string[] = []
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (/^(Deprecation|MaxListeners|Experimental)/.test(warning.name)) console.error(warning)
  warnings.push(`${warning.stack}`)
})

/** Registers the test for both doors and both stores. */
export function everywhere(title: string, run: (app: App) => Promise<void>, options: AppOptions = {}): void {
  describe(title, () => {
    for (const door of doors)
      for (const store of stores) test(`${door}, ${store}`, () => withApp({ door, store, ...options }, run))
  })
}

/** Registers the test for both doors on memory: for what no store has a part in. */
export function atBothDoors(title: string, run: (app: App) => Promise<void>, options: AppOptions = {}): void {
  describe(title, () => {
    for (const door of doors) test(door, () => withApp({ door, ...options }, run))
  })
}

/** Registers the test for the assembled server as well. */
export function atAllDoors(title: string, run: (app: App) => Promise<void>, options: AppOptions = {}): void {
  describe(title, () => {
    for (const door of [...doors, 'server'] as const) test(door, () => withApp({ door, ...options }, run))
  })
}

/**
 * Runs an application for as long as `run` takes. Whatever the test is about, in the end nothing that was issued to a client stands in what was said to anybody (S4),
 * but for Set-Cookie lines and token answers.
 */
export async function withApp<T>(options: AppOptions, run: (app: App) => Promise<T>): Promise<T> {
  const house: House = { folder: mkdtempSync(join(tmpdir(), 'handstamp-app-')), apps: [], memory: null }
  try {
    const result = await run(await startApp(house, options))
    for (const app of house.apps) assert.deepEqual(leaksOf(app), [], 'S4: a secret was told')
    return result
  } finally {
    for (const app of house.apps) await app.stop()
    rmSync(house.folder, { recursive: true, force: true })
  }
}

interface House {
  readonly folder: string
  readonly apps: App[]
  /** Nodes on memory share one backend, as others share a database. */
  memory: Backend | null
}

async function startApp(house: House, options: AppOptions): Promise<App> {
  const { door = 'node', store = 'memory', clock = manualClock(), routes, before = [], verify, ...rest } = options
  const path = join(house.folder, 'sessions.db')
  const events: SessionEvent[] = []
  const dealings: Dealing[] = []
  const auth = handstamp({
    secrets: secrets[0],
    ...(door === 'server' ? { present: 'both', claims: { role: 'string', preferred_username: 'string' } } : {}),
    ...rest,
    backend: recorded(rest.backend ?? openStore(house, store, path, clock), dealings),
    clock,
    events: (event) => events.push(event),
  })
  await auth.ready()
  const own = typeof routes === 'function' ? routes(clock) : routes
  const server = serverOf({ door, auth, routes: { ...commonRoutes, ...own }, before, verify: verify ?? knowsPassword })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const prefix = rest.insecureHttp === true ? '' : '__Host-'
  const wire = createWire(port, [`${prefix}session`, `${prefix}snapshot`])
  const at = door === 'server' ? '' : '/auth'
  let running = true
  const app: App = {
    ...wire,
    ...{ door, store, clock, auth, port, path, events, dealings, at },
    origin: `http://127.0.0.1:${port}`,
    guarded: door === 'server' ? '/session' : '/me',
    browser: () => createBrowser(wire, clock),
    tokenClient: () => createTokenClient(wire, at),
    signIn: (user, more = {}) => signIn(app, user, more),
    signInForTokens: (user, more = {}) => signInForTokens(app, user, more),
    raw: (bytes) => sendRaw(port, bytes),
    rawAndGo: async (bytes) => {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      await new Promise((resolve) => socket.write(bytes, resolve))
      socket.destroy()
    },
    node: (more = {}) => startApp(house, { ...options, clock, ...more }),
    stop: async () => {
      if (!running) return
      running = false
      wire.close()
      await closeServer(server)
      await auth.close()
    },
  }
  house.apps.push(app)
  return app
}

function openStore(house: House, store: StoreName, path: string, clock: ManualClock): Backend {
  if (store === 'sqlite') return sqlite({ path, clock })
  house.memory ??= memory({ clock })
  return house.memory
}

function recorded(backend: Backend, dealings: Dealing[]): Backend {
  return intercept(backend, {
    call: async ({ name, args }, carryOut) => {
      const answer = await carryOut(args)
      dealings.push({ name, args, answer })
      return answer
    },
  })
}

export const password = 'correct horse battery staple'

const knowsPassword: Desk['verify'] = async ({ username, password: given }) =>
  given === password
    ? { ok: true, value: { user: username, ...(username === 'root' ? { role: 'admin' } : {}) } }
    : { ok: false, reason: 'wrong_login' }

interface Doorway {
  readonly door: Door
  readonly auth: Auth
  readonly routes: Routes
  readonly before: readonly express.RequestHandler[]
  readonly verify: Desk['verify']
}

function serverOf({ door, auth, routes, before, verify }: Doorway): Server {
  if (door === 'server') return createApp(deskOf(auth, verify))
  return createServer(door === 'node' ? nodeListener(auth, routes) : expressListener(auth, routes, before))
}

/** A desk without accounts of its own, where nobody has tried anything yet. */
export function deskOf(auth: AnyAuth, verify: Desk['verify']): Desk {
  const backend = memory()
  const operations = createWatch('silent', systemClock).over(auth, backend)
  const audit = createAuditLog(backend.documents, systemClock, () => {})
  const activeCount = createActiveCount(auth, systemClock, (error) => assert.fail(String(error)))
  const admin = { audit, limits: backend.limits, adminSecret: null, activeCount, sources: [] }
  const kept = {
    ...admin,
    attempts: attemptsOn(backend),
    notes: createNotes(backend.documents, systemClock),
    accounts: null,
    demo: null,
    operations,
    metricsHere: true,
    lab: null,
  }
  return { auth, verify, ...kept, presentDefault: 'cookie' }
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
    const handler = typeof route === 'function' ? route : atNode.requireSession(route.guard)(route.handle)
    await handler(request, response)
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
    add(path, ...guards, async (request, response) => handle(request, response))
  }
  app.use(atExpress.problems())
  return app
}

async function signIn(app: App, user: string, options: Partial<LoginOptions>): Promise<Browser> {
  const browser = app.browser()
  const fields = app.door === 'server' ? { username: user, password, ...options } : { user, ...options }
  const answer = await browser.post('/login', fields)
  assert.equal(answer.status, 200, answer.body)
  return browser
}

async function signInForTokens(app: App, user: string, options: Partial<LoginOptions>): Promise<TokenClient> {
  const client = app.tokenClient()
  const fields = app.door === 'server' ? { username: user, password } : { user }
  const answer = await app.post('/login', { ...fields, present: 'token', ...options })
  assert.equal(answer.status, 200, answer.body)
  client.take(answer)
  return client
}

async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  socket.write(bytes, 'latin1')
  return text(socket).catch((error: NodeJS.ErrnoException) => `closed: ${error.code}`)
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** What was issued, or the part of it that proves it, and stands in a header, a body, a warning or an event. */
export function leaksOf(app: Pick<App, 'said' | 'issued' | 'events'>): readonly string[] {
  const all = [...app.said, ...warnings, ...app.events.map((event) => JSON.stringify(event))].join('\n')
  return [...app.issued].flatMap((secret) => [secret, proofOf(secret)]).filter((secret) => all.includes(secret))
}

/** The part of a credential that is not public: the tag, or the signature. */
export function proofOf(secret: string): string {
  return secret.slice(-21)
}

export type { Answer, Browser, TokenClient }
