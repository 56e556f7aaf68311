import { accept, type Check, refuse } from '../base/reasons.ts'
import { createKeyRing } from '../crypto/keyring.ts'
import { randomText } from '../crypto/random.ts'
import type { Everybody, SessionChanges } from '../engine/end.ts'
import { type Engine, openEngine, type Presented } from '../engine/engine.ts'
import { type TokenAnswer, tokenAnswer } from '../engine/issue.ts'
import type { Started, StartOptions } from '../engine/start.ts'
import type { TokenKeys } from '../engine/token-keys.ts'
import type { Cause, PublicSession, Sid } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { applicationSecret } from './development-secret.ts'
import { createGate } from './gate.ts'
import type { Opened } from './opened.ts'
import { type HandstampOptions, readOptions, type Settings } from './settings.ts'
import { cookiePair, createTransports } from './transports.ts'

/**
 * Sessions of one application on this node. Made by `handstamp`; opens its backend at the first use or at `ready`.
 *
 * Every method throws a Fault `store_unavailable` when the engine does not answer; what it did not acknowledge it did not do.
 */
export interface Auth {
  /**
   * Begins a session without a request, e.g. for a test or a migration. In a request use `session.login`, which also replaces the old session.
   *
   * @returns or refuses: `session_limit`. The credentials in it are for the client alone.
   * Cost: two or three reads, one write.
   */
  create(options: StartOptions): Promise<Check<Created>>
  /**
   * Judges an access token, or a session cookie with its snapshot, without renewing anything.
   *
   * Cost: no I/O; one read for a cookie whose snapshot has expired or is missing.
   */
  validate(presented: Presented): Promise<Check<Snapshot>>
  /**
   * Renews by a refresh token (RFC 6749 section 6) with rotation and detection of reuse.
   *
   * @param client the client the token must have been issued to (any)
   * @returns the token answer, or refuses with a reason of the credential and session groups, `retry_renewal`, `wrong_client`
   * Cost: one read; one write when it rotates.
   */
  refresh(refreshToken: string, client?: string): Promise<Check<TokenAnswer>>
  /** Ends a session by its public id. False when there was none. Every node refuses it within R. Cost: one read, one write. */
  revoke(id: Sid, cause?: Cause): Promise<boolean>
  /** Ends all sessions of a user (`except` may spare one), a tenant or everyone. Cost: one write, however many there are. */
  revokeAll(whom: Everybody, cause?: Cause): Promise<void>
  /** The user's sessions that live, the last used first. Cost: one read. */
  list(user: string, limit?: number): Promise<readonly PublicSession[]>
  /** Changes the claims of a session; its client gets them, and a new id, at its next renewal, within R. Cost: one read, one write. */
  update(id: Sid, changes: SessionChanges): Promise<Check<PublicSession>>
  /** The signing keys of access tokens. */
  keys(): Promise<Pick<TokenKeys, 'jwks' | 'rotate' | 'remove'>>
  /** Opens the backend now; throws what is wrong with it. */
  ready(): Promise<void>
  /** Writes what is pending and closes the backend. */
  close(): Promise<void>
}

export interface Created {
  readonly session: PublicSession
  /** The refresh token, or the value of the session cookie. */
  readonly credential: string
  /** The access token, or the value of the snapshot cookie. */
  readonly snapshot: string
}

/** What adapters and routes need of an `Auth`; not part of the public interface. */
export interface Inside {
  readonly settings: Settings
  /** Open, or null before that. */
  readonly opened: Opened | null
  open(): Promise<Opened>
}

const insides = new WeakMap<Auth, Inside>()

export function insideOf(auth: Auth): Inside {
  const inside = insides.get(auth)
  if (inside === undefined) throw new TypeError('This is not what handstamp() returned.')
  return inside
}

/**
 * Sessions for an application: one record each, shown as a cookie or as an access token with a refresh token.
 *
 * Secure with no options but `backend`; in production `secrets` as well. Checks all options at once and opens nothing yet.
 *
 * @throws Fault `invalid_option` listing every finding
 */
export function handstamp(options: HandstampOptions): Auth {
  const settings = readOptions(options, process.env.NODE_ENV === 'production')
  const inside = createInside(settings)
  const engine = async (): Promise<Engine> => (inside.opened ?? (await inside.open())).engine
  const auth: Auth = {
    create: async (options) => {
      const started = await (await engine()).start({ present: settings.present, ...options })
      return started.ok ? accept(created(started.value)) : started
    },
    validate: async (presented) => (await engine()).validate(presented),
    refresh: async (refreshToken, client) => refresh(await engine(), refreshToken, client),
    revoke: async (id, cause = 'revoked') => (await engine()).revoke(id, cause),
    revokeAll: async (whom, cause = 'revoked') => (await engine()).revokeAll(whom, cause),
    list: async (user, limit = 1000) => (await engine()).list(user, limit),
    update: async (id, changes) => (await engine()).amend(id, changes),
    keys: async () => {
      const { tokens } = await engine()
      await tokens.settle()
      return tokens
    },
    ready: async () => {
      await inside.open()
    },
    close: async () => {
      if (inside.opened === null) return settings.backend.close()
      await inside.opened.engine.close()
    },
  }
  insides.set(auth, inside)
  return auth
}

function createInside(settings: Settings): Inside {
  let opened: Opened | null = null
  let opening: Promise<Opened> | null = null

  async function openNow(): Promise<Opened> {
    const ring = createKeyRing(await secretsOf(settings))
    const engine = await openEngine({ ...settings, ring })
    const transports = createTransports(settings.presents, cookiePair(settings.insecureHttp), engine.clock)
    opened = { settings, engine, ring, transports, gate: createGate(engine, transports, settings.origin) }
    return opened
  }

  return {
    settings,
    get opened() {
      return opened
    },
    open: () => {
      // A failed opening is tried again by the next caller.
      opening ??= openNow().catch((error: unknown) => {
        opening = null
        throw error
      })
      return opening
    },
  }
}

async function secretsOf({ secrets, backend }: Settings): Promise<readonly string[]> {
  if (secrets !== null) return secrets
  return [backend.durable ? await applicationSecret((sentence) => process.emitWarning(sentence)) : randomText(32)]
}

function created(started: Started): Created {
  const { session, issued } = started
  return { session, credential: issued.credential as string, snapshot: issued.snapshotText }
}

/** The token endpoint's renewal; see `Auth.refresh`. */
export async function refresh(engine: Engine, refreshToken: string, client?: string): Promise<Check<TokenAnswer>> {
  if (client !== undefined) {
    const owner = await engine.ownerOf(refreshToken)
    if (owner !== null && owner.client !== client) return refuse('wrong_client')
  }
  const renewed = await engine.renew({ credential: refreshToken, carrier: 'token', hasBody: false, readOnly: false })
  if (!renewed.ok) return renewed
  return accept(tokenAnswer(renewed.value.issued as NonNullable<typeof renewed.value.issued>))
}
