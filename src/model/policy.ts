import { day, hour, type Millis, minute, second } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import type { RotationTiming } from './rotation.ts'

/** How long things last and how many there may be. Milliseconds unless said otherwise. */
export interface Policy {
  /** Ends when unused for this long. */
  readonly idle: Millis
  /** Ends after this long whatever happens. */
  readonly absolute: Millis
  /** T: life of a snapshot, in cookie or access token. */
  readonly access: Millis
  /** R: within this long a revocation is honoured on every node, whatever fails. */
  readonly revocationBound: Millis
  /** How often a node asks a shared engine whether it has missed anything; well below R (R / 5). */
  readonly heartbeat: Millis
  /** Bounds of their own for reads that may be late, by name: for `revocationBounds` (none). */
  readonly availability: Readonly<Record<string, Millis>>
  /** What a check does when this node has not heard from the engine for R: asks for the record, or refuses with 503. */
  readonly onLapse: 'recheck' | 'refuse'
  /** G: how long after a rotation the one before still receives the successor. */
  readonly grace: Millis
  /** D: the longest that an honest request or its answer is under way. */
  readonly transit: Millis
  /** U: the longest upload allowed, plus G + 2D. */
  readonly upload: Millis
  /** F_max: forks in a row before the client must sign in again. */
  readonly maxForks: number
  /** Activity is written once it is this share of the idle timeout old (0 to 0.5). */
  readonly touchRatio: number
  /** Difference between clocks that tokens of others are forgiven. */
  readonly leeway: Millis
  /** Sessions of one user at once. */
  readonly maxSessions: number
  readonly whenFull: 'evict_oldest' | 'refuse'
  /** "Keep me signed in": assurance level 1, step up for more. */
  readonly rememberMe: { readonly idle: Millis; readonly absolute: Millis }
  /** Upper limits for sessions that begin at level 3. */
  readonly levelThree: { readonly idle: Millis; readonly absolute: Millis }
  /** Largest access token, in bytes. */
  readonly tokenBytes: number
}

/** Secure with no options. Each number with its source. */
export const defaultPolicy: Policy = Object.freeze({
  idle: hour, // SP 800-63B-4 2.2.3: AAL2, inactivity at most 1 h
  absolute: 24 * hour, // SP 800-63B-4 2.2.3: AAL2, overall at most 24 h
  access: 5 * minute, // protocol 2: T; RFC 9068 lifetimes "short", J13 at most 10 min
  revocationBound: 5 * second, // protocol 2: R
  heartbeat: second, // protocol 2: h = R / 5
  availability: Object.freeze({}), // protocol 2: R_read, explicit
  onLapse: 'recheck', // protocol 2
  grace: 10 * second, // protocol 5: G
  transit: 15 * second, // protocol 5: D
  upload: hour, // protocol 5: U
  maxForks: 5, // protocol 5: F_max
  touchRatio: 0.1, // protocol 2: theta
  leeway: 30 * second, // T7: at most a few minutes; RFC 7519 4.1.4
  maxSessions: 100, // ASVS 7.1.2: a documented limit
  whenFull: 'evict_oldest', // ASVS 7.1.2: the one unused for longest
  rememberMe: Object.freeze({ idle: 14 * day, absolute: 30 * day }), // SP 800-63B-4 2.1.3: AAL1, overall at most 30 d
  levelThree: Object.freeze({ idle: 15 * minute, absolute: 12 * hour }), // SP 800-63B-4 2.3.3: AAL3
  tokenBytes: 1024, // header budgets of proxies (4 to 8 KB for all headers)
})

export type PolicyOptions = {
  readonly [Name in keyof Policy]?: Name extends 'rememberMe' | 'levelThree' ? Partial<Policy[Name]> : Policy[Name]
}

/**
 * The default policy with some numbers of your own. Checks everything at once.
 *
 * @param options milliseconds; unknown names are refused with the nearest one
 * @throws Fault `invalid_option` listing every finding
 */
export function definePolicy(options: PolicyOptions = {}): Policy {
  const policy: Policy = Object.freeze({
    ...defaultPolicy,
    ...beatingBy(options?.revocationBound),
    ...options,
    availability: Object.freeze({ ...options?.availability }),
    rememberMe: Object.freeze({ ...defaultPolicy.rememberMe, ...options?.rememberMe }),
    levelThree: Object.freeze({ ...defaultPolicy.levelThree, ...options?.levelThree }),
  })
  const findings = [...unknownNames(options), ...badNumbers(policy)]
  if (findings.length === 0) findings.push(...contradictions(policy))
  if (findings.length > 0) throw new Fault('invalid_option', `The policy cannot be used:\n- ${findings.join('\n- ')}`)
  return policy
}

