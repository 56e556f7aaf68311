import { type Millis, minute, second } from '../base/clock.ts'
import type { Policy } from '../model/policy.ts'

/** The longest T that a policy may have: nodes and commands with other policies write into the same log. */
const longestAccess: Millis = 10 * minute

/** F: how long an answer of the store may be under way and still be used. */
const fillTimeout: Millis = 10 * second

/** Until when a revocation that is logged now must be remembered: T + R + F (P-I6), with the longest R of any route. */
export function rememberUntil({ policy }: { readonly policy: Policy }, now: Millis): Millis {
  const longestBound = Math.max(policy.revocationBound, ...Object.values(policy.availability))
  return now + longestAccess + longestBound + fillTimeout
}
