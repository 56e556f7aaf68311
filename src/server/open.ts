import { systemClock } from '../base/clock.ts'
import type { ClaimTypes } from '../engine/context.ts'
import { revokeAll } from '../engine/end.ts'
import { type Auth, handstamp } from '../http/auth.ts'
import type { SessionData } from '../http/session-data.ts'
import type { Backend } from '../model/backend.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import { openBackend } from './backend.ts'
import type { Config } from './config.ts'
import { sessionSecrets } from './secret.ts'

/** Ends every session of a user whose account was disabled, on every node (S7). Takes no secret. Cost: one write. */
export function endSessions(backend: Backend, { policy }: Pick<Config, 'policy'>, user: string): Promise<void> {
  return revokeAll({ backend, policy, clock: systemClock, view: null, emit: () => {} }, { user }, 'disabled')
}

/** The sessions and accounts of this configuration, ready. */
export interface OpenAuth {
  readonly auth: Auth<SessionData, SessionData, ClaimTypes>
  readonly accounts: Accounts
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
  const backend = await openBackend(config)
  const auth = handstamp<SessionData, SessionData, ClaimTypes>({
    secrets,
    backend,
    present: 'both',
    claims: { role: 'string', preferred_username: 'string' },
    keys: { alg: config.signingAlg },
    policy: config.policy,
    trustedOrigins: config.trustedOrigins,
    trustedProxies: config.trustedProxies,
    insecureHttp: config.insecureHttp,
    ...(config.origin === null ? {} : { origin: config.origin }),
  })
  await auth.ready().catch(async (error: unknown) => {
    await auth.close()
    throw error
  })
  return {
    auth,
    accounts: createAccounts(backend.documents, systemClock),
    close: () => auth.close(),
  }
}