export function timingOf(policy: Policy): RotationTiming {
  return { grace: policy.grace, transit: policy.transit, upload: policy.upload, maxForks: policy.maxForks }
}

function beatingBy(bound: unknown): Partial<Policy> {
  return typeof bound === 'number' && bound >= 1 && bound < Number.POSITIVE_INFINITY
    ? { heartbeat: Math.max(1, Math.floor(bound / 5)) }
    : {}
}

/** Parts of the policy that have numbers of their own. */
const groups = ['rememberMe', 'levelThree'] as const

function unknownNames(options: PolicyOptions): string[] {
  const findings = namesBeyond('policy', options, defaultPolicy)
  const availability: unknown = options?.availability
  if (availability !== undefined && (typeof availability !== 'object' || availability === null))
    findings.push('policy.availability must be an object')
  for (const group of groups) {
    const given = options?.[group]
    if (given !== undefined) findings.push(...namesBeyond(`policy.${group}`, given, defaultPolicy[group]))
  }
  return findings
}

function namesBeyond(place: string, given: unknown, known: object): string[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return [`${place} must be an object`]
  const names = Object.keys(known)
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => `${place}.${name} is not known${nearest(name, names)}`)
}

function badNumbers(policy: Policy): string[] {
  const findings: string[] = []
  const { rememberMe, levelThree, availability, whenFull, onLapse, ...numbers } = policy
  const all = {
    ...numbers,
    ...prefixed('rememberMe', rememberMe),
    ...prefixed('levelThree', levelThree),
    ...prefixed('availability', availability),
  }
  for (const [name, value] of Object.entries(all)) {
    const lowest = name === 'touchRatio' || name === 'leeway' ? 0 : 1
    const whole = name !== 'touchRatio'
    if (typeof value !== 'number' || !Number.isFinite(value) || value < lowest || (whole && !Number.isInteger(value)))
      findings.push(`policy.${name} must be a ${whole ? 'whole ' : ''}number, at least ${lowest}`)
    else if (/(^|\.)(idle|absolute|access)$/.test(name) && value < second)
      findings.push(`policy.${name}: ${value} is in milliseconds; did you mean ${value} * second?`)
  }
  if (whenFull !== 'evict_oldest' && whenFull !== 'refuse')
    findings.push(`policy.whenFull must be 'evict_oldest' or 'refuse'`)
  if (onLapse !== 'recheck' && onLapse !== 'refuse') findings.push(`policy.onLapse must be 'recheck' or 'refuse'`)
  return findings
}

function prefixed(name: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]))
}

function contradictions(policy: Policy): string[] {
  const { rememberMe, levelThree } = policy
  const quiet = policy.grace + 2 * policy.transit
  const rules: readonly (readonly [boolean, string])[] = [
    [policy.idle <= policy.absolute, 'policy.idle must not exceed policy.absolute'],
    [rememberMe.idle <= rememberMe.absolute, 'policy.rememberMe.idle must not exceed policy.rememberMe.absolute'],
    [levelThree.idle <= levelThree.absolute, 'policy.levelThree.idle must not exceed policy.levelThree.absolute'],
    [levelThree.absolute <= 12 * hour, 'policy.levelThree.absolute must not exceed 12 h (SP 800-63B-4 2.3.3)'],
    [rememberMe.absolute <= 400 * day, 'policy.rememberMe.absolute must not exceed 400 days (RFC 6265bis 5.5)'],
    [
      policy.access <= 10 * minute,
      'policy.access must not exceed 10 min: a copied token is good for that long where no revocation is heard',
    ],
    [policy.revocationBound >= 2 * policy.heartbeat, 'policy.heartbeat must be at most half of policy.revocationBound'],
    [
      Object.values(policy.availability).every((bound) => bound >= policy.revocationBound && bound <= policy.access),
      'policy.availability: each bound must be between policy.revocationBound and policy.access',
    ],
    [policy.leeway <= 120 * second, 'policy.leeway must not exceed 120 s (T7)'],
    [policy.touchRatio <= 0.5, 'policy.touchRatio must not exceed 0.5'],
    [policy.upload >= quiet, 'policy.upload must be at least policy.grace + 2 * policy.transit'],
  ]
  return rules.filter(([holds]) => !holds).map(([, finding]) => finding)
}
