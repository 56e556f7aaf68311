import type { RequestHead } from '../base/head.ts'
import type { Check } from '../base/reasons.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type Admission, type Guard, guard } from './gate.ts'
import type { Opened } from './opened.ts'
import { createRequestSession, type RequestSession } from './request-session.ts'
import type { HeaderLine } from './transports.ts'
import type { VisitState } from './visit-state.ts'

/** One request, from the gate to the moment its response head leaves. */
export interface Visit {
  readonly session: RequestSession
  /** Judges a guarded route; counts as reading the session. */
  guard(rules: Guard): Check<Snapshot>
  /**
   * Lines for the response head, asked for once, as it leaves: cookies that are due, and `no-store` where the session was read or set. A renewed pair that is later
   * than D is dropped, like a lost reply (protocol 5).
   */
  leave(): readonly HeaderLine[]
}

/** Not `"cookies"`: that would take the cookies of the whole domain along (X9). */
const clearStorage: HeaderLine = ['Clear-Site-Data', '"storage"']

export function createVisit(opened: Opened, head: RequestHead, admission: Admission): Visit {
  const state: VisitState = { admission, begun: null, ended: false, read: false, left: false }
  const session = createRequestSession(opened, head, state)

  function cookies(): readonly HeaderLine[] {
    const { transports, engine } = opened
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

  return {
    session,
    guard: (rules) => {
      state.read = true
      return guard(state.admission, rules, opened.engine.clock.now())
    },
    leave: () => {
      state.left = true
      const lines = cookies()
      if (lines.length === 0 && !state.read) return lines
      return [
        ...lines,
        ['Cache-Control', 'no-store'],
        ['Vary', opened.transports.readsAuthorization ? 'Cookie, Authorization' : 'Cookie'],
      ]
    },
  }
}
