import type { RequestHead } from '../base/head.ts'
import { type Reason, reasons } from '../base/reasons.ts'
import type { Guard } from './gate.ts'
import { type Answer, type ProblemExtra, problem } from './problem.ts'
import { problemPage, wantsHtml } from './problem-page.ts'
import { findVisit } from './visit.ts'

/**
 * Whether a request may enter a guarded route.
 *
 * @param carrier the request that `session(auth)` has let in
 * @returns the answer for whoever may not enter, null for who may
 * @throws Error where `session(auth)` did not come before
 * No I/O.
 */
export function guardAnswer(carrier: object, rules: Guard): Answer | null {
  const visit = findVisit(carrier)
  if (visit === null) throw new Error('requireSession() needs session(auth) before it.')
  const checked = visit.guard(rules)
  if (checked.ok) return null
  const { head } = visit
  const { signIn } = rules
  if (signIn !== undefined && reasons[checked.reason].status === 401 && isVisible(head))
    return sendToSignIn(head, signIn)
  return refusal(head, checked.reason)
}

/** Somebody who goes to a page, rather than a script that asks for something. */
function isVisible(head: RequestHead): boolean {
  return (head.method === 'GET' || head.method === 'HEAD') && wantsHtml(head)
}

function sendToSignIn({ target }: RequestHead, signIn: string): Answer {
  const location = `${signIn}${signIn.includes('?') ? '&' : '?'}next=${encodeURIComponent(target)}`
  const headers = [
    ['Location', location],
    ['Cache-Control', 'no-store'],
  ] as const
  return { status: 303, headers, body: '' }
}

/** The answer to a refusal: a problem document, or a page for whoever reads. */
export function refusal(head: RequestHead, reason: Reason, extra: ProblemExtra = {}): Answer {
  const tokenShown = /^bearer /i.test(head.header('authorization') ?? '')
  const answer = problem(reason, tokenShown ? { ...extra, tokenShown } : extra)
  return wantsHtml(head) ? problemPage(answer, reason) : answer
}
