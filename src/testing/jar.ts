import { type Clock, type Millis, minute } from '../base/clock.ts'
import { isSafeMethod } from '../base/head.ts'
import { readSetCookie, type SetCookie } from './set-cookie.ts'
import { domainMatches, isPublicSuffix, isTrustworthy, type PublicSuffixes } from './site.ts'

/** A cookie as a browser keeps it. */
export interface JarCookie {
  readonly name: string
  readonly value: string
  /** The host that it belongs to; with `hostOnly: false` those below it too. */
  readonly domain: string
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  /** `Default`: nothing was said, which browsers take for Lax, and less strictly so for two minutes. */
  readonly sameSite: SetCookie['sameSite']
  /** The site of the page at the top, for a `Partitioned` cookie; null for others. */
  readonly partition: string | null
  readonly createdAt: Millis
  /** null: until the browser is closed. */
  readonly expiresAt: Millis | null
}

/** The request that a cookie comes from or goes with. */
export interface Trip {
  readonly url: URL
  readonly method: string
  /** Whether the page that has started it is of the same site. */
  readonly sameSite: boolean
  /** The page itself changes: a link or a form, not a script's fetch. */
  readonly navigates: boolean
  /** Site of the page at the top. */
  readonly topSite: string
}

/** What a browser keeps. Judges by RFC 6265bis section 5; does NOT throw cookies away for their number. */
export interface Jar {
  /** @returns null, or one sentence on why a browser drops the line */
  put(line: string, trip: Trip, by: 'http' | 'script'): string | null
  /** The value of the Cookie header, or of `document.cookie`; undefined for none. */
  lineFor(trip: Trip, by: 'http' | 'script'): string | undefined
  list(): readonly JarCookie[]
  /** Cookies without a lifetime go. */
  endBrowser(): void
  copy(): Jar
}

export function createJar(clock: Clock, suffixes: PublicSuffixes, kept: readonly JarCookie[] = []): Jar {
  let cookies = kept

  function list(): readonly JarCookie[] {
    const now = clock.now()
    cookies = cookies.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    return cookies
  }

  function put(line: string, trip: Trip, by: 'http' | 'script'): string | null {
    const now = clock.now()
    const set = readSetCookie(line, now)
    if (typeof set === 'string') return set
    const isSuffix = isPublicSuffix(set.domain, suffixes)
    const domain = isSuffix && set.domain === trip.url.hostname ? '' : set.domain
    const flaw =
      (isSuffix && domain !== '' ? 'Its Domain is a public suffix.' : null) ??
      placeFlaw({ ...set, domain }, trip, by) ??
      prefixFlaw({ ...set, domain }) ??
      secureFlaw(set, domain, trip, list())
    if (flaw !== null) return flaw
    const cookie = cookieOf({ ...set, domain }, trip, now)
    const old = list().find((one) => isSame(one, cookie))
    if (old?.httpOnly === true && by === 'script') return 'There is a cookie of that name that scripts may not touch.'
    // One that is set anew stays where it was in the order.
    const next = old === undefined ? cookie : { ...cookie, createdAt: old.createdAt }
    cookies = old === undefined ? [...cookies, next] : cookies.map((one) => (one === old ? next : one))
    return null
  }

  return {
    put,
    lineFor: (trip, by) => {
      const pairs = list()
        .filter((cookie) => goesAlong(cookie, trip, by, clock.now()))
        .sort((a, b) => b.path.length - a.path.length || a.createdAt - b.createdAt)
        .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
      return pairs.length === 0 ? undefined : pairs.join('; ')
    },
    list,
    endBrowser: () => {
      cookies = cookies.filter(({ expiresAt }) => expiresAt !== null)
    },
    copy: () => createJar(clock, suffixes, list()),
  }
}

