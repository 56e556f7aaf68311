import type { Millis } from '../base/clock.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { createKeyRing } from '../crypto/keyring.ts'
import { randomText } from '../crypto/random.ts'
import type { ClaimType, ClaimTypes } from '../engine/context.ts'
import type { Everybody, SessionChanges, SessionPage } from '../engine/end.ts'
import { type Engine, openEngine, type Presented } from '../engine/engine.ts'
import { type TokenAnswer, tokenAnswer } from '../engine/issue.ts'
import type { Started, StartOptions } from '../engine/start.ts'
import type { TokenKeys } from '../engine/token-keys.ts'
import type { ViewStatus as NodeStatus } from '../engine/view.ts'
import type { Cause, Claims, PublicSession, Sid } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { checkLateSchema, type DataRecord } from './data-rules.ts'
import { applicationSecret } from './development-secret.ts'
import { createGate } from './gate.ts'
import { firstData } from './login-data.ts'
import type { Opened } from './opened.ts'
import type { RequestSession } from './request-session.ts'
import type { ClaimsOf, SessionClaims } from './session-claims.ts'
import type { SessionData, SomeOf } from './session-data.ts'
import { type HandstampOptions, readOptions, type Settings, type UntypedOptions } from './settings.ts'
import { cookiePair, createTransports } from './transports.ts'

/**
 * Sessions of one application on this node. Made by `handstamp`; opens its backend at the first use or at `ready`.
 *
 * Every method throws a Fault `store_unavailable` when the engine does not answer; what it did not acknowledge it did not do.
 */
export interface Auth<Data = SessionData, Input = Data, Types = SessionClaims> {
  /** Never there at run time: tells adapters the type of the request's session. */
  readonly [sessionType]?: RequestSession<Data, Input, Types>
  /**
   * Begins a session without a request, e.g. for a test or a migration. In a request use `session.login`, which also replaces the old session.
   *
   * @returns or refuses: `session_limit`. The credentials in it are for the client alone.
   * Cost: two or three reads, one write.
   */
  create(options: CreateOptions<Input, Types>): Promise<Check<Created>>
  /**
   * Judges an access token, or a session cookie with its snapshot, without renewing anything.
   *
   * @param bound how late a revocation may be noticed, in milliseconds (the policy's R); 0 asks the store
   * Cost: no I/O; one read for a cookie whose snapshot has expired or is missing, or with a bound of 0.
   */
  validate(presented: Presented, bound?: Millis): Promise<Check<Snapshot>>
  /**
   * Renews by a refresh token (RFC 6749 section 6) with rotation and detection of reuse.
   *
   * @param client the client the token must have been issued to (any)
   * @returns the token answer, or refuses with a reason of the credential and session groups, `retry_renewal`, `wrong_client`
   * Cost: one read; one write when it rotates.
   */
  refresh(refreshToken: string, client?: string): Promise<Check<TokenAnswer>>
  /**
   * Ends a session by its public id. False when there was none. Every node refuses it within R; with `confirm` every node does once the promise resolves.
   *
   * @throws Fault `not_stored`, `store_unavailable`: it may not have been ended. When only the confirmation fails, it was ended, and holds within R.
   * Cost: one read, one write; confirmed: one heartbeat, one hint and a read every few milliseconds, for R at most.
   */
  revoke(id: Sid, options?: Cause | RevokeOptions): Promise<boolean>
  /** Ends all sessions of a user (`except` may spare one), a tenant or everyone. Cost: one write, however many there are; confirmed as `revoke`. */
  revokeAll(whom: Everybody, options?: Cause | RevokeOptions): Promise<void>
  /** One session by its public id, if it lives. Cost: one read. */
  find(id: Sid): Promise<PublicSession | null>
  /** The user's sessions that live, the last used first. Cost: one read. */
  list(user: string, limit?: number): Promise<readonly PublicSession[]>
  /**
   * A part of all sessions that live, in no order: begins without `after`, goes on with `next`, and is through where that is null. Every session that lives from the first page to the last is given
   * at least once. `size` is about how many are looked at: a page may hold none and not be the last.
   *
   * Cost: one read, of about `size` sessions.
   */
  scan(size: number, after?: string): Promise<SessionPage>
  /** Changes the claims of a session; its client gets them, and a new id, at its next renewal, within R. Cost: one read, one write. */
  update(id: Sid, changes: SessionChanges): Promise<Check<PublicSession>>
  /** The signing keys of access tokens. */
  keys(): Promise<Pick<TokenKeys, 'jwks' | 'rotate' | 'remove'>>
  /** How well this node follows its engine: the age of its lease, lapses, lag. Null before the backend is open. No I/O. */
  status(): NodeStatus | null
  /** Opens the backend now; throws what is wrong with it. */
  ready(): Promise<void>
  /** Writes what is pending and closes the backend. */
  close(): Promise<void>
}

