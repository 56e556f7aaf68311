import type { RequestHead } from '../base/head.ts'
import { nearest } from '../base/nearest.ts'
import { csrfTokenHeader } from './csrf.ts'
import type { HeaderLine } from './header-lines.ts'
import { isOrigin } from './origin.ts'
import type { Answer } from './problem.ts'

/** Whose pages may read answers. Origins to the letter; there is no pattern, no `*`, and never `null`. */
export interface CorsOptions {
  /** With the cookies of the user. Siblings of the same site, each of them in `trustedOrigins` too, because it may do whatever the user may. */
  readonly credentials?: readonly string[]
  /** Without cookies: what they ask for carries an access token, or nothing. */
  readonly tokens?: readonly string[]
  /** Request headers that they may send besides Authorization, Content-Type and X-CSRF-Token. */
  readonly headers?: readonly string[]
  /** Answer headers that they may read besides WWW-Authenticate and Retry-After. */
  readonly exposes?: readonly string[]
}

/** Made by `defineCors`. */
export interface Cors {
  /** Lines for every answer. Nothing is echoed but an Origin that is listed. */
  lines(head: RequestHead): readonly HeaderLine[]
  /** Whether it comes from a page that may act without cookies: what it does is done for whoever the token names, or for nobody. */
  isForTokens(head: RequestHead): boolean
  /** The answer to a preflight (Fetch 3.2.2) from a listed origin; null for everything else, which is the application's to answer. */
  preflight(head: RequestHead): Answer | null
}

export interface CorsDefinition {
  readonly cors: Cors
  /** One sentence for each option that cannot be used. */
  readonly findings: readonly string[]
}

const names: readonly (keyof CorsOptions)[] = ['credentials', 'tokens', 'headers', 'exposes']
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const requestHeaders = ['Authorization', 'Content-Type', csrfTokenHeader]
const exposed = ['WWW-Authenticate', 'Retry-After']
/** Ten minutes: how long a browser may go on after an origin was taken off the list. */
const preflightSeconds = '600'

/**
 * Checks the options all at once. Does not throw.
 *
 * @param trustedOrigins as `defineOrigin` has normalised them
 */
export function defineCors(options: CorsOptions = {}, trustedOrigins: readonly string[] = []): CorsDefinition {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return { cors: closed, findings: [`cors must be an object like { tokens: ['https://app.example.com'] }`] }
  const findings = findFlaws(options, trustedOrigins)
  const { credentials = [], tokens = [] } = options
  if (findings.length > 0 || credentials.length + tokens.length === 0) return { cors: closed, findings }
  return { cors: createCors(new Set(credentials), new Set(tokens), options), findings }
}

/** Nobody is listed. */
const closed: Cors = Object.freeze({ lines: () => [], isForTokens: () => false, preflight: () => null })

function createCors(credentials: ReadonlySet<string>, tokens: ReadonlySet<string>, options: CorsOptions): Cors {
  const allowedHeaders = [...requestHeaders, ...(options.headers ?? [])].join(', ')
  const exposedHeaders = [...exposed, ...(options.exposes ?? [])].join(', ')

  function listed(head: RequestHead): string | null {
    const origin = head.header('origin')
    if (origin === undefined || head.count('origin') !== 1) return null
    return credentials.has(origin) || tokens.has(origin) ? origin : null
  }

  function allow(origin: string): readonly HeaderLine[] {
    const line: HeaderLine = ['Access-Control-Allow-Origin', origin]
    return credentials.has(origin) ? [line, ['Access-Control-Allow-Credentials', 'true']] : [line]
  }

  return {
    lines: (head) => {
      const origin = listed(head)
      const vary: HeaderLine = ['Vary', 'Origin']
      return origin === null ? [vary] : [...allow(origin), ['Access-Control-Expose-Headers', exposedHeaders], vary]
    },
    isForTokens: (head) => tokens.has(listed(head) ?? ''),
    preflight: (head) => {
      const origin = listed(head)
      if (head.method !== 'OPTIONS' || origin === null) return null
      if (head.header('access-control-request-method') === undefined) return null
      const headers: HeaderLine[] = [
        ...allow(origin),
        ['Access-Control-Allow-Methods', methods],
        ['Access-Control-Allow-Headers', allowedHeaders],
        ['Access-Control-Max-Age', preflightSeconds],
        ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
      ]
      return { status: 204, headers, body: '' }
    },
  }
}

const fieldName = /^[!#$%&'+.^_`|~0-9A-Za-z-]{1,100}$/

function findFlaws(options: CorsOptions, trustedOrigins: readonly string[]): string[] {
  const findings = Object.keys(options)
    .filter((name) => !(names as readonly string[]).includes(name))
    .map((name) => `cors.${name} is not an option${nearest(name, names)}`)
  for (const name of names) {
    const value: unknown = options[name]
    if (value === undefined) continue
    if (!Array.isArray(value)) findings.push(`cors.${name} must be a list of texts`)
    else findings.push(...value.flatMap((text) => findTextFlaw(name, text)))
  }
  if (findings.length > 0) return findings
  const { credentials = [], tokens = [] } = options
  for (const origin of credentials) {
    if (!trustedOrigins.includes(origin))
      findings.push(`cors.credentials: ${origin} must be listed in trustedOrigins too: it may do whatever the user may`)
    if (tokens.includes(origin))
      findings.push(`cors: ${origin} is listed in credentials and in tokens; leave it in one`)
  }
  return findings
}

function findTextFlaw(name: keyof CorsOptions, text: unknown): string[] {
  if (name === 'headers' || name === 'exposes') {
    const flawed = typeof text !== 'string' || !fieldName.test(text)
    return flawed ? [`cors.${name}: ${JSON.stringify(text)} is not the name of a header; there is no *`] : []
  }
  if (isOrigin(text)) return []
  return [
    `cors.${name}: ${JSON.stringify(text)} is not an origin; write scheme and host as a browser does and nothing else, e.g. https://example.com`,
  ]
}
