import { Fault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import { randomText } from '../crypto/random.ts'
import { type CspOptions, defineCsp } from './csp.ts'

/** Options of `securityHeaders`. All are checked at once; unknown names are refused with the nearest one. */
export interface SecurityHeadersOptions {
  /** Directives in place of the default ones, with the sources of `csp`. */
  readonly csp?: CspOptions
  /** The policy is reported against, and enforced by nobody. The other headers stay. */
  readonly cspReportOnly?: boolean
  /** The application is reached over https only, so browsers shall remember that for two years, for its subdomains too (false). */
  readonly https?: boolean
  /** Subdomains are left out of that promise: whoever can serve one of them over plain http can set cookies for all. */
  readonly insecureSubdomains?: boolean
  /** Pages that open payment or sign-in windows of others need `same-origin-allow-popups` (`same-origin`). */
  readonly opener?: 'same-origin' | 'same-origin-allow-popups'
  /** Whose pages may load these answers as images, scripts and the like (`same-origin`). */
  readonly embeddedBy?: 'same-origin' | 'same-site' | 'cross-origin'
  /** What other sites learn of the address that a link was followed from (`same-origin`: nothing). */
  readonly referrer?: 'same-origin' | 'strict-origin' | 'strict-origin-when-cross-origin'
  /** Features of the browser that the own pages may ask for; all others of this list are off. */
  readonly permissions?: readonly Permission[]
}

const features = [
  'camera',
  'display-capture',
  'geolocation',
  'hid',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
  'browsing-topics',
] as const

export type Permission = (typeof features)[number]

/** The headers of one response, and the nonce that its scripts carry. */
export interface SecureResponse {
  readonly headers: Record<string, string>
  /** 128 random bits in base64url: `<script nonce="…">`. Never used twice. */
  readonly nonce: string
}

const names: readonly (keyof SecurityHeadersOptions)[] = [
  'csp',
  'cspReportOnly',
  'https',
  'insecureSubdomains',
  'opener',
  'embeddedBy',
  'referrer',
  'permissions',
]

/**
 * Safe headers for pages, for any framework: Content-Security-Policy with a nonce, HSTS, COOP, CORP, nosniff, Referrer-Policy,
 * X-Frame-Options and Permissions-Policy. Does NOT set caching, cookies or CORS.
 *
 * Called once, it gives a function to be called for each response: `res.set(secure().headers)`, `reply.headers(secure().headers)`,
 * `new Response(body, { headers: secure().headers })`.
 *
 * @throws Fault `invalid_option` listing every finding
 * Cost of a call: 16 random bytes, no I/O.
 * @see OWASP ASVS 5.0, 3.4
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): () => SecureResponse {
  if (typeof options !== 'object' || options === null)
    throw new Fault('invalid_option', 'securityHeaders() takes an object of options: securityHeaders({ https: true })')
  const policy = defineCsp(options.csp)
  const findings = [...optionFindings(options), ...policy.findings]
  if (findings.length > 0)
    throw new Fault('invalid_option', `securityHeaders() cannot use these options:\n- ${findings.join('\n- ')}`)
  const cspName = options.cspReportOnly === true ? 'Content-Security-Policy-Report-Only' : 'Content-Security-Policy'
  const others = otherHeaders(options, policy.ancestors)
  return () => {
    const nonce = randomText(16)
    return { headers: { [cspName]: policy.write(nonce), ...others }, nonce }
  }
}

function otherHeaders(options: SecurityHeadersOptions, ancestors: string): Record<string, string> {
  const headers: Record<string, string> = {
    // Not `no-referrer`: under it browsers send the own forms with `Origin: null`, and nothing proves any more where they come from.
    'Referrer-Policy': options.referrer ?? 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': options.opener ?? 'same-origin',
    'Cross-Origin-Resource-Policy': options.embeddedBy ?? 'same-origin',
    'Permissions-Policy': features
      .map((feature) => `${feature}=(${options.permissions?.includes(feature) === true ? 'self' : ''})`)
      .join(', '),
  }
  // It has no word for a list of others; there `frame-ancestors` stands alone.
  if (ancestors === "'none'") headers['X-Frame-Options'] = 'DENY'
  if (ancestors === "'self'") headers['X-Frame-Options'] = 'SAMEORIGIN'
  if (options.https === true)
    headers['Strict-Transport-Security'] =
      options.insecureSubdomains === true ? 'max-age=63072000' : 'max-age=63072000; includeSubDomains'
  return headers
}

const choices = {
  opener: ['same-origin', 'same-origin-allow-popups'],
  embeddedBy: ['same-origin', 'same-site', 'cross-origin'],
  referrer: ['same-origin', 'strict-origin', 'strict-origin-when-cross-origin'],
} as const

function optionFindings(options: SecurityHeadersOptions): string[] {
  const findings = Object.keys(options)
    .filter((name) => !(names as readonly string[]).includes(name))
    .map((name) => `${name} is not an option${nearest(name, names)}`)
  for (const name of ['cspReportOnly', 'https', 'insecureSubdomains'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      findings.push(`${name} must be true or false`)
  for (const name of ['opener', 'embeddedBy', 'referrer'] as const) {
    const value = options[name]
    if (value !== undefined && !(choices[name] as readonly unknown[]).includes(value))
      findings.push(`${name} must be one of ${choices[name].join(', ')}`)
  }
  const { permissions } = options
  if (permissions === undefined) return findings
  if (!Array.isArray(permissions)) return [...findings, `permissions must be a list like ['camera']`]
  const unknown = permissions.filter((name) => !features.includes(name))
  return [
    ...findings,
    ...unknown.map((name) => `permissions: ${String(name)} is not known${nearest(String(name), features)}`),
  ]
}
