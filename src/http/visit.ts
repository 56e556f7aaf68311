import { Fault, refused } from '../base/fault.ts'
import type { RequestHead } from '../base/head.ts'
import type { Check } from '../base/reasons.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type Cookie, deleteCookie, serializeCookie } from './cookie.ts'
import { checkCookieBudget } from './cookie-budget.ts'
import { type Admission, type Guard, guard, outsideOf } from './gate.ts'
import type { HeaderLine } from './header-lines.ts'
import type { Opened } from './opened.ts'
import { type AnySession, createRequestSession, type RequestSession } from './request-session.ts'
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
  deleteCookie(cookie: Omit<Cookie, 'value' | 'maxAge'>): void
  /**
   * Lines for the response head, asked for once, as it leaves: cookies that are due, and `no-store` where the session was read or cookies are set. A renewed pair that
   * is later than D is dropped, like a lost reply.
   */
  leave(): readonly HeaderLine[]
}

/** Not `"cookies"`: that would take the cookies of the whole domain along (X9). */
const clearStorage: HeaderLine = ['Clear-Site-Data', '"storage"']

const visits = new WeakMap<AnySession, Visit>()

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
  visits.set(view as AnySession, visit)
}

/** The same, or null. */
export function findVisit(carrier: unknown): Visit | null {
  if (typeof carrier !== 'object' || carrier === null) return null
  const direct = visits.get(carrier as RequestSession)
  if (direct !== undefined) return direct
  const { session } = carrier as { readonly session?: unknown }
  if (typeof session !== 'object' || session === null) return null
  return visits.get(session as RequestSession) ?? null
}

export function createVisit(opened: Opened, head: RequestHead, admission: Admission): Visit {
  const outside = outsideOf(admission)
  const state: VisitState = { admission, outside, begun: null, ended: false, read: false, varies: false, left: false }
  const session = createRequestSession(opened, head, state)
  const others = new Map<string, HeaderLine>()

  function addOther(name: string, line: string): void {
    if (state.outside !== null) throw refused(state.outside)
    if (state.left)
      throw new Fault(
        'head_sent',
        `The response has begun, so the cookie ${name} can no longer be set: do this before writing to the response.`,
      )
    checkCookies([line])
    others.set(name, ['Set-Cookie', line])
  }

  function checkCookies(lines: readonly string[]): void {
    const ours = [...(state.begun ?? []), ...others.values()].map(([, line]) => line)
    const set = [...ours, ...lines]
    const limits = opened.settings.cookies.budget
    const own = opened.transports.cookieNames
    checkCookieBudget({ held: head.header('cookie'), set, own, limits, now: opened.engine.clock.now() })
  }

  const visit: Visit = {
    opened,
    head,
    session,
    get admission() {
      return state.admission
    },
    guard: (rules) => {
      state.read = true
      return guard(state.admission, rules, opened.engine.clock.now())
    },
    varyByCookie: () => {
      state.varies = true
    },
    keepFromCaches: () => {
      state.read = true
    },
    checkCookies,
    setCookie: (cookie) => addOther(cookie.name, serializeCookie(cookie)),
    deleteCookie: (cookie) => addOther(cookie.name, deleteCookie(cookie)),
    leave: () => {
      state.left = true
      const lines = [...sessionLines(opened, state), ...others.values()]
      if (lines.length > 0 || state.read) lines.push(['Cache-Control', 'no-store'])
      if (lines.length > 0 || state.varies)
        lines.push(['Vary', opened.transports.readsAuthorization ? 'Cookie, Authorization' : 'Cookie'])
      lines.push(...opened.settings.cors.lines(head))
      return lines
    },
  }
  visits.set(session, visit)
  return visit
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
