import type { Clock, Millis } from '../base/clock.ts'
import { hasBody, type RequestHead } from '../base/head.ts'
import { accept, type Check, type Reason, refuse } from '../base/reasons.ts'
import { parseCredential } from '../crypto/credential.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Engine } from '../engine/engine.ts'
import type { Issued } from '../engine/issue.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Cors } from './cors.ts'
import { awaitsFormToken, checkCsrf, headerToken, needsProof } from './csrf.ts'
import { checkCsrfToken } from './csrf-token.ts'
import type { OriginRules } from './origin.ts'
import type { BoundOf } from './revocation-bounds.ts'
import type { Carried, Transports } from './transports.ts'

/** What the gate found out about a request from its head alone. */
export interface Admission {
  readonly carried: Carried
  /** null = anonymous. */
  readonly snapshot: Snapshot | null
  /** Why the request is anonymous although it carries something; null when it carries nothing or is signed in. */
  readonly reason: Reason | null
  /** A renewed pair for the answer. */
  readonly renewed: { readonly issued: Issued; readonly startedAt: Millis } | null
}

/** Why cookies count for nothing in a request, and none may be set: it is not known, or known too well, where it was started. null: they do. */
export type Outside = 'unproven_origin' | 'cross_site' | null

export function outsideOf({ reason }: Admission): Outside {
  return reason === 'unproven_origin' || reason === 'cross_site' ? reason : null
}

/** `never` where no cookie can leave with the answer: then an expired snapshot costs one read of the record, and nothing rotates. */
export type Renewing = 'in passing' | 'never'

export interface Gate {
  /**
   * Lets a request in, signed in or anonymous, or refuses it for where it was started.
   *
   * A refused credential never stops a request and never clears cookies: the request is anonymous, and a guard answers with the reason.
   *
   * @returns or refuses: `cross_site`, `unproven_origin`
   * @throws Fault `store_unavailable`: whether somebody is signed in cannot be known
   * Cost: no I/O for a request with a snapshot that stands; otherwise the cost of a renewal.
   */
  admit(head: RequestHead, renewing?: Renewing): Check<Admission> | Promise<Check<Admission>>
  /**
   * Judges a request again that was let in as nobody for want of a proof where it was started, now with the token of a field of its form.
   *
   * @returns or refuses: `unproven_origin`
   * Cost: as `admit`.
   */
  prove(head: RequestHead, token: unknown, renewing: Renewing): Promise<Check<Admission>>
}

/** What shows where a request was started if none of its headers does. */
export interface Proofs {
  readonly ring: KeyRing
  /** Pages of other sites that may act without cookies. */
  readonly cors: Cors
  /** Tokens may also come in a field of a form, which the application reads. */
  readonly formTokens: boolean
}

const nobody: Admission = Object.freeze({
  carried: Object.freeze({ kind: 'none' }),
  snapshot: null,
  reason: null,
  renewed: null,
})
const nobodyAccepted: Check<Admission> = Object.freeze(accept(nobody))

/** What the gate goes by. */
export interface GateRules {
  readonly origin: OriginRules
  readonly boundOf: BoundOf
}

