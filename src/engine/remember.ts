import { type Millis, second } from '../base/clock.ts'
import type { Policy } from '../model/policy.ts'

/** F: how long an answer of the store may be under way and still be used. */
const fillTimeout: Millis = 10 * second

/** Until when a revocation that is logged now must be remembered: T + R + F (P-I6). */
export function rememberUntil(context: { readonly policy: Policy }, now: Millis): Millis {
  return now + context.policy.access + context.policy.revocationBound + fillTimeout
}
