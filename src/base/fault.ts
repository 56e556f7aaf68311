/**
 * Breakage, as opposed to refusal: a store that is down, a wrong option, a call that comes too late.
 *
 * - `store_unavailable`: the engine did not answer, or not in time. Nothing is known about the session; answer 503, never 401.
 * - `not_stored`: a write was not carried out. Answer 503; nothing was changed.
 * - `invalid_option`: the application configured something impossible. The message lists every finding.
 * - `invalid_value`: the application passed a value that cannot be stored, sent or signed. Nothing was changed.
 * - `head_sent`: a cookie would have to be set after the response's head has left. Nothing was changed.
 * - `session_ended`: the session that this request belongs to has ended meanwhile. Nothing was changed.
 * - `newer_schema`: the data was written by a newer version.
 */
export type FaultKind =
  | 'store_unavailable'
  | 'not_stored'
  | 'invalid_option'
  | 'invalid_value'
  | 'head_sent'
  | 'session_ended'
  | 'newer_schema'

/** Never holds a credential, a token or session data, neither in `message` nor in `cause`. */
export class Fault extends Error {
  readonly kind: FaultKind

  constructor(kind: FaultKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'Fault'
    this.kind = kind
  }
}

export function isFault(value: unknown): value is Fault {
  return value instanceof Fault
}
