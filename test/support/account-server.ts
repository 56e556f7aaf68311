import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  type AnyAuth,
  type Backend,
  type HandstampOptions,
  handstamp,
  memory,
  type SessionEvent,
} from '../../src/index.ts'
import type { Source } from '../../src/migrate/index.ts'
import type { Account } from '../../src/server/account.ts'
import { type Accounts, accountsVerifier, createAccounts } from '../../src/server/accounts.ts'
import { createActiveCount } from '../../src/server/admin/active-count.ts'
import { type AuditLog, createAuditLog } from '../../src/server/admin/audit.ts'
import { auditEvents } from '../../src/server/admin/audit-events.ts'
import { createApp } from '../../src/server/app.ts'
import { type Attempts, createAttempts } from '../../src/server/attempts.ts'
import type { Desk } from '../../src/server/desk.ts'
import { createKnownSources } from '../../src/server/known-sources.ts'
import { createNotes } from '../../src/server/notes.ts'
import { createWatch, type Operations } from '../../src/server/operations/operations.ts'
import { createPasswords } from '../../src/server/password.ts'
import { leaksOf, secrets } from './app.ts'
import {
  type Browser,
  createBrowser,
  createTokenClient,
  createWire,
  type TokenClient,
  type Wire,
} from './app-client.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

/** The assembled server with accounts of its own, on a clock that the test moves. */
export interface AccountServer extends Wire {
  readonly port: number
  readonly clock: ManualClock
  readonly auth: AnyAuth
  readonly accounts: Accounts
  readonly attempts: Attempts
  readonly backend: Backend
  readonly events: readonly SessionEvent[]
  readonly operations: Operations
  readonly audit: AuditLog
  /** All lines of the log, the finest included. */
  readonly logged: readonly string[]
  /** The account of each name in `people`; the password is `passwordOf(name)`. */
  readonly people: ReadonlyMap<string, Account>
  browser(): Browser
  tokenClient(): TokenClient
  /** A browser that has signed in. */
  signedIn(name: string, more?: Readonly<Record<string, unknown>>): Promise<Browser>
}

export interface AccountServerOptions extends Pick<HandstampOptions, 'policy' | 'trustedProxies'> {
  readonly people?: readonly string[]
  readonly sources?: readonly Source[]
  /** (none) */
  readonly lab?: Desk['lab']
  /** (memory on the clock) */
  readonly backend?: (clock: ManualClock) => Backend
}

export const adminSecret = 'Ad9-admin-Wq3Zx7Kc1Vb5Nm8Lj2Hg6Fd'

export function passwordOf(name: string): string {
  return `${name} keeps forty-two geese`
}

/** Strong enough to be a hash, and fast. */
const cost = { memory: 64, passes: 1, parallelism: 1 }

export async function withAccountServer(
  options: AccountServerOptions,
  run: (server: AccountServer) => Promise<void>,
): Promise<void> {
  const clock = manualClock()
  const {
    people: names = ['ann', 'bob'],
    sources = [],
    lab = null,
    backend: open = () => memory({ clock }),
    ...rest
  } = options
  const logged: string[] = []
  const watch = createWatch('debug', clock, (line) => logged.push(line))
  const backend = watch.observed(open(clock))
  const events: SessionEvent[] = []
  const auth = handstamp({
    ...rest,
    secrets: secrets[0],
    present: 'both',
    claims: { role: 'string', preferred_username: 'string' },
    backend,
    clock,
    events: (event) => {
      events.push(event)
      watch.hub.emit(event)
    },
  })
  await auth.ready()
  const accounts = createAccounts(backend.documents, clock, { passwords: createPasswords({ cost }) })
  const attempts = createAttempts(backend.limits, createKnownSources(backend.documents, clock))
  const people = new Map<string, Account>()
  for (const name of names) people.set(name, await accountOf(accounts, name))
  const operations = watch.over(auth, backend)
  const notes = createNotes(backend.documents, clock)
  const audit = createAuditLog(backend.documents, clock, (_input, error) => assert.fail(String(error)))
  auditEvents(audit, watch.hub)
  const admin = {
    audit,
    limits: backend.limits,
    adminSecret,
    activeCount: createActiveCount(auth, clock, (error) => assert.fail(String(error))),
  }
  const own = { ...admin, auth, accounts, attempts, notes, operations, verify: accountsVerifier(accounts) }
  const desk = { ...own, sources, demo: null, lab, presentDefault: 'cookie', metricsHere: true } as const
  const server = createApp(desk)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const wire = createWire(port, ['__Host-session', '__Host-snapshot'])
  const browser = (): Browser => createBrowser(wire, clock)
  const signedIn = async (name: string, more = {}): Promise<Browser> => {
    const one = browser()
    const answer = await one.post('/login', { username: name, password: passwordOf(name), ...more })
    assert.equal(answer.status, 200, answer.body)
    return one
  }
  try {
    const tokenClient = (): TokenClient => createTokenClient(wire, '')
    const made = { audit, clock, auth, accounts, attempts, backend, events, operations, logged, people }
    await run({ ...wire, ...made, port, browser, tokenClient, signedIn })
    assert.deepEqual(
      leaksOf({ ...wire, said: [...wire.said, ...logged, await operations.metrics.text()], events }),
      [],
      'S4: a secret was told',
    )
  } finally {
    wire.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await audit.settled()
    await auth.close()
  }
}

async function accountOf(accounts: Accounts, name: string): Promise<Account> {
  const added = await accounts.add({
    username: name,
    password: passwordOf(name),
    ...(name === 'root' ? { role: 'admin' } : {}),
  })
  assert.ok(added.ok)
  return added.value
}
