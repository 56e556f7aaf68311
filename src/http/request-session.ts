import type { Millis } from '../base/clock.ts'
import { Fault, refused } from '../base/fault.ts'
import type { RequestHead } from '../base/head.ts'
import type { ClaimType } from '../engine/context.ts'
import { type TokenAnswer, tokenAnswer } from '../engine/issue.ts'
import type { Started, StartOptions } from '../engine/start.ts'
import type { Claims, Device, Level, Presentation, PublicSession, Sid } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { makeCsrfToken } from './csrf-token.ts'
import type { DataRecord } from './data-rules.ts'
import { dataAfter, firstData } from './login-data.ts'
import type { Opened } from './opened.ts'
import { clientAddress, isSecureTransport } from './origin.ts'
import { createOtherSessions, keepBeside, type OtherSessions, parked, refuseLate } from './other-sessions.ts'
import { createRequestData } from './request-data.ts'
import type { ClaimsOf, SessionClaims } from './session-claims.ts'
import type { DataAccess, SessionData, SomeOf } from './session-data.ts'
import type { VisitState } from './visit-state.ts'

/**
 * The session of a request: the same words in every framework.
 *
 * `Data` and `Input` are what `get` gives and what `set` takes, `Types` the names and types of claims: from the options of `handstamp`, or `SessionData` and `SessionClaims`.
 */
export interface RequestSession<Data = SessionData, Input = Data, Types = SessionClaims>
  extends DataAccess<Data, Input>,
    OtherSessions {
  /** Public id, or null for somebody anonymous with nothing stored. No I/O, like all that are not functions. */
  readonly id: Sid | null
  readonly user: string | null
  readonly tenant: string | null
  readonly claims: ClaimsOf<Types>
  readonly level: Level
  readonly authenticatedAt: Millis | null
  /** When the session ends at the latest. */
  readonly endsAt: Millis | null
  readonly presentation: Presentation | null

  /**
   * Begins a session for a user whom you have authenticated, under a new identity; the session that the request came with ends. Data of an anonymous one, or of one
   * of the same user, is carried over.
   *
   * @returns the public session, or with `present: 'token'` the token answer of RFC 6749 section 5.1
   * @throws Fault `refused` (`insecure_transport`, `session_limit`), `head_sent`, `invalid_value`, `not_stored`
   * Cost: two to four reads, one or two writes.
   */
  login(options: LoginOptions<Input, Types>): Promise<PublicSession | TokenAnswer>
  /** Ends the session everywhere and deletes the cookies. Cost: one read, one write. @throws Fault: then it is still alive */
  logout(): Promise<void>
  /** Ends every session of the user. Cost: one write. */
  logoutEverywhere(): Promise<void>
  /** After the user has authenticated again: raises level and age of the sign-in under a new identity; the old one is dead at once. */
  stepUp(options?: Pick<LoginOptions, 'level' | 'methods'>): Promise<PublicSession | TokenAnswer>

  /**
   * A token for the pages of this session: shown in `X-CSRF-Token`, or in a field of a form to `proveOrigin`, it proves an unsafe request of a client that sends
   * neither Fetch Metadata nor Origin nor Referer. Another identity (login, step-up) has others. Null where there is no session. No I/O.
   */
  csrfToken(): string | null
  /**
   * For forms under the option `formTokens`: whether this request was started by the application itself. What the headers have proven needs no
   * token; a form without them is nobody's until its token is right, and then its session is there as ever.
   *
   * @param token the field of the form, whatever it holds
   * @throws Fault `store_unavailable`
   * Cost: none for a request that is proven; otherwise as for letting it in.
   */
  proveOrigin(token: unknown): Promise<boolean>
}

