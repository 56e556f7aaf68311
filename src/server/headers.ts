import type { RequestHead } from '../base/head.ts'
import { type CspOptions, csp } from '../http/csp.ts'
import { mergeVary } from '../http/header-lines.ts'
import { type OriginRules, ownOrigin } from '../http/origin.ts'
import type { Answer } from '../http/problem.ts'
import { securityHeaders } from '../http/security-headers.ts'

/** What the pages may load: nothing on them is inline, so nothing inline is allowed, and no nonce is needed. */
const pagePolicy: CspOptions = {
  'default-src': [csp.none],
  'style-src': [csp.self],
  'script-src': [csp.self],
  'img-src': [csp.self],
}

/** The policy of a page that needs more. @returns the value of the header */
export function pagePolicyWith(more: CspOptions): string {
  return securityHeaders({ csp: { ...pagePolicy, ...more } })().headers['Content-Security-Policy'] ?? ''
}

/** The headers of every answer, page or not (X8); those of an https origin promise https. @returns by request; the same objects again and again */
export function everyAnswer(rules: OriginRules): (head: RequestHead) => Readonly<Record<string, string>> {
  const plain = securityHeaders({ csp: pagePolicy })().headers
  const https = securityHeaders({ csp: pagePolicy, https: true })().headers
  return (head) => (ownOrigin(head, rules)?.startsWith('https:') === true ? https : plain)
}

/** What stands for the body of an answer and not for its reason; the library's plain page also has a policy of its own, which is not that of these pages. */
const ofBody = ['content-type', 'cache-control', 'content-security-policy', 'vary']

/** The headers of a page that stands in for this answer. */
export function pageHeaders(answer: Pick<Answer, 'headers'> | null): Answer['headers'] {
  const headers = answer?.headers ?? []
  const vary = headers.filter(([name]) => name.toLowerCase() === 'vary').map(([, value]) => value)
  return [
    ...headers.filter(([name]) => !ofBody.includes(name.toLowerCase())),
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Cache-Control', 'no-store'],
    ['Vary', mergeVary(vary, 'Accept-Language')],
  ]
}