/** RFC 6265bis 5.7: what the place that it comes from may not set. */
function placeFlaw(set: SetCookie, trip: Trip, by: 'http' | 'script'): string | null {
  if (set.domain !== '' && !domainMatches(trip.url.hostname, set.domain))
    return 'Its Domain is not that of the host that set it.'
  if (set.secure && !isTrustworthy(trip.url)) return 'It is Secure, and came over plain http.'
  if (set.httpOnly && by === 'script') return 'It is HttpOnly, and a script has set it.'
  if (set.sameSite === 'None' && !set.secure) return 'It is SameSite=None without Secure.'
  if (set.sameSite !== 'None' && !trip.sameSite && !trip.navigates)
    return 'It is not SameSite=None, and answers a request of another site.'
  if (set.partitioned && !set.secure) return 'It is Partitioned without Secure.'
  return null
}

/** RFC 6265bis 4.1.3 and 5.7; the prefixes bind in every spelling. */
function prefixFlaw({ name, secure, domain, path }: SetCookie): string | null {
  const lower = name.toLowerCase()
  const isHost = lower.startsWith('__host-')
  if (!isHost && !lower.startsWith('__secure-')) return null
  if (!secure) return 'The prefix of its name needs Secure.'
  if (isHost && domain !== '') return 'The prefix __Host- forbids Domain.'
  if (isHost && path !== '/') return 'The prefix __Host- needs Path=/.'
  return null
}

/** RFC 6265bis 5.7: what came over plain http does not lie over a cookie of https. */
function secureFlaw(set: SetCookie, domain: string, trip: Trip, cookies: readonly JarCookie[]): string | null {
  if (set.secure || isTrustworthy(trip.url)) return null
  const host = domain === '' ? trip.url.hostname : domain
  const path = set.path ?? defaultPath(trip.url.pathname)
  const covered = cookies.some(
    (one) =>
      one.secure &&
      one.name === set.name &&
      (domainMatches(host, one.domain) || domainMatches(one.domain, host)) &&
      pathMatches(path, one.path),
  )
  return covered ? 'It came over plain http, and there is a Secure one of that name.' : null
}

function cookieOf(set: SetCookie, { url, topSite }: Trip, now: Millis): JarCookie {
  const { name, value, secure, httpOnly, sameSite, expiresAt } = set
  const hostOnly = set.domain === ''
  return {
    name,
    value,
    domain: hostOnly ? url.hostname : set.domain,
    hostOnly,
    path: set.path ?? defaultPath(url.pathname),
    secure,
    httpOnly,
    sameSite,
    partition: set.partitioned ? topSite : null,
    createdAt: now,
    expiresAt,
  }
}

function isSame(a: JarCookie, b: JarCookie): boolean {
  return (
    a.name === b.name &&
    a.domain === b.domain &&
    a.hostOnly === b.hostOnly &&
    a.path === b.path &&
    a.partition === b.partition
  )
}

/** RFC 6265bis 5.8.3. */
function goesAlong(cookie: JarCookie, trip: Trip, by: 'http' | 'script', now: Millis): boolean {
  const { url, sameSite, navigates, topSite } = trip
  const isHost = cookie.hostOnly ? url.hostname === cookie.domain : domainMatches(url.hostname, cookie.domain)
  if (!isHost || !pathMatches(url.pathname, cookie.path)) return false
  if (cookie.secure && !isTrustworthy(url)) return false
  if (cookie.httpOnly && by === 'script') return false
  if (cookie.partition !== null && cookie.partition !== topSite) return false
  if (sameSite || cookie.sameSite === 'None') return true
  if (cookie.sameSite === 'Strict' || !navigates) return false
  // 5.6.7.2: browsers let a young cookie that says nothing go with a form of another site, for sign-ins by POST.
  return isSafeMethod(trip.method) || (cookie.sameSite === 'Default' && now - cookie.createdAt < 2 * minute)
}

/** RFC 6265bis 5.1.4. */
function defaultPath(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/'
}

function pathMatches(pathname: string, path: string): boolean {
  if (!pathname.startsWith(path)) return false
  return pathname.length === path.length || path.endsWith('/') || pathname[path.length] === '/'
}
