import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Millis, second, systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { randomText } from '../crypto/random.ts'
import { accountsVerifier, type VerifyCredentials } from './accounts.ts'
import { createActiveCount } from './admin/active-count.ts'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import type { Desk } from './desk.ts'
import { placeOf } from './engine-choice.ts'
import { generatePassword } from './new-password.ts'
import { type OpenAuth, openAuth } from './open.ts'
import { createManagement } from './operations/management.ts'
import { loadSources } from './sources.ts'

/** A server that is listening. */
export interface Running {
  readonly url: string
  /** Path of the data folder, or the engine and its host. */
  readonly data: string
  /** Where health and metrics are, if not on the main port. */
  readonly management: string | null
  /** The demo account, when this start made it; its password is nowhere else. */
  readonly demo: { readonly username: string; readonly password: string } | null
  /** The admin secret of this run, where the configuration has none and this is not production; it is nowhere else. */
  readonly adminSecret: string | null
  /** Takes no new connections, lets running requests finish, writes what is pending, closes. */
  stop(): Promise<void>
}

export interface ServeOptions {
  readonly config: Config
  readonly warn: (sentence: string) => void
  /** The application's own check of names and passwords (the accounts in the backend). */
  readonly verify?: VerifyCredentials
  /** Adds the pages of the lab, where the server is alone with whoever tries it out. */
  readonly lab?: Desk['lab']
}

/** In development, reached from this machine alone, and by no proxy. */
export function isAlone({ production, host, origin, trustedProxies }: Config): boolean {
  const isLoopback = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  return !production && isLoopback && origin === null && trustedProxies.length === 0
}

/** How long a stopping server waits for requests that are under way. */
const drainFor = 5000

/** Opens everything and listens. @throws Fault saying what to do */
export async function startServer({ config, warn, verify, lab = null }: ServeOptions): Promise<Running> {
  const sources = await loadSources(config.migrate)
  const open = await openAuth(config, warn)
  try {
    const demo = verify === undefined && !config.production ? await makeDemo(open) : null
    const madeSecret = config.adminSecret === null && !config.production ? randomText(24) : null
    const server = createApp({
      auth: open.auth,
      verify: verify ?? accountsVerifier(open.accounts),
      attempts: open.attempts,
      notes: open.notes,
      audit: open.audit,
      limits: open.limits,
      activeCount: createActiveCount(open.auth, systemClock, (err) => open.operations.log.warn({ err }, 'not counted')),
      adminSecret: config.adminSecret ?? madeSecret,
      accounts: verify === undefined ? open.accounts : null,
      demo: demo?.username ?? null,
      sources,
      lab: isAlone(config) ? lab : null,
      presentDefault: config.present,
      operations: open.operations,
      metricsHere: config.managementPort === null && !config.production,
    })
    const management = config.managementPort === null ? null : createManagement(open.operations)
    await listen(server, config)
    if (management !== null)
      await listen(management, { host: config.managementHost, port: config.managementPort ?? 0 }).catch(
        (error: unknown) => {
          server.close()
          throw error
        },
      )
    return {
      url: urlOf(server, config),
      data: placeOf(config.engine, config.data),
      demo,
      adminSecret: madeSecret,
      management: management === null ? null : urlOf(management, { host: config.managementHost }),
      stop: () => stop(server, management, open, config.drainDelay * second),
    }
  } catch (error) {
    await open.close()
    throw error
  }
}

/** A first account, so that there is something to sign in with; only where there is none. Of several processes that start at once, one makes it. */
async function makeDemo(open: OpenAuth): Promise<Running['demo']> {
  if ((await open.accounts.list(1)).length > 0) return null
  const demo = { username: 'demo', password: generatePassword() }
  const added = await open.accounts.add({ ...demo, role: 'admin' })
  return added.ok ? demo : null
}

type Place = Pick<Config, 'host' | 'port'>

async function listen(server: Server, place: Place): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new Fault('invalid_option', listenTrouble(cause, place), { cause })),
    )
    server.listen(place.port, place.host, resolve)
  })
}

function listenTrouble(error: NodeJS.ErrnoException, { host, port }: Place): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is in use: choose another one with --port or PORT (0 takes any free one).`
  if (error.code === 'EACCES')
    return `Port ${port} needs rights that this process does not have: choose one above 1023 with --port or PORT.`
  return `The server cannot listen on ${host} port ${port} (${error.code ?? error.message}).`
}

function urlOf(server: Server, config: Pick<Config, 'host'>): string {
  const { port, address, family } = server.address() as AddressInfo
  if (address === '127.0.0.1' || address === '0.0.0.0' || address === '::' || address === '::1')
    return `http://localhost:${port}`
  return `http://${family === 'IPv6' ? `[${config.host}]` : config.host}:${port}`
}

/** Not ready, then no new connections, then nothing under way, then closed. Health is told until the end. */
async function stop(server: Server, management: Server | null, open: OpenAuth, delay: Millis): Promise<void> {
  open.operations.health.drain()
  open.operations.log.info('stopping')
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drainFor)
  await closed
  clearTimeout(timer)
  await open.close()
  management?.close()
  management?.closeAllConnections()
}
