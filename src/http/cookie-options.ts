import { nearest } from '../base/nearest.ts'
import { isHostName, sameSites, token } from './cookie.ts'
import { type CookieBudget, defaultBudget } from './cookie-budget.ts'

/**
 * How the session's two cookies are set, and what all cookies of the application may come to. The defaults are the strictest that work everywhere:
 * `__Host-session` and `__Host-snapshot`, Secure, HttpOnly, Path=/, SameSite=Lax, no Domain.
 */
export interface CookieOptions {
  /**
   * When another site's page may send them (`Lax`: when somebody follows a link to us).
   *
   * `Strict`: whoever follows a link to us is signed out on the first page. `None`: **always; for an application that others show in a frame.** It weakens: what keeps other
   * sites' pages from acting for the user is then the check of where a request was started, alone. That check stays: a form or a script of the embedding page is refused; the
   * application's own pages inside the frame are of its own origin, and work. Needs `partitioned` to be stated, and https.
   */
  readonly sameSite?: 'Lax' | 'Strict' | 'None'
  /**
   * With `sameSite: 'None'`. `true`: one jar, and one sign-in, for each site that embeds the application (CHIPS); browsers that block cookies of third parties let these
   * pass. `false`: the same session under every site, where the browser allows it at all.
   */
  readonly partitioned?: boolean
  /**
   * Shares the session with every host below this one, e.g. `example.com`; `origin` has to be it or below it. **It weakens:** `__Secure-` names in place of `__Host-`, so any
   * host below it, and whoever takes one over, gets the credential of each visitor, and can put its own in place (which signs the visitor in as somebody else). Only where all
   * of them are yours. A public suffix (`co.uk`) cannot be told from a domain here: browsers drop the cookies.
   */
  readonly sharedDomain?: string
  /** What stands behind the prefix of the names (`session`, `snapshot`). Changing it signs everybody out. */
  readonly name?: { readonly session?: string; readonly snapshot?: string }
  /** What all cookies together may come to, so that the application hears of it before a browser drops one or a proxy refuses the request. */
  readonly budget?: { readonly bytes?: number; readonly count?: number }
}

/** The options after all checks. */
export interface CookieRules {
  readonly prefix: '__Host-' | '__Secure-' | ''
  readonly names: { readonly session: string; readonly snapshot: string }
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  readonly partitioned: boolean
  readonly domain: string | undefined
  readonly secure: boolean
  readonly budget: CookieBudget
}

/** What the rest of the configuration says that bears on cookies. */
export interface CookieSurroundings {
  /** The application's own origin; null when it is not configured. */
  readonly origin: string | null
  readonly insecureHttp: boolean
}

export interface CookieDefinition {
  readonly rules: CookieRules
  /** One sentence for each option that cannot be used. */
  readonly findings: readonly string[]
}

const known = ['sameSite', 'partitioned', 'sharedDomain', 'name', 'budget'] as const

/** Checks the option `cookies` all at once. Does not throw. */
export function defineCookies(options: unknown, surroundings: CookieSurroundings): CookieDefinition {
  const findings: string[] = []
  const given: CookieOptions = partOf('cookies', options, `{ sameSite: 'Strict' }`, known, findings)
  const names = readNames(given.name, findings)
  const budget = readBudget(given.budget, findings)
  findings.push(...sameSiteFindings(given, surroundings), ...domainFindings(given.sharedDomain, surroundings))
  const { insecureHttp } = surroundings
  const domain = given.sharedDomain
  const rules: CookieRules = Object.freeze({
    prefix: insecureHttp ? '' : domain === undefined ? '__Host-' : '__Secure-',
    names,
    sameSite: given.sameSite ?? 'Lax',
    partitioned: given.partitioned === true,
    domain,
    secure: !insecureHttp,
    budget,
  })
  return { rules, findings }
}

