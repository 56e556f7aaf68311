import type { RequestHead } from '../../base/head.ts'
import { randomText } from '../../crypto/random.ts'
import { isTrustedPeer, type OriginRules } from '../../http/origin.ts'

/** The name of a request in logs and answers: that of a trusted proxy, or one of our own. */
export function requestIdOf(head: RequestHead, rules: OriginRules): string {
  const given = head.count('x-request-id') === 1 ? head.header('x-request-id') : undefined
  const isUsable = given !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(given) && isTrustedPeer(head, rules)
  return isUsable ? given : randomText(9)
}
