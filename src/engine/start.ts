import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { isJson, type Json } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { isClaimValue, reservedClaims } from '../crypto/access-token.ts'
import { randomText } from '../crypto/random.ts'
import { makeSid, partitionOfUser } from '../model/partition.ts'
import { firstRotation } from '../model/rotation.ts'
import type {
  Authentication,
  Binding,
  Claims,
  Device,
  Generations,
  Level,
  Presentation,
  PublicSession,
  SessionRecord,
  Sid,
} from '../model/session.ts'
import { publicSession } from '../model/session.ts'
import type { ClaimType, Context } from './context.ts'
import { type Issued, issue } from './issue.ts'
import { rememberUntil } from './remember.ts'

/** What a new session is made of. Times may only shorten what the policy says. */
export interface StartOptions {
  /** Your name for the user, 1 to 255 characters; null begins an anonymous session. */
  readonly user: string | null
  readonly tenant?: string
  /** Small typed facts that every check needs; only names listed in the option `claims`. */
  readonly claims?: Claims
  /** Assurance level of this authentication (1). */
  readonly level?: Level
  /** Methods used, RFC 8176 values (none). */
  readonly methods?: readonly string[]
  readonly present?: Presentation
  /** Keep the user signed in on this device: longer timeouts, level 1. */
  readonly remember?: boolean
  readonly idle?: Millis
  readonly absolute?: Millis
  readonly client?: string
  readonly device?: Device
  readonly binding?: Binding
  /**
   * Asked after the generations were read and before anything is stored: whether the user may still sign in. So that no session begins beside a disabling
   * or a change of password; false refuses as `wrong_login`.
   */
  readonly confirm?: () => Promise<boolean>
  /** Data that the session begins with. */
  readonly data?: Readonly<Record<string, Json>>
}

export interface Started {
  readonly session: PublicSession
  readonly issued: Issued
}

/**
 * Begins a session with an identity of its own. Does not authenticate anybody, and does not end any other session except as the limit
 * of sessions says.
 *
 * @param replaces a session that the caller ends next, so that it does not count for the limit
 * @returns or refuses: `session_limit`, `wrong_login` when `confirm` says no
 * @throws Fault `invalid_value`, `store_unavailable`, `not_stored`
 * Cost: one read for each of user, tenant and everyone (their generations), one write.
 */
export async function start(context: Context, options: StartOptions, replaces?: Sid): Promise<Check<Started>> {
  const findings = startFindings(context, options)
  if (findings.length > 0) throw new Fault('invalid_value', `The session cannot begin:\n- ${findings.join('\n- ')}`)
  const { backend, clock, policy } = context
  await context.tokens.settle()
  const now = clock.now()
  const generations = await currentGenerations(context, options.user, options.tenant ?? null)
  if (options.confirm !== undefined && !(await options.confirm())) return refuse('wrong_login')
  const record = newRecord(context, options, now, generations)
  const issued = issue(context, record, { now, seenAt: now, withCredential: true })
  const data = new Map(Object.entries(options.data ?? {}))
  const until = rememberUntil(context, now)
  const limit = { count: policy.maxSessions, otherwise: policy.whenFull, until, ...(replaces && { replaces }) }
  const inserted = await (record.user === null
    ? backend.store.insert(record, data)
    : backend.store.insert(record, data, limit))
  if (inserted.kind === 'full') return refuse('session_limit')
  const { sid, user, presentation } = record
  context.emit({ kind: 'session.created', id: sid, user, presentation, at: now })
  for (const id of inserted.evicted) context.emit({ kind: 'session.ended', id, user, cause: 'evicted', at: now })
  return accept({ session: publicSession(record, now), issued })
}

/** The generations that a session beginning now belongs to. */
async function currentGenerations(context: Context, user: string | null, tenant: string | null): Promise<Generations> {
  const { store } = context.backend
  const [forUser, forTenant, everyone] = await Promise.all([
    user === null ? 0 : store.generation({ kind: 'user', user }),
    tenant === null ? 0 : store.generation({ kind: 'tenant', tenant }),
    store.generation({ kind: 'everyone' }),
  ])
  return { user: forUser, tenant: forTenant, everyone }
}