export function createGate(engine: Engine, transports: Transports, rules: GateRules, proofs: Proofs): Gate {
  function admit(head: RequestHead, renewing: Renewing = 'in passing'): Check<Admission> | Promise<Check<Admission>> {
    const carried = transports.read(head)
    const start = needsProof(head) ? checkStart(head, carried, () => headerToken(head)) : null
    if (start === null || start.ok) return admitCarried(head, carried, renewing)
    const awaits = proofs.formTokens && start.reason === 'unproven_origin' && awaitsFormToken(head)
    // A page of another site, for which cookies neither count nor can be set.
    if (start.reason === 'cross_site' && proofs.cors.isForTokens(head)) return anonymous(nobody.carried, 'cross_site')
    // Until it is proven, nothing that it carries is known to anybody: neither to be used nor to be ended.
    return awaits ? anonymous(nobody.carried, 'unproven_origin') : start
  }

  async function prove(head: RequestHead, token: unknown, renewing: Renewing): Promise<Check<Admission>> {
    const carried = transports.read(head)
    const proven = checkStart(head, carried, () => token)
    return proven.ok ? admitCarried(head, carried, renewing) : proven
  }

  /**
   * The session that a token must be of is the one that the credential names, whether or not its tag is right: a token says who wrote the request,
   * and who it acts for is judged afterwards, by all of the credential. With another tag it acts for nobody.
   */
  function checkStart(head: RequestHead, carried: Check<Carried>, token: () => unknown): Check<void> {
    const sessionCookie = !carried.ok || carried.value.kind === 'cookie' || transports.carriesCookie(head)
    const showsToken = (): boolean => {
      if (!carried.ok || carried.value.kind !== 'cookie') return false
      const credential = parseCredential(carried.value.credential, proofs.ring)
      return credential.ok && checkCsrfToken(proofs.ring, credential.value.sid, token())
    }
    return checkCsrf(head, rules.origin, { sessionCookie, authorization: transports.readsAuthorization, showsToken })
  }

  function admitCarried(
    head: RequestHead,
    carried: Check<Carried>,
    renewing: Renewing,
  ): Check<Admission> | Promise<Check<Admission>> {
    if (!carried.ok) return anonymous(nobody.carried, carried.reason)
    switch (carried.value.kind) {
      case 'none':
        return nobodyAccepted
      case 'token':
        return admitToken(carried.value, rules.boundOf(head.target))
      case 'cookie':
        return admitCookies(head, carried.value, renewing)
    }
  }

  function admitToken(
    carried: Carried & { readonly kind: 'token' },
    bound: Millis | undefined,
  ): Check<Admission> | Promise<Check<Admission>> {
    const checked = engine.check.token(carried.token, bound)
    return checked instanceof Promise ? checked.then((late) => conclude(carried, late)) : conclude(carried, checked)
  }

  function admitCookies(
    head: RequestHead,
    carried: CookieCarried,
    renewing: Renewing,
  ): Check<Admission> | Promise<Check<Admission>> {
    if (carried.snapshot === null) return renew(head, carried, renewing)
    const checked = engine.check.cookies(carried.credential, carried.snapshot, rules.boundOf(head.target))
    if (checked === 'renew') return renew(head, carried, renewing)
    if (checked === 'ask') return ask(head, carried, renewing)
    return conclude(carried, checked)
  }

  /** This node may not answer from memory: the record decides, and the snapshot stays as it is unless it is stale. */
  async function ask(head: RequestHead, carried: CookieCarried, renewing: Renewing): Promise<Check<Admission>> {
    const checked = await engine.check.recheckCookie(carried.snapshot as string, rules.boundOf(head.target))
    return checked.ok || checked.reason !== 'stale_claims' ? conclude(carried, checked) : renew(head, carried, renewing)
  }

  async function renew(head: RequestHead, carried: CookieCarried, renewing: Renewing): Promise<Check<Admission>> {
    const readOnly = renewing === 'never' || isPrefetch(head)
    const { credential } = carried
    const bound = rules.boundOf(head.target)
    const renewed = await engine.renew({ credential, carrier: 'cookie', hasBody: hasBody(head), readOnly, bound })
    if (!renewed.ok) return anonymous(carried, renewed.reason)
    const { snapshot, issued, startedAt } = renewed.value
    return accept({ carried, snapshot, reason: null, renewed: issued === null ? null : { issued, startedAt } })
  }

  return { admit, prove }
}

type CookieCarried = Carried & { readonly kind: 'cookie' }

function conclude(carried: Carried, checked: Check<Snapshot>): Check<Admission> {
  if (!checked.ok) return anonymous(carried, checked.reason)
  return { ok: true, value: { carried, snapshot: checked.value, reason: null, renewed: null } }
}

function anonymous(carried: Carried, reason: Reason): Check<Admission> {
  return accept({ carried, snapshot: null, reason, renewed: null })
}

function isPrefetch(head: RequestHead): boolean {
  return head.header('sec-purpose')?.includes('prefetch') === true
}

/** Refusals that a route gives to whoever it does not let in. */
export interface Guard {
  /** At least this assurance level. */
  readonly level?: 1 | 2 | 3
  /** The sign-in is at most this old. */
  readonly maxAge?: Millis
  /** Claims that must be there; several values of one claim are alternatives. */
  readonly claim?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** Path of your sign-in page: a browser that navigates without a session is sent there, with `next` for the way back, instead of getting 401. */
  readonly signIn?: string
}

/**
 * Whether a request may enter a guarded route.
 *
 * @returns the snapshot, or refuses: the reason why it is anonymous, `anonymous`, `step_up_required`, `claim_required`
 */
export function guard(admission: Admission, rules: Guard, clock: Clock): Check<Snapshot> {
  const { snapshot } = admission
  if (snapshot === null || snapshot.user === null) return refuse(admission.reason ?? 'anonymous')
  if (rules.level !== undefined && snapshot.level < rules.level) return refuse('step_up_required')
  if (rules.maxAge !== undefined && clock.now() - (snapshot.authenticatedAt ?? 0) > rules.maxAge)
    return refuse('step_up_required')
  if (rules.claim === undefined) return accept(snapshot)
  for (const [name, wanted] of Object.entries(rules.claim)) {
    const value = Object.hasOwn(snapshot.claims, name) ? snapshot.claims[name] : undefined
    if (!satisfies(value, wanted)) return refuse('claim_required')
  }
  return accept(snapshot)
}

function satisfies(
  value: Snapshot['claims'][string] | undefined,
  wanted: string | number | boolean | readonly string[],
): boolean {
  if (value === undefined) return false
  const has = (item: string | number | boolean): boolean =>
    typeof value === 'object' ? typeof item === 'string' && value.includes(item) : value === item
  return typeof wanted === 'object' ? wanted.some(has) : has(wanted)
}
