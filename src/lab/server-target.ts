import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { handstamp } from '../http/auth.ts'
import { accountsVerifier, createAccounts } from '../server/accounts.ts'
import { createActiveCount } from '../server/admin/active-count.ts'
import { createAuditLog } from '../server/admin/audit.ts'
import { createApp } from '../server/app.ts'
import { type Attempts, createAttempts } from '../server/attempts.ts'
import { createKnownSources } from '../server/known-sources.ts'
import { createNotes } from '../server/notes.ts'
import { createWatch } from '../server/operations/operations.ts'
import { createPasswords } from '../server/password.ts'
import { memory } from '../stores/memory.ts'
import type { Address } from './client.ts'
import type { Stage } from './stage.ts'

export interface ServerOptions {
  /** Names and passwords of accounts that are there. */
  readonly people: ReadonlyMap<string, string>
  /** Passwords are tried without being counted. */
  readonly countsNothing?: boolean
}

/** Strong enough to be a hash, and fast: what is tried here is how often, not how long. */
const cost = { memory: 64, passes: 1, parallelism: 1 }

const unlimited: Attempts = {
  begin: async () => ({ ok: true, succeeded: async () => {}, abandoned: async () => {} }),
  erase: async () => {},
  forgive: async () => {},
}

/** The server of `handstamp serve` with accounts of its own, in memory. @returns where it listens */
export async function openServer(stage: Stage, options: ServerOptions): Promise<Address> {
  const { clock } = stage
  let server: Server | null = null
  const port = await stage.serve('application', (request, response) => server?.emit('request', request, response))
  const origin = `http://localhost:${port}`
  const watch = createWatch('silent', clock, () => {})
  const backend = watch.observed(memory({ clock }))
  const auth = handstamp({
    secrets: randomBytes(32).toString('base64url'),
    present: 'both',
    origin,
    claims: { role: 'string', preferred_username: 'string' },
    backend,
    clock,
    events: (event) => watch.hub.emit(event),
  })
  stage.after(() => auth.close())
  await auth.ready()
  const accounts = createAccounts(backend.documents, clock, { passwords: createPasswords({ cost }) })
  for (const [username, password] of options.people) await accounts.add({ username, password })
  const ignore = (): void => {}
  server = createApp({
    ...{ auth, accounts, verify: accountsVerifier(accounts), limits: backend.limits },
    attempts: options.countsNothing
      ? unlimited
      : createAttempts(backend.limits, createKnownSources(backend.documents, clock)),
    notes: createNotes(backend.documents, clock),
    audit: createAuditLog(backend.documents, clock, ignore),
    activeCount: createActiveCount(auth, clock, ignore),
    ...{ adminSecret: null, sources: [], demo: null, lab: null, presentDefault: stage.present, metricsHere: false },
    operations: watch.over(auth, backend),
  })
  return { origin, port }
}
