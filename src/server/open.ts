import { systemClock } from '../base/clock.ts'
import type { ClaimTypes } from '../engine/context.ts'
import { revokeAll } from '../engine/end.ts'
import { type Auth, handstamp } from '../http/auth.ts'
import type { SessionData } from '../http/session-data.ts'
import type { Backend } from '../model/backend.ts'
import type { Limits } from '../model/limits.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import { type AuditLog, createAuditLog } from './admin/audit.ts'
import { auditEvents } from './admin/audit-events.ts'
import { type Attempts, createAttempts } from './attempts.ts'
import { openBackend } from './backend.ts'
import type { Config } from './config.ts'
import { createKnownSources } from './known-sources.ts'
import { createNotes, type Notes } from './notes.ts'
import { createWatch, type Operations } from './operations/operations.ts'
import { sessionSecrets } from './secret.ts'

/** Ends every session of a user whose account was disabled or given another password, on every node (S7, S8). Takes no secret. Cost: one write. */
export function endSessions(
  backend: Backend,
  { policy }: Pick<Config, 'policy'>,
  user: string,
  cause: 'disabled' | 'password_changed',
): Promise<void> {
  return revokeAll({ backend, policy, clock: systemClock, view: null, emit: () => {} }, { user }, cause)
}

/** How often passwords may be tried, counted in this backend. */
export function attemptsOn({ limits, documents }: Backend): Attempts {
  return createAttempts(limits, createKnownSources(documents, systemClock))
}

/** The sessions and accounts of this configuration, ready. */
export interface OpenAuth {
  readonly auth: Auth<SessionData, SessionData, ClaimTypes>
  readonly accounts: Accounts
  readonly attempts: Attempts
  readonly notes: Notes
  readonly audit: AuditLog
  readonly limits: Limits
  readonly operations: Operations
  close(): Promise<void>
}

/**
 * Opens the backend and what stands on it.
 *
 * @param warn receives sentences about what is unsafe but not wrong
 * @throws Fault when the backend is not ready
 */
export async function openAuth(config: Config, warn: (sentence: string) => void): Promise<OpenAuth> {
  const secrets = await sessionSecrets(config, warn)
  const watch = createWatch(config.logLevel, systemClock)
  const backend = watch.observed(await openBackend(config))
  const auth = handstamp<SessionData, SessionData, ClaimTypes>({
    secrets,
    backend,
    present: 'both',
    claims: { role: 'string', preferred_username: 'string' },
    keys: { alg: config.signingAlg },
    policy: config.policy,
    events: watch.hub.emit,
    trustedOrigins: config.trustedOrigins,
    trustedProxies: config.trustedProxies,
    insecureHttp: config.insecureHttp,
    ...(config.origin === null ? {} : { origin: config.origin }),
  })
  await auth.ready().catch(async (error: unknown) => {
    await auth.close()
    throw error
  })
  const audit = createAuditLog(backend.documents, systemClock, ({ action }, err) =>
    watch.log.error({ err, action }, 'not in the audit log'),
  )
  auditEvents(audit, watch.hub)
  return {
    auth,
    accounts: createAccounts(backend.documents, systemClock),
    attempts: attemptsOn(backend),
    notes: createNotes(backend.documents, systemClock),
    audit,
    limits: backend.limits,
    operations: watch.over(auth, backend),
    close: async () => {
      await audit.settled()
      await auth.close()
    },
  }
}
