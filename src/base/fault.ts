import { type Reason, reasons } from './reasons.ts'

/**
 * Breakage, as opposed to refusal: a store that is down, a wrong option, a call that comes too late.
 *
 * - `store_unavailable`: the engine did not answer, or not in time. Nothing is known about the session; answer 503, never 401.
 * - `not_stored`: a write was not carried out. Answer 503; nothing was changed.
 * - `invalid_option`: the application configured something impossible. The message lists every finding.
 * - `invalid_value`: the application passed a value that cannot be stored, sent or signed. Nothing was changed.
 * - `cookie_budget`: the answer sets a cookie that a browser would not keep as it is, or one too many. The message names it, its bytes and what to do. The answer did not leave.
 * - `head_sent`: a cookie would have to be set after the response's head has left. Nothing was changed.
 * - `session_ended`: the session that this request belongs to has ended meanwhile. Nothing was changed.
 * - `newer_schema`: the data was written by a newer version.
 * - `refused`: a call that can only be carried out or not, like `login`, was refused; `reason` says why. Nothing was changed.
 */
export type FaultKind =
  | 'store_unavailable'
  | 'not_stored'
  | 'invalid_option'
  | 'invalid_value'
  | 'cookie_budget'
  | 'head_sent'
  | 'session_ended'
  | 'newer_schema'
  | 'refused'

/** Never holds a credential, a token or session data, neither in `message` nor in `cause`. */
export class Fault extends Error {
  readonly kind: FaultKind
  /** The row of the table of reasons that tells a client about it; null for mistakes of the application. */
  readonly reason: Reason | null

  constructor(kind: FaultKind, message: string, options?: { readonly cause?: unknown; readonly reason?: Reason }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Fault'
    this.kind = kind
    this.reason = options?.reason ?? reasonOf[kind] ?? null
  }

  /** HTTP status; frameworks' error handlers read it. */
  get status(): number {
    return this.reason === null ? 500 : reasons[this.reason].status
  }

  /** Headers that frameworks' error handlers add to their answer. */
  get headers(): Readonly<Record<string, string>> {
    return this.status === 503 ? { 'Retry-After': '1' } : {}
  }
}

const reasonOf: Partial<Record<FaultKind, Reason>> = {
  store_unavailable: 'store_unavailable',
  not_stored: 'not_stored',
  session_ended: 'revoked',
}

/** A refusal where the caller expects success or an exception. */
export function refused(reason: Reason): Fault {
  return new Fault('refused', `${reasons[reason].sentence} ${reasons[reason].remedy}`, { reason })
}

export function isFault(value: unknown): value is Fault {
  return value instanceof Fault
}