export interface LoginOptions<Input = SessionData, Types = SessionClaims>
  extends Omit<StartOptions, 'user' | 'device' | 'claims' | 'data'> {
  /** Your name for the user, 1 to 255 characters. */
  readonly user: string
  /** Small typed facts that every check needs; only names listed in the option `claims`. */
  readonly claims?: ClaimsOf<Types>
  /** Data that the session begins with, on top of what is carried over. */
  readonly data?: SomeOf<Input>
  readonly device?: Device
  /** The session that the request came with goes on beside this one, where it is another user's: see `others`. With cookies alone. (false: it ends) */
  readonly alongside?: boolean
}

/** Any request's session, whatever its types. */
export type AnySession = Pick<RequestSession, 'id' | 'user' | 'logout'>

type Untyped = RequestSession<Readonly<Record<string, unknown>>, DataRecord, Readonly<Record<string, ClaimType>>>
type UntypedLogin = Omit<LoginOptions, 'claims' | 'data'> & Pick<StartOptions, 'claims' | 'data'>

export function createRequestSession(opened: Opened, head: RequestHead, state: VisitState): RequestSession {
  return new SessionOfRequest(opened, head, state) as unknown as RequestSession
}

/** What the request of a session has come to; null for what is no session of ours. */
export function stateOf(session: object): VisitState | null {
  return SessionOfRequest.stateOf(session)
}

const noClaims: Claims = Object.freeze({})

/**
 * A class, because there is one for each request (decision 022). What others call are getters that give functions, so that `const { get, set } = request.session` works as with any object of
 * functions, and a function is made only where it is asked for.
 */
class SessionOfRequest implements Untyped {
  readonly #opened: Opened
  readonly #head: RequestHead
  readonly #state: VisitState
  #data: Pick<Untyped, keyof DataAccess<unknown, unknown>> | null = null

  constructor(opened: Opened, head: RequestHead, state: VisitState) {
    this.#opened = opened
    this.#head = head
    this.#state = state
  }

  static stateOf(session: object): VisitState | null {
    return #state in session ? session.#state : null
  }

  get id(): Sid | null {
    return this.#snapshot()?.sid ?? null
  }

  get user(): string | null {
    return this.#snapshot()?.user ?? null
  }

  get tenant(): string | null {
    return this.#snapshot()?.tenant ?? null
  }

  get claims(): Claims {
    return this.#snapshot()?.claims ?? noClaims
  }

  get level(): Level {
    return this.#snapshot()?.level ?? 1
  }

  get authenticatedAt(): Millis | null {
    return this.#snapshot()?.authenticatedAt ?? null
  }

  get endsAt(): Millis | null {
    return this.#snapshot()?.endsAt ?? null
  }

  get presentation(): Presentation | null {
    return this.#snapshot()?.presentation ?? null
  }

