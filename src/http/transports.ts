import { type Clock, day, second, toSeconds } from '../base/clock.ts'
import type { RequestHead } from '../base/head.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import type { Issued } from '../engine/issue.ts'
import type { Presentation } from '../model/session.ts'
import { type CookieShape, deleteCookie, duplicate, readCookies, serializeCookie } from './cookie.ts'
import type { CookieRules } from './cookie-options.ts'
import type { HeaderLine } from './header-lines.ts'
import { readPlainPair } from './plain-pair.ts'

/** What a request carries of ours. */
export type Carried =
  | { readonly kind: 'none' }
  | { readonly kind: 'cookie'; readonly credential: string; readonly snapshot: string | null }
  | { readonly kind: 'token'; readonly token: string }

/** The cookies with everything but their values. */
export interface CookiePair {
  readonly session: CookieShape
  readonly snapshot: CookieShape
  /** Credentials of other users' sessions in the same browser, until it is closed (`other-sessions.ts`). */
  readonly others: CookieShape
  /** Those that survive its closing. */
  readonly keptOthers: CookieShape
}

/**
 * The one place that names them: `__Host-` cookies by RFC 6265bis 4.1.3, `__Secure-` where sharing with sub-domains is asked for, and over plain http, which is asked
 * for by name, the same without Secure.
 */
export function cookiePair({ prefix, names, sameSite, partitioned, domain, secure }: CookieRules): CookiePair {
  const shared = { path: '/', domain, secure, httpOnly: true, sameSite, partitioned } as const
  return {
    session: { name: prefix + names.session, ...shared },
    snapshot: { name: prefix + names.snapshot, ...shared },
    others: { name: `${prefix}${names.session}-others`, ...shared },
    keptOthers: { name: `${prefix}${names.session}-kept-others`, ...shared },
  }
}

export interface Transports {
  /** @returns or refuses: `duplicate_cookie`, `conflicting_credentials`, `unsupported_scheme`, `oversized_credential` */
  read(head: RequestHead): Check<Carried>
  /** Whether any cookie of ours came along, in whatever state. */
  carriesCookie(head: RequestHead): boolean
  /** Names of our cookies; none where cookies are not ours. */
  readonly cookieNames: readonly string[]
  /** Whether cookies are ours to read and set. */
  readonly readsCookies: boolean
  /** Whether Authorization is ours to read. */
  readonly readsAuthorization: boolean
  /** Set-Cookie lines for a cookie session. */
  write(issued: Issued): readonly HeaderLine[]
  /** Set-Cookie lines that delete both cookies. */
  clear(): readonly HeaderLine[]
}

const nothing: Check<Carried> = Object.freeze(accept(Object.freeze({ kind: 'none' })))
const longestToken = 8192
const longestCookieLife = 400 * day

const space = 0x20
const bearer = 'Bearer '

export function createTransports(presents: ReadonlySet<Presentation>, pair: CookiePair, clock: Clock): Transports {
  const names = [pair.session.name, pair.snapshot.name]
  const readsCookies = presents.has('cookie')
  const readsAuthorization = presents.has('token')

  function read(head: RequestHead): Check<Carried> {
    if (readsAuthorization && head.header('authorization') !== undefined) {
      const bearer = readBearer(head)
      if (bearer !== null) return bearer
    }
    return readsCookies ? readPair(head) : nothing
  }

  function readPair(head: RequestHead): Check<Carried> {
    const header = head.header('cookie')
    if (header === undefined) return nothing
    const plain = readPlainPair(header, pair.session.name, pair.snapshot.name)
    if (plain !== null) return { ok: true, value: { kind: 'cookie', ...plain } }
    const [credential, snapshot] = readCookies(header, names)
    if (credential === duplicate || snapshot === duplicate) return refuse('duplicate_cookie')
    if (credential === undefined) return nothing
    return { ok: true, value: { kind: 'cookie', credential, snapshot: snapshot ?? null } }
  }

  function write(issued: Issued): readonly HeaderLine[] {
    const now = clock.now()
    const lines: HeaderLine[] = []
    if (issued.credential !== null) {
      const life = Math.min(issued.snapshot.endsAt - now, longestCookieLife)
      const maxAge = issued.persistent ? Math.max(1, toSeconds(life)) : undefined
      lines.push(['Set-Cookie', serializeCookie({ ...pair.session, value: issued.credential, maxAge })])
    }
    const maxAge = Math.max(1, Math.ceil((issued.snapshot.expiresAt - now) / second))
    lines.push(['Set-Cookie', serializeCookie({ ...pair.snapshot, value: issued.snapshotText, maxAge })])
    return lines
  }

  return {
    read,
    carriesCookie: (head) =>
      readsCookies &&
      readCookies(head.header('cookie'), [...names, pair.others.name, pair.keptOthers.name]).some(
        (found) => found !== undefined,
      ),
    cookieNames: readsCookies ? names : [],
    readsCookies,
    readsAuthorization,
    write,
    clear: () => [
      ['Set-Cookie', deleteCookie(pair.session)],
      ['Set-Cookie', deleteCookie(pair.snapshot)],
    ],
  }
}

/** Authorization: Bearer, RFC 6750 section 2.1. null: a scheme that is the application's own business. */
function readBearer(head: RequestHead): Check<Carried> | null {
  if (head.count('authorization') > 1) return refuse('conflicting_credentials')
  const value = head.header('authorization') as string
  if (
    value.startsWith(bearer) &&
    value.length <= longestToken &&
    value.charCodeAt(bearer.length) > space &&
    value.charCodeAt(value.length - 1) > space
  )
    return { ok: true, value: { kind: 'token', token: value.slice(bearer.length) } }
  const gap = value.indexOf(' ')
  const scheme = (gap < 0 ? value : value.slice(0, gap)).toLowerCase()
  if (scheme === 'dpop') return refuse('unsupported_scheme')
  if (scheme !== 'bearer') return null
  const token = gap < 0 ? '' : value.slice(gap + 1).trim()
  if (token.length > longestToken) return refuse('oversized_credential')
  return { ok: true, value: { kind: 'token', token } }
}
