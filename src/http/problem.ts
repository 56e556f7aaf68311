import { type Reason, type ReasonEntry, reasons } from '../base/reasons.ts'

/** A whole answer, for any framework to send. */
export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface ProblemExtra {
  /** Protection space in WWW-Authenticate (handstamp). */
  readonly realm?: string
  /** The request showed an access token, so the challenge may say what is wrong with it (RFC 6750 3). */
  readonly tokenShown?: true
  /** What a sufficient sign-in looks like (RFC 9470 3). */
  readonly stepUp?: { readonly acrValues?: string; readonly maxAgeSeconds?: number }
  /** Seconds in Retry-After of a 503 or 429 (1). */
  readonly retryAfter?: number
  /** The methods that a 405 names in Allow. */
  readonly allow?: readonly string[]
}

/**
 * The answer to a refusal: RFC 9457 `application/problem+json` with `type`, `title`, `status`, `detail` and `reason`, all from the table
 * of reasons. Never cached, never sniffed. 401 carries a Bearer challenge (RFC 6750 3, RFC 9470 3), 405 Allow, 503 and 429 Retry-After.
 */
export function problem(reason: Reason, extra: ProblemExtra = {}): Answer {
  const entry = reasons[reason]
  const headers = commonHeaders('application/problem+json', entry, extra)
  if (entry.status === 401) headers.push(['WWW-Authenticate', challenge(reason, extra)])
  if (reason === 'cross_site' || reason === 'unproven_origin') headers.push(['Vary', 'Sec-Fetch-Site, Origin'])
  const body = JSON.stringify({
    type: `urn:handstamp:reason:${reason}`,
    title: entry.sentence,
    status: entry.status,
    detail: entry.remedy,
    reason,
  })
  return { status: entry.status, headers, body }
}

/**
 * The token endpoint's answer to a refusal: RFC 6749 5.2 `{ error, error_description }` plus `reason`.
 *
 * What is wrong with the refresh token is `invalid_grant` with 400, never 401, which that section keeps for client authentication.
 * `retry` (409) and `temporarily_unavailable` (503) are ours: the section has no word for either.
 */
export function oauthError(reason: Reason, extra: Pick<ProblemExtra, 'retryAfter' | 'allow'> = {}): Answer {
  const entry = reasons[reason]
  const body = JSON.stringify({ error: errorOf(reason, entry), error_description: entry.sentence, reason })
  const headers = commonHeaders('application/json', entry, extra)
  headers.push(['Pragma', 'no-cache'])
  return { status: entry.status === 401 ? 400 : entry.status, headers, body }
}

function commonHeaders(type: string, { status }: ReasonEntry, extra: ProblemExtra): [string, string][] {
  const headers: [string, string][] = [
    ['Content-Type', type],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
  ]
  if (status === 405) headers.push(['Allow', (extra.allow ?? []).join(', ')])
  if (status === 503 || status === 429) headers.push(['Retry-After', String(extra.retryAfter ?? 1)])
  return headers
}

function challenge(reason: Reason, { realm, tokenShown, stepUp }: ProblemExtra): string {
  const parts = [`Bearer realm=${quoted(realm ?? 'handstamp')}`]
  if (reason === 'step_up_required') {
    parts.push('error="insufficient_user_authentication"', `error_description=${quoted(reasons[reason].sentence)}`)
    if (stepUp?.acrValues !== undefined) parts.push(`acr_values=${quoted(stepUp.acrValues)}`)
    if (stepUp?.maxAgeSeconds !== undefined) parts.push(`max_age="${stepUp.maxAgeSeconds}"`)
  } else if (tokenShown === true) {
    parts.push('error="invalid_token"', `error_description=${quoted(reasons[reason].sentence)}`)
  }
  return parts.join(', ')
}

/** RFC 9110 5.6.4; what no header may hold becomes `?`. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}

function errorOf(reason: Reason, { status }: ReasonEntry): string {
  if (reason === 'unsupported_grant_type') return 'unsupported_grant_type'
  if (reason === 'wider_scope') return 'invalid_scope'
  if (reason === 'wrong_client' || status === 401) return 'invalid_grant'
  if (reason === 'retry_renewal') return 'retry'
  return status === 503 ? 'temporarily_unavailable' : 'invalid_request'
}
