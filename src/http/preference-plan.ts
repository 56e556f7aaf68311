import { day, type Millis, second } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import type { DefaultedKind, PreferenceKind } from './preference-kind.ts'

type InputOfKind<Kind> = Kind extends PreferenceKind<infer Input, infer _Output> ? Input : never

/** A preference: a kind alone where its first value is the default, or a kind with options. */
export type PreferenceDefinition<Kind extends PreferenceKind> =
  | (Kind & DefaultedKind<unknown>)
  | (PreferenceOptions & { readonly of: Kind } & (Kind extends DefaultedKind<unknown>
        ? { readonly default?: InputOfKind<Kind> }
        : { readonly default: InputOfKind<Kind> }))

export interface PreferenceOptions {
  /** How long it is kept after it was last set; whole seconds, at most 400 days (400 days). */
  readonly lifetime?: Millis
  /** Whether scripts of the page can read the cookie (false). */
  readonly readableByScript?: boolean
  /** Whether only values that this application has set are believed, until their lifetime is over (false: whatever is of the kind). */
  readonly signed?: boolean
  /** What becomes of a value that does not fit into the cookie: an error, or the cookie holds a signed reference to it (`refuse`). */
  readonly overflow?: 'refuse' | 'server'
}

/** For all preferences together. */
export interface PreferenceLimits {
  /** Most bytes of name and value of each cookie, at most 4096 (4096, what browsers keep). */
  readonly cookieBytes?: number
}

/** One preference after all checks. */
export interface PreferencePlan {
  readonly name: string
  readonly kind: PreferenceKind
  /** The text of the default; null if the schema, which answers late, does not let it through. */
  readonly initial: string | Promise<string | null>
  readonly lifetime: Millis
  readonly readableByScript: boolean
  readonly signed: boolean
  readonly overflow: 'refuse' | 'server'
  readonly cookieBytes: number
}

const optionNames = ['of', 'default', 'lifetime', 'readableByScript', 'signed', 'overflow']
const nameForm = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
const ourOwn = ['session', 'snapshot']
const longestLifetime = 400 * day
/** Browsers keep 50 for a site (RFC 6265bis 6.1); two are the session's, and the application may have others. */
const mostPreferences = 40
const browserBytes = 4096
/** Below this not even a reference fits. */
const leastBytes = 256

/** @throws Fault `invalid_option` listing every finding */
export function planPreferences(definitions: unknown, limits: PreferenceLimits): ReadonlyMap<string, PreferencePlan> {
  if (typeof definitions !== 'object' || definitions === null || Array.isArray(definitions))
    throw new Fault(
      'invalid_option',
      `preferences() takes an object by name: preferences({ theme: oneOf('light', 'dark') })`,
    )
  const findings: string[] = limitFindings(limits)
  const entries = Object.entries(definitions)
  if (entries.length > mostPreferences)
    findings.push(`at most ${mostPreferences} preferences, because browsers keep 50 cookies for a site`)
  const plans = new Map<string, PreferencePlan>()
  for (const [name, definition] of entries) {
    if (!nameForm.test(name)) findings.push(`${JSON.stringify(name)} is no name: letters, digits, _ and -, 64 at most`)
    if (ourOwn.includes(name.toLowerCase())) findings.push(`${name} is the name of a cookie of the session`)
    const plan = readDefinition(name, definition, limits.cookieBytes ?? browserBytes, findings)
    if (plan !== null) plans.set(name, plan)
  }
  if (findings.length > 0)
    throw new Fault('invalid_option', `preferences() cannot use these definitions:\n- ${findings.join('\n- ')}`)
  return plans
}

function limitFindings(limits: PreferenceLimits): string[] {
  if (typeof limits !== 'object' || limits === null) return ['the limits must be an object like { cookieBytes: 1024 }']
  const findings = Object.keys(limits)
    .filter((name) => name !== 'cookieBytes')
    .map((name) => `${name} is not a limit${nearest(name, ['cookieBytes'])}`)
  const { cookieBytes = browserBytes } = limits
  if (!Number.isInteger(cookieBytes) || cookieBytes < leastBytes || cookieBytes > browserBytes)
    findings.push(`cookieBytes must be a whole number from ${leastBytes} to ${browserBytes}`)
  return findings
}

type Described = PreferenceOptions & { readonly of: PreferenceKind; readonly default?: unknown }

function readDefinition(
  name: string,
  definition: unknown,
  cookieBytes: number,
  findings: string[],
): PreferencePlan | null {
  const described = isKind(definition) ? { of: definition } : (definition as Described | null | undefined)
  if (typeof described !== 'object' || !isKind(described?.of)) {
    findings.push(`${name} needs a kind: oneOf, flag, wholeNumber, text or json, alone or as { of: … }`)
    return null
  }
  const own = [...optionFindings(described), ...described.of.flaws]
  const initial = own.length > 0 ? '' : readDefault(described)
  if (initial === null)
    own.push(described.default === undefined ? 'default is required' : `default must be ${described.of.takes}`)
  findings.push(...own.map((finding) => `${name}: ${finding}`))
  const { of: kind, lifetime = longestLifetime, overflow = 'refuse' } = described
  const { readableByScript = false, signed = false } = described
  return { name, kind, initial: initial ?? '', lifetime, readableByScript, signed, overflow, cookieBytes }
}

function isKind(value: unknown): value is PreferenceKind {
  if (typeof value !== 'object' || value === null) return false
  return 'read' in value && typeof value.read === 'function' && 'write' in value && typeof value.write === 'function'
}

function optionFindings(described: Described): string[] {
  const findings = Object.keys(described)
    .filter((name) => !optionNames.includes(name))
    .map((name) => `${name} is not an option${nearest(name, optionNames)}`)
  const { lifetime = longestLifetime, overflow = 'refuse', readableByScript, signed } = described
  if (!Number.isInteger(lifetime / second) || lifetime < second || lifetime > longestLifetime)
    findings.push('lifetime must be whole seconds in milliseconds, at most 400 days (RFC 6265bis 5.5), e.g. 30 * day')
  for (const [name, value] of Object.entries({ readableByScript, signed }))
    if (value !== undefined && typeof value !== 'boolean') findings.push(`${name} must be true or false`)
  if (overflow !== 'refuse' && overflow !== 'server') findings.push(`overflow must be 'refuse' or 'server'`)
  if (overflow === 'server' && signed !== true) findings.push(`overflow: 'server' needs signed: true`)
  if (overflow === 'server' && readableByScript === true)
    findings.push(
      `overflow: 'server' and readableByScript exclude each other: no script can read what is on the server`,
    )
  return findings
}

function readDefault(described: Described): PreferencePlan['initial'] | null {
  if (described.default === undefined) return described.of.first
  return described.of.write(described.default) as PreferencePlan['initial'] | null
}
