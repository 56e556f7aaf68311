/**
 * The table of reasons: every refusal that Handstamp gives, with its HTTP status, the sentence a person reads, what to do, and
 * where it comes from. Types, problem documents and the documentation derive from this table.
 */
export interface ReasonEntry {
  readonly status: number
  /** One sentence, no secrets, no internals. */
  readonly sentence: string
  /** What the caller can do about it. */
  readonly remedy: string
  /** Standard and section, or the requirement id. */
  readonly source: string
}

const table = {
  // credentials
  malformed_credential: entry(401, 'The session credential is not well-formed.', 'Sign in again.', 'protocol 5'),
  oversized_credential: entry(401, 'The credential is longer than any we issue.', 'Sign in again.', 'J8'),
  forged_credential: entry(401, 'The session credential was not issued here.', 'Sign in again.', 'protocol 5; S3'),
  unknown_key: entry(401, 'The credential names a key that is not in use.', 'Sign in again.', 'RFC 8725 3.10; J4'),
  duplicate_cookie: entry(
    401,
    'The request carries the same session cookie twice.',
    'Remove the cookie that another site of this domain has set, then try again.',
    'C8',
  ),
  conflicting_credentials: entry(
    400,
    'The request carries more than one Authorization credential.',
    'Send exactly one.',
    'RFC 6750 2',
  ),
  unsupported_scheme: entry(
    401,
    'The Authorization scheme is not supported.',
    'Use "Authorization: Bearer" with an access token.',
    'RFC 6750 2.1',
  ),
  // tokens
  malformed_token: entry(
    401,
    'The token is not a well-formed signed token.',
    'Get a new access token.',
    'RFC 7515 5.2; J8',
  ),
  refused_algorithm: entry(
    401,
    'The token names an algorithm that its key does not use.',
    'Get a new access token.',
    'RFC 8725 3.1; J1',
  ),
  refused_header: entry(
    401,
    'The token carries a header that is not accepted here.',
    'Get a new access token.',
    'RFC 7515 4.1.11; J3, J7',
  ),
  wrong_type: entry(
    401,
    'The token is of another type than this place accepts.',
    'Send an access token.',
    'RFC 9068 4; J11',
  ),
  bad_signature: entry(401, 'The signature of the token is not valid.', 'Get a new access token.', 'RFC 7515 5.2'),
  bad_claims: entry(
    401,
    'A claim of the token is missing or has the wrong form.',
    'Get a new access token.',
    'RFC 9068 2.2; T7',
  ),
  wrong_issuer: entry(
    401,
    'The token was issued by somebody else.',
    'Get a token from this issuer.',
    'RFC 9068 4; J12',
  ),
  wrong_audience: entry(
    401,
    'The token is meant for another service.',
    'Get a token for this service.',
    'RFC 9068 4; J12',
  ),
  not_yet_valid: entry(401, 'The token is not valid yet.', 'Check the clocks.', 'RFC 7519 4.1.5; T7'),
  expired_token: entry(401, 'The access token has expired.', 'Renew it with the refresh token.', 'RFC 7519 4.1.4'),
  stale_claims: entry(
    401,
    'Something about the session has changed since this was issued.',
    'Renew it with the refresh token.',
    'P-I4',
  ),
  // sessions
  unknown_session: entry(401, 'There is no such session.', 'Sign in again.', 'S3'),
  revoked: entry(401, 'The session was ended.', 'Sign in again.', 'S6; P-I1'),
  idle_timeout: entry(
    401,
    'The session has ended because it was not used for a while.',
    'Sign in again.',
    'SP 800-63B-4 5.2; T4',
  ),
  absolute_timeout: entry(
    401,
    'The session has reached its longest duration.',
    'Sign in again.',
    'SP 800-63B-4 5.2; T2',
  ),
  replayed_credential: entry(
    401,
    'A credential that was already replaced has been used again, so the session was ended.',
    'Sign in again.',
    'RFC 9700 4.14.2; R1',
  ),
  late_credential: entry(
    401,
    'This request took too long to arrive, and its credential has been replaced meanwhile.',
    'Send the request again.',
    'protocol 5',
  ),
  reauthenticate: entry(401, 'The session could not be renewed.', 'Sign in again.', 'protocol 5'),
  retry_renewal: entry(
    409,
    'Another request has just renewed this session.',
    'Read the stored tokens again and use the newest.',
    'protocol 5',
  ),
  anonymous: entry(401, 'Nobody is signed in.', 'Sign in first.', 'RFC 9110 15.5.2'),
  step_up_required: entry(
    401,
    'This needs a more recent or a stronger sign-in.',
    'Sign in once more, then repeat the request.',
    'RFC 9470; S13',
  ),
  claim_required: entry(
    403,
    'You are signed in, but not allowed to do this.',
    'Ask somebody who may.',
    'RFC 9110 15.5.4',
  ),
  session_limit: entry(
    409,
    'The account has as many sessions as it may have.',
    'Sign out somewhere else first.',
    'ASVS 7.1.2; S11',
  ),
  // login
  wrong_login: entry(401, 'The name or the password is wrong.', 'Check both and try again.', 'L4'),
  insecure_transport: entry(
    400,
    'Signing in over plain http is refused, because anybody on the way could read the session.',
    'Serve the application over https and set `origin` (HANDSTAMP_ORIGIN) to its https address.',
    'RFC 6265 8.3',
  ),
  wrong_password: entry(403, 'The password is wrong.', 'Check it and try again.', 'S13'),
  too_many_attempts: entry(
    429,
    'The password was tried too often.',
    'Wait as long as Retry-After says, then try again.',
    'SP 800-63B-4 3.2.2; L5',
  ),
  too_many_logins: entry(503, 'Too many sign-ins are under way.', 'Try again in a moment.', 'RFC 9110 15.6.4'),
  // accounts
  account_exists: entry(409, 'There is an account of that name already.', 'Choose another name.', 'RFC 9110 15.5.10'),
  bad_username: entry(
    400,
    'The name cannot be used.',
    'Choose 1 to 128 characters, without control characters or invisible ones.',
    'RFC 8265 3',
  ),
  weak_password: entry(
    400,
    'The password is too short, too long or too easy to guess.',
    'Choose 15 characters or more, up to 1024 bytes; not your name, a repetition or a row of keys.',
    'SP 800-63B-4 3.1.1.2',
  ),
  // requests
  cross_site: entry(
    403,
    'The request was started by another site.',
    'If that site is yours, list its origin in `trustedOrigins`.',
    'X1; X4',
  ),
  unproven_origin: entry(
    403,
    'The request does not say where it was started, and it would be carried out with your session.',
    'Send the Origin header or a CSRF token, or use an access token.',
    'X2',
  ),
  malformed_body: entry(
    400,
    'The body of the request cannot be read.',
    'See the documentation of this endpoint.',
    'RFC 9110 15.5.1',
  ),
  invalid_request: entry(
    400,
    'A field of the request is missing or has the wrong form.',
    'See the documentation of this endpoint.',
    'RFC 6749 5.2',
  ),
  unsupported_grant_type: entry(
    400,
    'This grant type is not supported.',
    'Use grant_type=refresh_token.',
    'RFC 6749 5.2',
  ),
  wrong_client: entry(
    400,
    'The refresh token was issued to another client.',
    'Use the client that it was issued to.',
    'RFC 6749 6; R4',
  ),
  wider_scope: entry(
    400,
    'The scope cannot be widened when a token is renewed.',
    'Leave out `scope`.',
    'RFC 6749 6; R4',
  ),
  oversized_body: entry(413, 'The body of the request is too large.', 'Send less.', 'RFC 9110 15.5.14'),
  unsupported_media_type: entry(
    415,
    'This endpoint does not accept that content type.',
    'Send application/json or application/x-www-form-urlencoded.',
    'RFC 9110 15.5.16; X6',
  ),
  method_not_allowed: entry(
    405,
    'This endpoint does not answer to that method.',
    'See the Allow header.',
    'RFC 9110 15.5.6',
  ),
  not_found: entry(404, 'There is nothing here.', 'Check the address.', 'RFC 9110 15.5.5'),
  // breakage
  store_unavailable: entry(
    503,
    'The session store does not answer. You are not signed out.',
    'Try again in a moment.',
    'RFC 9110 15.6.4; V1',
  ),
  others_not_ended: entry(
    503,
    'The password was changed, but the other sessions could not be ended: they are still signed in.',
    'End them on the page of your sessions.',
    'V2; S8',
  ),
  not_stored: entry(503, 'The change could not be stored: nothing was changed.', 'Try again in a moment.', 'V2'),
} as const satisfies Record<string, ReasonEntry>

/** The name of a refusal; stable, part of the public interface. */
export type Reason = keyof typeof table

export const reasons: Readonly<Record<Reason, ReasonEntry>> = Object.freeze(table)

function entry(status: number, sentence: string, remedy: string, source: string): ReasonEntry {
  return Object.freeze({ status, sentence, remedy, source })
}

/** A refusal is a value; see `Fault` for breakage. */
export type Check<T> = { readonly ok: true; readonly value: T } | Refusal

export interface Refusal {
  readonly ok: false
  readonly reason: Reason
}

export function accept<T>(value: T): Check<T> {
  return { ok: true, value }
}

const refusals = new Map<Reason, Refusal>(
  (Object.keys(table) as Reason[]).map((reason) => [reason, Object.freeze({ ok: false, reason })]),
)

/** The refusal of that reason; one frozen object each, so refusing allocates nothing. */
export function refuse(reason: Reason): Refusal {
  return refusals.get(reason) as Refusal
}