function sameSiteFindings({ sameSite, partitioned }: CookieOptions, { insecureHttp }: CookieSurroundings): string[] {
  if (sameSite !== undefined && !sameSites.includes(sameSite))
    return [`cookies.sameSite must be 'Lax', 'Strict' or 'None'`]
  if (partitioned !== undefined && typeof partitioned !== 'boolean')
    return ['cookies.partitioned must be true or false']
  if (sameSite !== 'None')
    return partitioned === true
      ? [`cookies.partitioned is for an application in other sites' frames: it needs sameSite: 'None'`]
      : []
  const findings: string[] = []
  if (insecureHttp) findings.push(`cookies.sameSite: 'None' needs Secure, which insecureHttp takes away`)
  if (partitioned === undefined)
    findings.push(
      `cookies.sameSite: 'None' needs cookies.partitioned: true (one sign-in for each embedding site), or false (one for all, where browsers allow it)`,
    )
  return findings
}

function domainFindings(domain: unknown, { origin, insecureHttp }: CookieSurroundings): string[] {
  if (domain === undefined) return []
  const fail = (flaw: string): string[] => [`cookies.sharedDomain: ${JSON.stringify(domain)} ${flaw}`]
  if (typeof domain !== 'string' || domain.length > 253 || !isHostName(domain) || domain !== domain.toLowerCase())
    return fail('is not a host name in lower case, e.g. example.com (xn--… where it is not ASCII)')
  const labels = domain.split('.')
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) as string))
    return fail('is an address: addresses have no hosts below them')
  if (labels.length < 2) return fail('is a single label: browsers share no cookies below it')
  if (insecureHttp) return fail('needs Secure, which insecureHttp takes away')
  if (origin === null) return fail('needs the option origin, so that it can be seen to fit')
  const { hostname } = new URL(origin)
  return hostname === domain || hostname.endsWith(`.${domain}`) ? [] : fail(`is not above the origin ${origin}`)
}

/** With its prefix a name has 32 characters at most: a snapshot leaves room for that. */
const longestName = 23
const defaultNames = Object.freeze({ session: 'session', snapshot: 'snapshot' })

function readNames(options: unknown, findings: string[]): CookieRules['names'] {
  const given: NonNullable<CookieOptions['name']> = partOf(
    'cookies.name',
    options,
    `{ session: 'id' }`,
    ['session', 'snapshot'],
    findings,
  )
  const before = findings.length
  for (const [which, name] of Object.entries(given)) {
    if (name === undefined || !(which in defaultNames)) continue
    if (typeof name !== 'string' || !token.test(name) || name.length > longestName)
      findings.push(`cookies.name.${which} must be a token of ${longestName} characters at most`)
    else if (name.startsWith('__'))
      findings.push(`cookies.name.${which} must not begin with __: the prefix is put before it`)
  }
  if (findings.length > before) return defaultNames
  const names = Object.freeze({ session: given.session ?? 'session', snapshot: given.snapshot ?? 'snapshot' })
  if (names.session.toLowerCase() === names.snapshot.toLowerCase())
    findings.push('cookies.name.session and cookies.name.snapshot must differ')
  return names
}

/** Upwards: four times what Node takes in all headers together by default; where Chromium begins to evict. */
const bounds = { bytes: [2048, 65_536], count: [4, 180] } as const

function readBudget(options: unknown, findings: string[]): CookieBudget {
  const given: NonNullable<CookieOptions['budget']> = partOf(
    'cookies.budget',
    options,
    '{ bytes: 16000 }',
    ['bytes', 'count'],
    findings,
  )
  for (const name of ['bytes', 'count'] as const) {
    const value: unknown = given[name]
    const [least, most] = bounds[name]
    if (value !== undefined && !(Number.isInteger(value) && (value as number) >= least && (value as number) <= most))
      findings.push(`cookies.budget.${name} must be a whole number from ${least} to ${most}`)
  }
  return Object.freeze({ bytes: given.bytes ?? defaultBudget.bytes, count: given.count ?? defaultBudget.count })
}

/** An object of options with known names; an empty one in place of anything else. */
function partOf(name: string, value: unknown, like: string, names: readonly string[], findings: string[]): object {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    findings.push(`${name} must be an object like ${like}`)
    return {}
  }
  for (const key of Object.keys(value))
    if (!names.includes(key)) findings.push(`${name}.${key} is not known${nearest(key, names)}`)
  return value
}
