import { isSafeMethod, isWebSocketHandshake, type RequestHead } from '../base/head.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { type OriginRules, ownOrigin } from './origin.ts'

/** Which credentials of ours the request carries. */
export interface Carries {
  /** A session cookie of ours, in whatever state. */
  readonly sessionCookie: boolean
  /** An Authorization header that our transport reads, so that no cookie counts. */
  readonly authorization: boolean
  /** Whether the request shows a CSRF token of the session that its cookie names; asked last, and only where nothing else speaks (never). */
  readonly showsToken?: () => boolean
}

/** Where scripts put the token of `csrf-token.ts`. */
export const csrfTokenHeader = 'X-CSRF-Token'

const passed: Check<void> = Object.freeze(accept(undefined))

/**
 * Whether the request was started by the application itself, as far as a browser says so. Looks at the method, Authorization, Fetch
 * Metadata, Origin and Referer, in this order; never at `X-HTTP-Method-Override`, `_method` or a body (X5).
 *
 * - Safe methods pass: they must not change state. The handshake of a WebSocket does not count as safe, because of what follows it.
 * - A Bearer or DPoP credential that our transport reads passes, because no browser adds one by itself. Basic, Negotiate and others,
 *   which browsers do add, prove nothing.
 * - Sec-Fetch-Site (X1): `same-origin` and `none` pass, `same-site` passes for an Origin in `trustedOrigins`, everything else is
 *   refused: `cross-site` even when its Origin is listed (the list is for siblings), unknown values, several lines.
 * - Without it (X2): Origin, or where that is missing Referer, must be the own origin or listed, to the letter. If the own origin
 *   cannot be known, only a listed one passes.
 * - With none of the three (X3): passed where no session cookie came along, because there is nothing to ride on; with one only if the
 *   request shows a CSRF token of that session. Where any of the three is there, a token is not looked at.
 *
 * @returns `cross_site`, or `unproven_origin` where nothing shows where the request was started
 */
export function checkCsrf(head: RequestHead, rules: OriginRules, carries: Carries): Check<void> {
  if (!needsProof(head)) return passed
  if (carries.authorization && hasTokenScheme(head)) return passed
  const site = head.header('sec-fetch-site')
  if (site !== undefined) return checkFetchSite(site, head, rules)
  if (head.header('origin') !== undefined) return checkSource(head, rules, 'origin')
  if (head.header('referer') !== undefined) return checkSource(head, rules, 'referer')
  if (!carries.sessionCookie || carries.showsToken?.() === true) return passed
  return refuse('unproven_origin')
}

/** Whether it asks for a change of state, so that it matters who has started it. */
export function needsProof(head: RequestHead): boolean {
  return !isSafeMethod(head.method) || isWebSocketHandshake(head)
}

/** The token in the header; a doubled line is none. */
export function headerToken(head: RequestHead): string | null {
  return head.count('x-csrf-token') === 1 ? (head.header('x-csrf-token') ?? null) : null
}

/**
 * Whether a field of the body may still prove where the request was started: a form, POSTed as HTML does it, by a client that sends none of
 * the three headers.
 */
export function awaitsFormToken(head: RequestHead): boolean {
  const silent = ['sec-fetch-site', 'origin', 'referer'].every((name) => head.header(name) === undefined)
  return silent && isForm(head)
}

const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data']

function isForm(head: RequestHead): boolean {
  if (head.method !== 'POST' || head.count('content-type') !== 1) return false
  return formTypes.includes(head.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '')
}

function hasTokenScheme(head: RequestHead): boolean {
  const scheme = head.header('authorization')?.split(' ', 1)[0]?.toLowerCase()
  return scheme === 'bearer' || scheme === 'dpop'
}

function checkFetchSite(site: string, head: RequestHead, rules: OriginRules): Check<void> {
  if (head.count('sec-fetch-site') !== 1) return refuse('cross_site')
  if (site === 'same-origin' || site === 'none') return passed
  if (site !== 'same-site') return refuse('cross_site')
  const origin = head.header('origin')
  const listed = origin !== undefined && head.count('origin') === 1 && rules.trustedOrigins.includes(origin)
  return listed ? passed : refuse('cross_site')
}

function checkSource(head: RequestHead, rules: OriginRules, name: 'origin' | 'referer'): Check<void> {
  if (head.count(name) !== 1) return refuse('cross_site')
  const source = head.header(name) as string
  const startedFrom = (origin: string): boolean =>
    source === origin || (name === 'referer' && source.startsWith(`${origin}/`))
  const own = ownOrigin(head, rules)
  if ((own !== null && startedFrom(own)) || rules.trustedOrigins.some(startedFrom)) return passed
  return refuse(own === null ? 'unproven_origin' : 'cross_site')
}
