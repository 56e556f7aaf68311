import { type Clock, systemClock } from '../base/clock.ts'
import { Fault, isFault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import { reservedClaims } from '../crypto/access-token.ts'
import { signKey } from '../crypto/jws.ts'
import { secretFindings } from '../crypto/keyring.ts'
import type { ClaimTypes } from '../engine/context.ts'
import type { EventListener } from '../engine/events.ts'
import type { KeyOptions } from '../engine/token-keys.ts'
import type { Backend } from '../model/backend.ts'
import { definePolicy, type Policy, type PolicyOptions } from '../model/policy.ts'
import type { Presentation } from '../model/session.ts'
import type { StandardSchema } from '../model/standard-schema.ts'
import { type CookieOptions, type CookieRules, defineCookies } from './cookie-options.ts'
import { type Cors, type CorsOptions, defineCors } from './cors.ts'
import { type DataRecord, type DataRules, defineData, type Migrations } from './data-rules.ts'
import { defineOrigin, type OriginRules } from './origin.ts'
import { type BoundOf, defineBounds, type RevocationBounds } from './revocation-bounds.ts'
import type { SessionClaims } from './session-claims.ts'
import type { SessionData, SomeOf } from './session-data.ts'

/** Options of `handstamp`. All are checked at once; unknown names are refused with the nearest one. */
export interface HandstampOptions<Data = SessionData, Input = Data, Types = SessionClaims> {
  /** One secret or several: the first makes, all check. Each at least 32 bytes. Required in production. In development one is made; with a backend that outlives the process it is kept in `.handstamp/secret`. */
  readonly secrets?: string | readonly string[] | undefined
  /** Where sessions are kept. */
  readonly backend: Backend
  /** How a login that does not say is answered, and what requests are checked for (`cookie`). `both` answers with cookies. */
  readonly present?: Presentation | 'both'
  /** The application's own origin, e.g. `https://example.com`. On loopback in development the Host header is believed. */
  readonly origin?: string
  /** Sibling origins of the same site that may send unsafe requests. */
  readonly trustedOrigins?: readonly string[]
  /** Origins whose pages may read answers: siblings with the user's cookies, others with access tokens only (none). */
  readonly cors?: CorsOptions
  /** Addresses, CIDRs or `loopback`: proxies whose X-Forwarded headers are believed. */
  readonly trustedProxies?: readonly string[]
  /** How the session's cookies are set, and what all cookies may come to (`__Host-`, Secure, HttpOnly, SameSite=Lax; 50 cookies, 8190 bytes). */
  readonly cookies?: CookieOptions
  readonly policy?: PolicyOptions
  /**
   * How late a revocation may be noticed on routes that differ from the policy, by path: `{ '/money/*': 0, '/articles/*': 'reading' }` with `policy.availability: { reading: 2 * minute }`. 0 asks
   * the store at each request (none).
   */
  readonly revocationBounds?: RevocationBounds
  /** Claims that sessions may carry, by name and type (`{ role: 'string' }`). Whoever holds an access token can read them. */
  readonly claims?: Types
  /** How access tokens are signed (ES256, made at first start and kept sealed in the backend). */
  readonly keys?: KeyOptions
  /** `iss` of access tokens (the origin, or a name that the backend remembers). */
  readonly issuer?: string
  /** `aud` of access tokens (the issuer). */
  readonly audience?: string
  /**
   * What session data holds: the Standard Schema of one object with a member for each key (zod, valibot, arktype). Stored is what you set, which has to be JSON; `get` gives what the
   * schema makes of it. Each key is judged by itself, and none may be required: a new session has no data.
   */
  readonly data?: StandardSchema<Input, Data>
  /** Version of the shape of the data (1). Raise it with each change that the stored data does not fit, and say in `migrate` how it is lifted. */
  readonly dataVersion?: number
  /**
   * By version: a pure function that lifts the whole data of that version to the next (`{ 1: ({ items, ...rest }) => ({ ...rest, cart: items ?? [] }) }`). Called as data is read, and stored
   * with the next write. A key whose meaning changes gets a new name: code of the version before goes on reading, and overwriting, keys that it recognises.
   */
  readonly migrate?: Migrations
  /**
   * Decides what becomes of an anonymous session's data at login (all of it, with the login's own on top). Gets what is stored, in the present version, without values that
   * the schema does not take.
   */
  readonly merge?: Merge<NoInfer<Input>>
  /** Told after each change was stored. */
  readonly events?: EventListener
  readonly clock?: Clock
  /**
   * Forms of clients that send neither Fetch Metadata nor Origin nor Referer are let in as nobody, until `session.proveOrigin(field)` has seen the token that
   * `session.csrfToken()` gave the page (false: they are refused with 403, and scripts send the token in `X-CSRF-Token`).
   */
  readonly formTokens?: boolean
  /** Cookies without Secure on an origin without https. Anybody on the way can take the session. */
  readonly insecureHttp?: boolean
}

/** Gives the data that the new session begins with. */
export type Merge<Input = SessionData> = (anonymous: SomeOf<Input>, login: SomeOf<Input>) => SomeOf<Input>

/** The options after all checks. */
export interface Settings {
  readonly backend: Backend
  /** null: to be made for development. */
  readonly secrets: readonly string[] | null
  readonly policy: Policy
  readonly boundOf: BoundOf
  readonly origin: OriginRules
  readonly cors: Cors
  readonly cookies: CookieRules
  readonly presents: ReadonlySet<Presentation>
  /** How a login that does not say is answered. */
  readonly present: Presentation
  readonly claims: ClaimTypes
  readonly keys: KeyOptions
  readonly issuer: string | null
  readonly audience: string | null
  readonly data: DataRules
  /** null: everything is carried over, with the login's own on top. */
  readonly merge: UntypedMerge | null
  readonly events: EventListener | undefined
  readonly clock: Clock
  readonly formTokens: boolean
  readonly insecureHttp: boolean
}

const names: readonly (keyof HandstampOptions)[] = [
  'secrets',
  'backend',
  'present',
  'origin',
  'trustedOrigins',
  'cors',
  'trustedProxies',
  'cookies',
  'policy',
  'revocationBounds',
  'claims',
  'data',
  'dataVersion',
  'migrate',
  'keys',
  'issuer',
  'audience',
  'merge',
  'events',
  'clock',
  'formTokens',
  'insecureHttp',
]

/** The same without the types of one application. */
export type UntypedOptions = Omit<HandstampOptions<unknown, unknown, ClaimTypes>, 'merge'> & {
  readonly merge?: UntypedMerge
}

type UntypedMerge = (anonymous: DataRecord, login: DataRecord) => DataRecord

/** @throws Fault `invalid_option` listing every finding */
export function readOptions(options: UntypedOptions, production: boolean): Settings {
  if (typeof options !== 'object' || options === null)
    throw new Fault('invalid_option', 'handstamp() takes an object of options: handstamp({ backend: memory() })')
  const findings = Object.keys(options)
    .filter((name) => !(names as readonly string[]).includes(name))
    .map((name) => `${name} is not an option${nearest(name, names)}`)
  const secrets = readSecrets(options, production, findings)
  const policy = readPolicy(options.policy, findings)
  const bounds = defineBounds(options.revocationBounds, policy)
  const { origin, trustedOrigins, trustedProxies, insecureHttp } = options
  const data = defineData(options, findings)
  const web = defineOrigin({ origin, trustedOrigins, trustedProxies, production, insecureHttp })
  const { cors, findings: corsFindings } = defineCors(options.cors, web.rules.trustedOrigins)
  const cookies = defineCookies(options.cookies, web.rules)
  findings.push(
    ...bounds.findings,
    ...web.findings,
    ...corsFindings,
    ...cookies.findings,
    ...shapeFindings(options),
    ...keyFindings(options.keys, secrets ?? []),
  )
  if (findings.length > 0)
    throw new Fault('invalid_option', `handstamp() cannot use these options:\n- ${findings.join('\n- ')}`)
  const present = options.present ?? 'cookie'
  const issuer = options.issuer ?? web.rules.origin
  return {
    backend: options.backend,
    secrets,
    policy,
    boundOf: bounds.boundOf,
    origin: web.rules,
    cors,
    cookies: cookies.rules,
    presents: new Set(present === 'both' ? (['cookie', 'token'] as const) : [present]),
    present: present === 'token' ? 'token' : 'cookie',
    claims: options.claims ?? { role: 'string' },
    keys: options.keys ?? {},
    issuer,
    audience: options.audience ?? null,
    data,
    merge: options.merge ?? null,
    events: options.events,
    clock: options.clock ?? systemClock,
    formTokens: options.formTokens === true,
    insecureHttp: insecureHttp === true,
  }
}

/** null: none was given, and this is development. */
function readSecrets(options: UntypedOptions, production: boolean, findings: string[]): readonly string[] | null {
  const { secrets } = options
  if (secrets === undefined || secrets === '') {
    if (production)
      findings.push(
        'secrets is required in production: set SESSION_SECRET to the output of `openssl rand -base64 32` and pass it',
      )
    return null
  }
  const list = typeof secrets === 'string' ? [secrets] : secrets
  if (!Array.isArray(list)) {
    findings.push('secrets must be a text or a list of texts')
    return null
  }
  findings.push(...secretFindings(list))
  return list
}

function readPolicy(options: PolicyOptions | undefined, findings: string[]): Policy {
  try {
    return definePolicy(options)
  } catch (error) {
    if (!isFault(error)) throw error
    findings.push(...error.message.split('\n- ').slice(1))
    return definePolicy()
  }
}

function shapeFindings(options: UntypedOptions): string[] {
  const findings: string[] = []
  const { backend, present, merge, events, clock, insecureHttp } = options
  if (typeof backend?.store?.find !== 'function')
    findings.push(
      'backend is required: memory(), or sqlite({ path }) from handstamp/sqlite, or postgres({ pool }) from handstamp/postgres',
    )
  if (present !== undefined && !['cookie', 'token', 'both'].includes(present))
    findings.push(`present must be 'cookie', 'token' or 'both'`)
  for (const name of ['issuer', 'audience'] as const) {
    const value = options[name]
    if (value !== undefined && (typeof value !== 'string' || value === '')) findings.push(`${name} must be a text`)
  }
  findings.push(...claimTypeFindings(options.claims))
  if (merge !== undefined && typeof merge !== 'function') findings.push('merge must be a function')
  if (events !== undefined && typeof events !== 'function') findings.push('events must be a function')
  if (clock !== undefined && (typeof clock?.now !== 'function' || typeof clock.monotonic !== 'function'))
    findings.push('clock must have the functions now and monotonic')
  if (options.formTokens !== undefined && typeof options.formTokens !== 'boolean')
    findings.push('formTokens must be true or false')
  if (insecureHttp !== undefined && typeof insecureHttp !== 'boolean')
    findings.push('insecureHttp must be true or false')
  return findings
}

function claimTypeFindings(claims: ClaimTypes | undefined): string[] {
  if (claims === undefined) return []
  if (typeof claims !== 'object' || claims === null) return [`claims must be an object like { role: 'string' }`]
  return Object.entries(claims).flatMap(([name, type]) => {
    if (reservedClaims.has(name)) return [`claims.${name} has a meaning of its own in tokens: choose another name`]
    if (['string', 'number', 'boolean', 'strings'].includes(type)) return []
    return [`claims.${name} must be 'string', 'number', 'boolean' or 'strings'`]
  })
}

/** J2: a public key in writing is known to everybody, so it is no secret. */
function publicKeyFindings(secret: string, index: number): string[] {
  try {
    signKey('candidate', 'HS256', secret)
    return []
  } catch (error) {
    if (!isFault(error)) throw error
    return [`keys.secrets[${index}] cannot be used: ${error.message}`]
  }
}

function keyFindings(keys: KeyOptions | undefined, secrets: readonly string[]): string[] {
  if (keys === undefined) return []
  if (typeof keys !== 'object' || keys === null) return [`keys must be an object like { alg: 'EdDSA' }`]
  const unknown = Object.keys(keys).filter((name) => name !== 'alg' && name !== 'secrets')
  if (unknown.length > 0) return unknown.map((name) => `keys.${name} is not known${nearest(name, ['alg', 'secrets'])}`)
  const algs = ['ES256', 'EdDSA', 'RS256', 'HS256']
  if (keys.alg !== undefined && !algs.includes(keys.alg)) return [`keys.alg must be one of ${algs.join(', ')}`]
  if (keys.alg !== 'HS256') return 'secrets' in keys ? [`keys.secrets is for alg: 'HS256' only`] : []
  if (!Array.isArray(keys.secrets)) return ['keys.secrets is required with HS256: a list of secrets of their own']
  const findings = secretFindings(keys.secrets).map((finding) => `keys.${finding}`)
  if (keys.secrets.some((secret) => secrets.includes(secret)))
    findings.push('keys.secrets must not hold a session secret: a key has one use')
  if (findings.length === 0) findings.push(...keys.secrets.flatMap(publicKeyFindings))
  return findings
}
