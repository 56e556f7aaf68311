import { Fault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import type { PreferenceKind } from './preference-kind.ts'
import {
  type PreferenceDefinition,
  type PreferenceLimits,
  type PreferencePlan,
  planPreferences,
} from './preference-plan.ts'
import { createPreferenceSlot, type PreferenceSlot } from './preference-slot.ts'
import { type Carrier, type Visit, visitOf } from './visit.ts'

/** Kinds by the names of their preferences. */
export type PreferenceKinds = Readonly<Record<string, PreferenceKind>>

/** What a preference takes, and what is read of it. */
export type PreferenceInput<Kind> = Kind extends PreferenceKind<infer Input, infer _Output> ? Input : never
export type PreferenceValue<Kind> = Kind extends PreferenceKind<infer _Input, infer Output> ? Output : never

export interface Preferences<Kinds extends PreferenceKinds> {
  /**
   * The preferences of whoever sent this request. Needs no session, begins none and reads none.
   *
   * @param carrier the request (`req`), in Hono `c.var`, or its session: `session(auth)` must have let it in
   * @throws TypeError where it has not
   */
  of(carrier: Carrier): RequestPreferences<Kinds>
}

/** The preferences of one request. */
export interface RequestPreferences<Kinds extends PreferenceKinds> {
  /**
   * The value that was last set; the default if there is none, or if it is malformed, forged, over, there twice, or no longer of the kind.
   *
   * @throws Fault `store_unavailable` for a value on the server
   * Cost: none; one read for a value on the server, the first time in a request.
   */
  get<Name extends keyof Kinds & string>(name: Name): Promise<PreferenceValue<Kinds[Name]>>
  /**
   * Sets a value; its cookie leaves with the head of the response, and its lifetime begins anew.
   *
   * @throws Fault `invalid_value` for what is not of the kind or does not fit, `head_sent`, `store_unavailable`, `not_stored`: then nothing was changed
   * Cost: none; on the server two writes for the first value, one read and one write for the next, one read and two writes when it moves back into the cookie.
   */
  set<Name extends keyof Kinds & string>(name: Name, value: PreferenceInput<Kinds[Name]>): Promise<void>
  /** Deletes the value: the default holds. Cost: none; one read and two writes for a value on the server. @throws Fault as `set` */
  delete(name: keyof Kinds & string): Promise<void>
  /** All of them, by name. Cost: as for getting each one. */
  all(): Promise<{ readonly [Name in keyof Kinds]: PreferenceValue<Kinds[Name]> }>
}

/**
 * Typed preferences, each in a cookie of its own, apart from the session: they outlive logout and login, and are nobody's proof of anything.
 *
 * Cookies are named `__Host-NAME` (`NAME` with `insecureHttp`), Secure, HttpOnly unless `readableByScript`, SameSite=Lax, Path=/. Does NOT encrypt: whoever holds the
 * browser can read every value that is in a cookie. `signed` says that the application has written it, not for whom: a copy works in another browser, and an older
 * one until its own end.
 *
 * A script reads `decodeURIComponent(TEXT)`, where TEXT is the value of the cookie, or if it is signed what follows its second dot. It is the text of `oneOf` and `text`,
 * `true` or `false`, decimal digits, or JSON.
 *
 * A value on the server is found by a signed random reference, of which only the hash is stored. It is gone some minutes after its lifetime.
 *
 * @param definitions by name: a kind, or `{ of: kind, default, lifetime, readableByScript, signed, overflow }`
 * @throws Fault `invalid_option` listing every finding
 * @see M1; RFC 6265bis
 */
export function preferences<Kinds extends PreferenceKinds>(
  definitions: { readonly [Name in keyof Kinds]: PreferenceDefinition<Kinds[Name]> },
  limits: PreferenceLimits = {},
): Preferences<Kinds> {
  const plans = planPreferences(definitions, limits)
  const visits = new WeakMap<Visit, Map<string, PreferenceSlot>>()

  function slotsOf(visit: Visit): Map<string, PreferenceSlot> {
    const slots = visits.get(visit) ?? new Map<string, PreferenceSlot>()
    visits.set(visit, slots)
    return slots
  }

  function ofVisit(visit: Visit): RequestPreferences<Kinds> {
    const slots = slotsOf(visit)
    const slotOf = (name: string): PreferenceSlot => {
      const slot = slots.get(name) ?? createPreferenceSlot(visit, planOf(plans, name))
      slots.set(name, slot)
      return slot
    }
    return {
      get: async (name) => (await slotOf(name).get()) as PreferenceValue<Kinds[typeof name]>,
      set: async (name, value) => slotOf(name).set(value),
      delete: async (name) => slotOf(name).delete(),
      all: async () => {
        const names = [...plans.keys()]
        const values = await Promise.all(names.map((name) => slotOf(name).get()))
        return Object.fromEntries(names.map((name, index) => [name, values[index]])) as {
          readonly [Name in keyof Kinds]: PreferenceValue<Kinds[Name]>
        }
      },
    }
  }

  return { of: (carrier) => ofVisit(visitOf(carrier)) }
}

function planOf(plans: ReadonlyMap<string, PreferencePlan>, name: string): PreferencePlan {
  const plan = plans.get(name)
  if (plan === undefined)
    throw new Fault(
      'invalid_value',
      `${JSON.stringify(name)} is not a preference${nearest(`${name}`, [...plans.keys()])}.`,
    )
  return plan
}