export interface CreateOptions<Input = SessionData, Types = SessionClaims>
  extends Omit<StartOptions, 'claims' | 'data'> {
  /** Small typed facts that every check needs; only names listed in the option `claims`. */
  readonly claims?: ClaimsOf<Types>
  /** Data that the session begins with. */
  readonly data?: SomeOf<Input>
}

export interface RevokeOptions {
  /** For events and lists (`revoked`). */
  readonly cause?: Cause
  /** Resolve when every node has applied it, or may not answer from memory any more: at most R later (false). */
  readonly confirm?: boolean
}

function revokeOptions(options: Cause | RevokeOptions = {}): Required<RevokeOptions> {
  const { cause = 'revoked', confirm = false } = typeof options === 'string' ? { cause: options } : options
  return { cause, confirm }
}

/** Any `Auth`, whatever its types. */
export type AnyAuth = Omit<Auth, 'create' | typeof sessionType>

/** The request's session behind this `Auth`: `RequestSession` with its types. */
export type SessionOf<Given extends AnyAuth> =
  Given extends Auth<infer Data, infer Input, infer Types> ? RequestSession<Data, Input, Types> : RequestSession

declare const sessionType: unique symbol

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

const insides = new WeakMap<AnyAuth, Inside>()

export function insideOf(auth: AnyAuth): Inside {
  const inside = insides.get(auth)
  if (inside === undefined)
    throw new TypeError(
      'The first argument must be what handstamp() returned. It is not, or it is what another copy of the library returned: keep the library out of bundles (Next: serverExternalPackages).',
    )
  return inside
}

/**
 * Sessions for an application: one record each, shown as a cookie or as an access token with a refresh token.
 *
 * Secure with no options but `backend`; in production `secrets` as well. Checks all options at once and opens nothing yet.
 *
 * @throws Fault `invalid_option` listing every finding
 */
export function handstamp<
  Data = SessionData,
  Input = Data,
  Types extends { readonly [Name in keyof Types]: ClaimType } = SessionClaims,
>(options: HandstampOptions<Data, Input, Types>): Auth<Data, Input, Types> {
  const settings = readOptions(options as unknown as UntypedOptions, process.env.NODE_ENV === 'production')
  const inside = createInside(settings)
  const engine = async (): Promise<Engine> => (inside.opened ?? (await inside.open())).engine
  const auth: Auth<DataRecord, DataRecord, ClaimTypes> = {
    create: async (options) => {
      const opened = inside.opened ?? (await inside.open())
      const data = await firstData(opened, options.data as DataRecord | undefined)
      const claims = (options.claims ?? {}) as Claims
      const started = await opened.engine.start({ present: settings.present, ...options, claims, data })
      return started.ok ? accept(created(started.value)) : started
    },
    validate: async (presented, bound) => (await engine()).validate(presented, bound),
    refresh: async (refreshToken, client) => refresh(await engine(), refreshToken, client),
    revoke: async (id, options) => {
      const { cause, confirm } = revokeOptions(options)
      return (await engine()).revoke(id, cause, confirm)
    },
    revokeAll: async (whom, options) => {
      const { cause, confirm } = revokeOptions(options)
      return (await engine()).revokeAll(whom, cause, confirm)
    },
    find: async (id) => {
      const found = await (await engine()).find(id)
      return found.ok ? found.value : null
    },
    list: async (user, limit = 1000) => (await engine()).list(user, limit),
    scan: async (size, after) => (await engine()).scan(size, after),
    update: async (id, changes) => (await engine()).amend(id, changes),
    keys: async () => {
      const { tokens } = await engine()
      await tokens.settle()
      return tokens
    },
    status: () => inside.opened?.engine.status() ?? null,
    ready: async () => {
      await inside.open()
    },
    close: async () => {
      if (inside.opened === null) return settings.backend.close()
      await inside.opened.engine.close()
    },
  }
  insides.set(auth, inside)
  return auth as AnyAuth as Auth<Data, Input, Types>
}

function createInside(settings: Settings): Inside {
  let opened: Opened | null = null
  let opening: Promise<Opened> | null = null

  async function openNow(): Promise<Opened> {
    await checkLateSchema(settings.data)
    const ring = createKeyRing(await secretsOf(settings))
    const engine = await openEngine({ ...settings, ring })
    const transports = createTransports(settings.presents, cookiePair(settings.cookies), engine.clock)
    const proofs = { ring, cors: settings.cors, formTokens: settings.formTokens }
    opened = { settings, engine, ring, transports, gate: createGate(engine, transports, settings, proofs) }
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
