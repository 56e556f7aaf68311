import { type Millis, second, toSeconds } from '../base/clock.ts'
import type { Json } from '../base/json.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { isSid, partitionOfSid } from '../model/partition.ts'
import type { Claims, ClaimValue, Level } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type SignKey, signJws, type VerifyKey, verifyJws } from './jws.ts'
import { randomText } from './random.ts'
import { tooLarge } from './too-large.ts'

/** Type of access tokens (RFC 9068 section 2.1). */
export const accessTokenType = 'at+jwt'

export interface AccessTokenRules {
  readonly issuer: string
  readonly audience: string
  /** Longest life of a token that is believed. */
  readonly longestLife: Millis
  /** How far in the future the clock of the issuing node may have been. */
  readonly leeway: Millis
  /** Largest token issued, bytes. */
  readonly bytes: number
}

/** Names that have a meaning of their own in our tokens; no claim of the application may use them. */
export const reservedClaims: ReadonlySet<string> = new Set(
  'iss aud sub client_id sid p gen ver acr auth_time cnf exp iat nbf jti idle end tenant scope act amr nonce events __proto__'.split(
    ' ',
  ),
)

/**
 * Signs a snapshot as an access token (RFC 9068).
 *
 * @throws Fault `invalid_value` naming the largest claim when the token would be larger than `rules.bytes`
 */
export function signAccessToken(snapshot: Snapshot, rules: AccessTokenRules, key: SignKey): string {
  const { generations } = snapshot
  const payload = {
    iss: rules.issuer,
    aud: rules.audience,
    sub: snapshot.user ?? '',
    client_id: snapshot.client,
    sid: snapshot.sid,
    p: partitionOfSid(snapshot.sid),
    gen: [generations.user, generations.tenant, generations.everyone],
    ver: snapshot.version,
    acr: `aal${snapshot.level}`,
    ...(snapshot.authenticatedAt === null ? {} : { auth_time: toSeconds(snapshot.authenticatedAt) }),
    ...(snapshot.tenant === null ? {} : { tenant: snapshot.tenant }),
    ...(snapshot.boundTo === null ? {} : { cnf: { jkt: snapshot.boundTo } }),
    ...snapshot.claims,
    idle: toSeconds(snapshot.idle),
    end: toSeconds(snapshot.endsAt),
    exp: toSeconds(snapshot.expiresAt),
    iat: toSeconds(snapshot.issuedAt),
    jti: randomText(12),
  }
  const token = signJws(payload, key, accessTokenType)
  if (token.length > rules.bytes)
    throw tooLarge('access token', token.length, `${rules.bytes} allowed (policy.tokenBytes)`, snapshot)
  return token
}

/** A token whose signature, issuer, audience and form are good. */
export interface AccessToken {
  readonly snapshot: Snapshot
  readonly kid: string
  /** Before then it does not count. */
  readonly beginsAt: Millis
}

/**
 * Verifies an access token of this issuer for this audience. Does NOT ask whether the session was revoked.
 *
 * @param now milliseconds
 * @returns or refuses with one of the token reasons
 * Cost: one signature check, no I/O.
 * @see RFC 9068 section 4, RFC 8725
 */
export function verifyAccessToken(
  token: string,
  rules: AccessTokenRules,
  keys: ReadonlyMap<string, VerifyKey>,
  now: Millis,
): Check<AccessToken> {
  const read = readAccessToken(token, rules, keys)
  if (!read.ok) return read
  if (read.value.beginsAt > now + rules.leeway) return refuse('not_yet_valid')
  return now >= read.value.snapshot.expiresAt ? refuse('expired_token') : read
}

/** The same without a look at the clock: whose token it is, or was. Enough to end a session, never to let somebody in. */
export function readAccessToken(
  token: string,
  rules: AccessTokenRules,
  keys: ReadonlyMap<string, VerifyKey>,
): Check<AccessToken> {
  const verified = verifyJws(token, keys, accessTokenType)
  if (!verified.ok) return verified
  const claims = verified.value.payload
  if (claims.iss !== rules.issuer) return refuse('wrong_issuer')
  if (!hasAudience(claims.aud, rules.audience)) return refuse('wrong_audience')
  const snapshot = readSnapshot(claims)
  if (snapshot === null) return refuse('bad_claims')
  if (snapshot.expiresAt - snapshot.issuedAt > rules.longestLife) return refuse('bad_claims')
  if (claims.nbf !== undefined && !isTime(claims.nbf)) return refuse('bad_claims')
  const beginsAt = Math.max(snapshot.issuedAt, isTime(claims.nbf) ? claims.nbf * second : 0)
  return accept({ snapshot, kid: verified.value.key.kid, beginsAt })
}

function hasAudience(audience: Json | undefined, own: string): boolean {
  return (
    audience === own ||
    (Array.isArray(audience) && audience.every((item) => typeof item === 'string') && audience.includes(own))
  )
}

type TokenClaims = Readonly<Record<string, Json>>

function readSnapshot(claims: TokenClaims): Snapshot | null {
  const { sub, client_id, sid, gen, ver, acr, auth_time, tenant, cnf, idle, end, exp, iat, jti } = claims
  if (typeof sub !== 'string' || typeof client_id !== 'string' || typeof jti !== 'string') return null
  if (typeof sid !== 'string' || !isSid(sid) || claims.p !== partitionOfSid(sid)) return null
  const generations = readGenerations(gen)
  const level = levels.get(acr as string)
  if (generations === null || level === undefined || !isCount(ver)) return null
  if (!isTime(exp) || !isTime(iat) || !isTime(idle) || !isTime(end) || exp < iat) return null
  if (auth_time !== undefined && !isTime(auth_time)) return null
  if (tenant !== undefined && typeof tenant !== 'string') return null
  const boundTo = readThumbprint(cnf)
  if (boundTo === undefined) return null
  return {
    sid,
    user: sub === '' ? null : sub,
    tenant: tenant ?? null,
    generations,
    version: ver,
    claims: readClaims(claims),
    presentation: 'token',
    client: client_id,
    idle: idle * second,
    endsAt: end * second,
    issuedAt: iat * second,
    expiresAt: exp * second,
    level,
    authenticatedAt: auth_time === undefined ? null : auth_time * second,
    boundTo,
  }
}

const levels: ReadonlyMap<string, Level> = new Map([
  ['aal1', 1],
  ['aal2', 2],
  ['aal3', 3],
])

/** A NumericDate or a duration of RFC 7519, in whole seconds of a plausible size. */
function isTime(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e11
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function readGenerations(value: Json | undefined): Snapshot['generations'] | null {
  if (!Array.isArray(value) || value.length !== 3 || !value.every(isCount)) return null
  const [user, tenant, everyone] = value as [number, number, number]
  return { user, tenant, everyone }
}

function readThumbprint(cnf: Json | undefined): string | null | undefined {
  if (cnf === undefined) return null
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return undefined
  const { jkt } = cnf as { readonly jkt?: Json }
  return typeof jkt === 'string' ? jkt : undefined
}

function readClaims(claims: TokenClaims): Claims {
  const own: Record<string, ClaimValue> = {}
  for (const name of Object.keys(claims)) {
    if (reservedClaims.has(name)) continue
    const value = claims[name]
    if (isClaimValue(value)) own[name] = value
  }
  return own
}

export function isClaimValue(value: unknown): value is ClaimValue {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value === 'string' || typeof value === 'boolean') return true
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
