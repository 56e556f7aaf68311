import { Fault, refused } from '../base/fault.ts'
import type { RequestHead } from '../base/head.ts'
import type { Check } from '../base/reasons.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type Cookie, type CookieShape, deleteCookie, serializeCookie } from './cookie.ts'
import { checkCookieBudget } from './cookie-budget.ts'
import { type Admission, type Guard, guard, type Outside, outsideOf } from './gate.ts'
import type { HeaderLine } from './header-lines.ts'
import type { Opened } from './opened.ts'
import { type AnySession, createRequestSession, type RequestSession, stateOf } from './request-session.ts'
import type { VisitState } from './visit-state.ts'

/** One request, from the gate to the moment its response head leaves. */
export interface Visit {
  readonly opened: Opened
  readonly head: RequestHead
  readonly session: RequestSession
  /** What the gate found out, as far as it still holds. */
  readonly admission: Admission
  /** Judges a guarded route; counts as reading the session. */
  guard(rules: Guard): Check<Snapshot>
  /** The answer depends on cookies, so caches must be told. */
  varyByCookie(): void
  /** The answer depends on what is on the server, so no cache may keep it. */
  keepFromCaches(): void
  /** Whether browsers would keep these Set-Cookie lines of the application, beside what they hold. @throws Fault `cookie_budget` */
  checkCookies(lines: readonly string[]): void
  /** A cookie beside those of the session; the last one of a name leaves with the head. @throws Fault `head_sent`, `invalid_value` */
  setCookie(cookie: Cookie): void
  /** Deletes such a cookie. @throws Fault `head_sent`, `invalid_value` */
  deleteCookie(cookie: CookieShape): void
  /**
   * Lines for the response head, asked for once, as it leaves: cookies that are due, and `no-store` where the session was read or cookies are set. A renewed pair that
   * is later than D is dropped, like a lost reply.
   */
  leave(): readonly HeaderLine[]
}

/** Not `"cookies"`: that would take the cookies of the whole domain along (X9). */
const clearStorage: HeaderLine = ['Clear-Site-Data', '"storage"']

/** Objects that stand for a session without being one. */
const views = new WeakMap<object, Visit>()

/** A session, or what carries one: the request of every adapter, in Hono `c.var`; or what `currentSession` of Next gives. */
export type Carrier = Pick<AnySession, 'id' | 'user'> | { readonly session: AnySession }

/** The visit that this request is. @throws TypeError where `session(auth)` has not let it in */
export function visitOf(carrier: Carrier): Visit {
  const visit = findVisit(carrier)
  if (visit === null) throw new TypeError('This request has no session: session(auth) must come before.')
  return visit
}

/** Lets a view of a visit's session stand for it where no cookie can be set any more. */
export function standFor(view: object, visit: Visit): void {
  visit.leave()
  views.set(view, visit)
}

/** The same, or null. */
export function findVisit(carrier: unknown): Visit | null {
  if (typeof carrier !== 'object' || carrier === null) return null
  return behind((carrier as { readonly session?: unknown }).session) ?? behind(carrier)
}

function behind(session: unknown): Visit | null {
  if (typeof session !== 'object' || session === null) return null
  const state = stateOf(session)
  return state instanceof RequestVisit ? state : (views.get(session) ?? null)
}

export function createVisit(opened: Opened, head: RequestHead, admission: Admission): Visit {
  return new RequestVisit(opened, head, admission)
}

const none: readonly HeaderLine[] = Object.freeze([])
const readByCookie: readonly HeaderLine[] = readLines('Cookie')
const readByBoth: readonly HeaderLine[] = readLines('Cookie, Authorization')

/** What an answer says that has read the session and sets nothing. */
function readLines(vary: string): readonly HeaderLine[] {
  const lines: readonly HeaderLine[] = [
    ['Cache-Control', 'no-store'],
    ['Vary', vary],
  ]
  return Object.freeze(lines)
}

/** A class, because there is one for each request (decision 022). */
class RequestVisit implements Visit, VisitState {
  readonly opened: Opened
  readonly head: RequestHead
  readonly session: RequestSession
  admission: Admission
  outside: Outside
  begun: readonly HeaderLine[] | null = null
  ended = false
  read = false
  varies = false
  left = false
  /** By name, so that the last one of a name leaves. */
  #others: Map<string, HeaderLine> | null = null

  constructor(opened: Opened, head: RequestHead, admission: Admission) {
    this.opened = opened
    this.head = head
    this.admission = admission
    this.outside = outsideOf(admission)
    this.session = createRequestSession(opened, head, this)
  }

  guard(rules: Guard): Check<Snapshot> {
    this.read = true
    return guard(this.admission, rules, this.opened.engine.clock)
  }

  varyByCookie(): void {
    this.varies = true
  }

  keepFromCaches(): void {
    this.read = true
  }

  checkCookies(lines: readonly string[]): void {
    const { settings, transports, engine } = this.opened
    const ours = [...(this.begun ?? none), ...this.#otherLines()].map(([, line]) => line)
    const set = [...ours, ...lines]
    const own = transports.cookieNames
    const limits = settings.cookies.budget
    checkCookieBudget({ held: this.head.header('cookie'), set, own, limits, now: engine.clock.now() })
  }

  setCookie(cookie: Cookie): void {
    this.#addOther(cookie.name, serializeCookie(cookie))
  }

  deleteCookie(cookie: CookieShape): void {
    this.#addOther(cookie.name, deleteCookie(cookie))
  }

  leave(): readonly HeaderLine[] {
    this.left = true
    const { transports, settings } = this.opened
    const ours = sessionLines(this.opened, this)
    const cors = settings.cors.lines(this.head)
    const varies = transports.readsAuthorization ? readByBoth : readByCookie
    if (ours.length + cors.length === 0 && this.#others === null) {
      if (this.read) return varies
      return this.varies ? varies.slice(1) : none
    }
    const lines = [...ours, ...this.#otherLines()]
    if (lines.length > 0 || this.read) lines.push(...varies)
    else if (this.varies) lines.push(...varies.slice(1))
    lines.push(...cors)
    return lines
  }

  #otherLines(): Iterable<HeaderLine> {
    return this.#others?.values() ?? none
  }

  #addOther(name: string, line: string): void {
    if (this.outside !== null) throw refused(this.outside)
    if (this.left)
      throw new Fault(
        'head_sent',
        `The response has begun, so the cookie ${name} can no longer be set: do this before writing to the response.`,
      )
    this.checkCookies([line])
    this.#others ??= new Map()
    this.#others.set(name, ['Set-Cookie', line])
  }
}

function sessionLines({ transports, engine }: Opened, state: VisitState): readonly HeaderLine[] {
  if (state.outside !== null) return []
  if (state.begun !== null) return state.begun
  if (state.ended) {
    const withCookies = transports.readsCookies && state.admission.carried.kind !== 'token'
    return withCookies ? [...transports.clear(), clearStorage] : []
  }
  const { renewed } = state.admission
  if (renewed === null) return []
  const late = engine.clock.monotonic() - renewed.startedAt > engine.policy.transit
  // A login or an end that came meanwhile must not be undone in the browser's jar by a slow request.
  const stands = engine.check.stands(renewed.issued.snapshot)
  return late || !stands ? [] : transports.write(renewed.issued)
}