  get login(): Untyped['login'] {
    return (options) => login(this.#opened, this.#head, this.#state, options as UntypedLogin)
  }

  get logout(): Untyped['logout'] {
    return () => logout(this.#opened, this.#state)
  }

  get logoutEverywhere(): Untyped['logoutEverywhere'] {
    return async () => {
      const { user } = this
      if (user !== null) await this.#opened.engine.revokeAll({ user }, 'logout')
      await logout(this.#opened, this.#state)
    }
  }

  get stepUp(): Untyped['stepUp'] {
    return (options = {}) => stepUp(this.#opened, this.#head, this.#state, options)
  }

  get others(): Untyped['others'] {
    return createOtherSessions(this.#opened, this.#head, this.#state).others
  }

  get switchTo(): Untyped['switchTo'] {
    return createOtherSessions(this.#opened, this.#head, this.#state).switchTo
  }

  get leave(): Untyped['leave'] {
    return createOtherSessions(this.#opened, this.#head, this.#state).leave
  }

  get csrfToken(): Untyped['csrfToken'] {
    return () => {
      const { id } = this
      return id === null ? null : makeCsrfToken(this.#opened.ring, id)
    }
  }

  get proveOrigin(): Untyped['proveOrigin'] {
    return (token) => proveOrigin(this.#opened, this.#head, this.#state, token)
  }

  get get(): Untyped['get'] {
    return this.#access().get
  }

  get set(): Untyped['set'] {
    return this.#access().set
  }

  get delete(): Untyped['delete'] {
    return this.#access().delete
  }

  get update(): Untyped['update'] {
    return this.#access().update
  }

  /** What JSON and a log show of it: nothing that opens anything. */
  toJSON(): Record<string, unknown> {
    const { id, user, tenant, claims, level, authenticatedAt, endsAt, presentation } = this
    return { id, user, tenant, claims, level, authenticatedAt, endsAt, presentation }
  }

  #snapshot(): Snapshot | null {
    this.#state.read = true
    return this.#state.admission.snapshot
  }

  /** Made when data is first asked for. */
  #access(): Pick<Untyped, keyof DataAccess<unknown, unknown>> {
    this.#data ??= createRequestData(this.#opened, {
      current: () => this.id,
      begin: (first) => beginAnonymous(this.#opened, this.#head, this.#state, first),
    })
    return this.#data
  }
}

async function beginAnonymous(opened: Opened, head: RequestHead, state: VisitState, data: DataRecord): Promise<Sid> {
  if (!opened.settings.presents.has('cookie') || state.admission.carried.kind === 'token')
    throw new Fault(
      'invalid_value',
      'Nobody is signed in, and without cookies there is no anonymous session to store this in.',
    )
  const started = await begin(opened, head, state, { user: null, present: 'cookie', data })
  return started.session.id
}

/** Everything that speaks against a session that begins in this request. No I/O. */
function checkBeginning({ settings }: Opened, head: RequestHead, state: VisitState, cookie: boolean): void {
  if (state.outside === 'unproven_origin' || (state.outside !== null && cookie)) throw refused(state.outside)
  if (cookie) refuseLate(state)
  if (!settings.insecureHttp && !isSecureTransport(head, settings.origin)) throw refused('insecure_transport')
}

/** Starts a session and makes it the one of this request. Everything that can fail fails before anything is stored. */
async function begin(
  opened: Opened,
  head: RequestHead,
  state: VisitState,
  options: StartOptions,
  replaces?: Sid,
): Promise<Started> {
  const { engine, settings, transports } = opened
  const cookie = options.present !== 'token'
  checkBeginning(opened, head, state, cookie)
  const device = options.device ?? {
    agent: (head.header('user-agent') ?? '').slice(0, 512),
    address: clientAddress(head, settings.origin),
  }
  const started = await engine.start({ ...options, device }, replaces)
  if (!started.ok) throw refused(started.reason)
  const { issued } = started.value
  state.read = true
  state.begun = cookie ? transports.write(issued) : []
  state.ended = false
  state.admission = { ...state.admission, snapshot: issued.snapshot, reason: null, renewed: null }
  return started.value
}

async function login(
  opened: Opened,
  head: RequestHead,
  state: VisitState,
  { alongside = false, ...options }: UntypedLogin,
  continues: 'a session' | 'nothing' = 'nothing',
): Promise<PublicSession | TokenAnswer> {
  const { engine, settings } = opened
  if (options.user === null) throw new Fault('invalid_value', 'login takes the name of a user.')
  const present = options.present ?? settings.present
  const beside = alongside && present === 'cookie' && state.admission.snapshot?.user !== options.user
  // Nobody is put aside for a session that cannot begin.
  if (beside) checkBeginning(opened, head, state, true)
  const aside = beside ? await parked(opened, state) : null
  const previous = aside === null ? await previousOf(opened, state) : null
  const data = await dataFor(opened, previous, options)
  const before = { ...state }
  const started = await begin(opened, head, state, { ...options, present, data }, previous?.sid)
  try {
    const ended = previous !== null && (await engine.revoke(previous.sid, 'replaced'))
    if (continues === 'a session' && !ended) {
      // Somebody has ended it meanwhile: nothing goes on from it.
      await engine.revoke(started.session.id, 'revoked')
      throw refused('revoked')
    }
  } catch (error) {
    // The new session is not handed out: nobody knows its credential.
    Object.assign(state, before)
    throw error
  }
  if (aside !== null) await keepBeside(opened, head, state, aside)
  return present === 'token' ? tokenAnswer(started.issued) : started.session
}

interface Previous {
  readonly sid: Sid
  readonly user: string | null
  readonly tenant: string | null
}

/** The session that the request came with, found by its credential even where that is late, stale or expired, or its snapshot is gone. */
async function previousOf({ engine }: Opened, { admission }: VisitState): Promise<Previous | null> {
  const { snapshot, carried } = admission
  if (snapshot !== null) return snapshot
  switch (carried.kind) {
    case 'none':
      return null
    case 'cookie':
      return engine.ownerOf(carried.credential)
    case 'token':
      return engine.check.ownerOfToken(carried.token)
  }
}

/** What the new session begins with: nothing of another user's, or of another tenant's, ever comes along. */
function dataFor(opened: Opened, previous: Previous | null, options: UntypedLogin): Promise<DataRecord> {
  const own = options.data ?? {}
  if (previous === null) return firstData(opened, own)
  const isSame = previous.user === options.user && previous.tenant === (options.tenant ?? null)
  if (previous.user !== null && !isSame) return firstData(opened, own)
  return dataAfter(opened, { sid: previous.sid, anonymous: previous.user === null }, own)
}

async function stepUp(
  opened: Opened,
  head: RequestHead,
  state: VisitState,
  options: Pick<LoginOptions, 'level' | 'methods'>,
): Promise<PublicSession | TokenAnswer> {
  const { snapshot } = state.admission
  if (snapshot === null || snapshot.user === null) throw refused(state.admission.reason ?? 'anonymous')
  const found = await opened.engine.find(snapshot.sid)
  if (!found.ok) throw refused(found.reason)
  const { user, claims, presentation, persistent, client, device, tenant, level, methods } = found.value
  // What the login shortened stays short: both times begin anew, and neither is longer than it was.
  const absolute = found.value.endsAt - found.value.createdAt
  const times = { idle: Math.max(1, snapshot.idle), absolute }
  const kept = { claims, present: presentation, remember: persistent, client, device, ...times }
  // Asked once the generations are read: an end of all sessions comes before, and is seen, or after, and ends the new one too.
  let lives = true
  const confirm = async (): Promise<boolean> => {
    lives = (await opened.engine.find(snapshot.sid)).ok
    return lives
  }
  const proof = { level: options.level ?? level, methods: options.methods ?? methods, confirm }
  const whose = { user: user as string, ...(tenant === null ? {} : { tenant }) }
  try {
    return await login(opened, head, state, { ...kept, ...whose, ...proof }, 'a session')
  } catch (error) {
    throw lives ? error : refused('revoked')
  }
}

async function proveOrigin(opened: Opened, head: RequestHead, state: VisitState, token: unknown): Promise<boolean> {
  if (state.outside !== 'unproven_origin') return state.outside === null
  const proven = await opened.gate.prove(head, token, state.left ? 'never' : 'in passing')
  if (proven.ok) Object.assign(state, { admission: proven.value, outside: null })
  return proven.ok
}

/** Ends the session that the request came with. Throws when the store could not write it: then it is still alive, and the cookies stay. */
async function logout(opened: Opened, state: VisitState): Promise<void> {
  const { carried, reason } = state.admission
  // Two cookies of one name, or two tokens: whose session it is cannot be told, so nothing is ended and nothing is said to be.
  if (carried.kind === 'none' && reason !== null && !state.ended) throw refused(reason)
  const previous = await previousOf(opened, state)
  if (state.left && carried.kind !== 'token' && previous !== null)
    throw new Fault(
      'head_sent',
      'The response has begun, so its cookies can no longer be deleted. Nothing was changed: log out before writing to the response.',
    )
  if (previous !== null) await opened.engine.revoke(previous.sid, 'logout')
  state.admission = { ...state.admission, snapshot: null, reason: 'revoked', renewed: null }
  state.begun = null
  state.ended = true
}