function newRecord(context: Context, options: StartOptions, now: Millis, generations: Generations): SessionRecord {
  const { user } = options
  const partitions = context.backend.store.partitions
  const random = randomText(16)
  const partition = partitionOfUser(user ?? random, partitions)
  const remember = options.remember === true
  const level = options.level ?? 1
  const times = lifetimes(context, options, level)
  const endsAt = now + times.absolute
  // Who is remembered is known at level 1; a stronger sign-in holds as long as an ordinary one may go unused.
  const levelUntil = remember ? Math.min(now + context.policy.idle, endsAt) : endsAt
  const authentication: Authentication | null =
    user === null ? null : { at: now, level, levelUntil, methods: options.methods ?? [] }
  return {
    sid: makeSid(partition, random),
    user,
    tenant: options.tenant ?? null,
    generations,
    version: 1,
    state: { kind: 'live' },
    createdAt: now,
    seenAt: now,
    idle: times.idle,
    endsAt,
    authentication,
    claims: options.claims ?? {},
    presentation: options.present ?? 'cookie',
    persistent: remember,
    client: options.client ?? 'first-party',
    device: options.device ?? { agent: '', address: null },
    binding: options.binding ?? null,
    salt: randomText(16),
    rotation: firstRotation(now),
    renewIdentity: false,
  }
}

interface Lifetimes {
  readonly idle: Millis
  readonly absolute: Millis
}

function lifetimes(context: Context, options: StartOptions, level: Level): Lifetimes {
  const { policy } = context
  const base: Lifetimes = options.remember === true ? policy.rememberMe : policy
  const cap: Lifetimes = level === 3 ? policy.levelThree : base
  const absolute = Math.min(base.absolute, cap.absolute, options.absolute ?? Number.POSITIVE_INFINITY)
  const idle = Math.min(base.idle, cap.idle, options.idle ?? Number.POSITIVE_INFINITY, absolute)
  return { idle, absolute }
}

/** Longest name of a user, tenant or client. */
const longestName = 255

function startFindings(context: Context, options: StartOptions): string[] {
  const findings = [...claimFindings(context, options.claims ?? {})]
  for (const [name, value] of Object.entries({ user: options.user, tenant: options.tenant, client: options.client })) {
    if (name === 'user' ? value === null : value === undefined) continue
    if (typeof value !== 'string' || value.length < 1 || value.length > longestName || !value.isWellFormed())
      findings.push(`${name} must be a text of 1 to ${longestName} characters`)
  }
  const { present, methods } = options
  if (present !== undefined && present !== 'cookie' && present !== 'token')
    findings.push(`present must be 'cookie' or 'token'`)
  if (methods !== undefined && !(Array.isArray(methods) && methods.every((method) => typeof method === 'string')))
    findings.push('methods must be a list of texts')
  if (options.level !== undefined && ![1, 2, 3].includes(options.level)) findings.push('level must be 1, 2 or 3')
  for (const name of ['idle', 'absolute'] as const) {
    const value = options[name]
    if (value !== undefined && (!Number.isInteger(value) || value < 1))
      findings.push(`${name} must be whole milliseconds above 0`)
  }
  for (const [key, value] of Object.entries(options.data ?? {}))
    if (!isJson(value)) findings.push(`data.${key} is not JSON data`)
  return findings
}

/** Only listed names, only the listed type: what is in a claim can be read by whoever holds an access token. */
export function claimFindings(context: Pick<Context, 'claims'>, claims: Claims): string[] {
  const known = Object.keys(context.claims)
  const findings: string[] = []
  for (const [name, value] of Object.entries(claims)) {
    const type = Object.hasOwn(context.claims, name) ? context.claims[name] : undefined
    if (reservedClaims.has(name))
      findings.push(`claims.${name} has a meaning of its own in tokens: choose another name`)
    else if (type === undefined)
      findings.push(`claims.${name} is not listed in the option \`claims\`${nearest(name, known)}`)
    else if (!isClaimValue(value) || claimTypeOf(value) !== type)
      findings.push(`claims.${name} must be of type ${type}`)
  }
  return findings
}

function claimTypeOf(value: Claims[string]): ClaimType {
  return typeof value === 'object' ? 'strings' : (typeof value as ClaimType)
}
