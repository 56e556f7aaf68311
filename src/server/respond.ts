import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { pickHead } from '../adapters/node-head.ts'
import type { Reason } from '../base/reasons.ts'
import type { Guard } from '../http/gate.ts'
import { guardAnswer, refusal } from '../http/guarding.ts'
import type { Answer } from '../http/problem.ts'
import { visitOf } from '../http/visit.ts'
import type { Env } from './desk.ts'
import { failurePage } from './pages/failure.ts'
import { pageHeaders } from './pages/headers.ts'
import { problemPage, wantsHtml } from './problem-page.ts'

export type Here = Context<Env>

/** Whether a person is reading. */
export function wantsPage(here: Here): boolean {
  return wantsHtml(here.req.header('accept'))
}

/** An own page with the headers that all of them carry. */
export function page(here: Here, status: ContentfulStatusCode, body: string): Response {
  return here.body(body, status, Object.fromEntries(pageHeaders))
}

/** Sends a reader on with GET; the target is always a path of ours. */
export function see(here: Here, path: string): Response {
  return here.body(null, 303, { Location: path, 'Cache-Control': 'no-store' })
}

/** The refusal as a page or as a problem document, whichever the client asked for. */
export function failureAnswer(here: Here, reason: Reason): Response {
  const answer = refusal(pickHead(here.env.incoming), reason)
  return given(here, wantsPage(here) ? problemPage(answer, reason) : answer)
}

/** The answer to whoever may not do this; null for who may. */
export function guarded(here: Here, rules: Guard): Response | null {
  const answer = guardAnswer(here.env.incoming, rules)
  if (answer === null) return null
  const checked = visitOf(here.env.incoming).guard(rules)
  return wantsPage(here) && !checked.ok ? given(here, problemPage(answer, checked.reason)) : given(here, answer)
}

/** What nobody foresaw: the server's log has it, and the client is told nothing of it. */
export function breakageAnswer(here: Here): Response {
  if (!wantsPage(here)) return here.text('Internal Server Error', 500, { 'Cache-Control': 'no-store' })
  const detail = 'The server has met an error that nobody foresaw. What it was stands in its log.'
  const view = { status: 500, title: 'Something went wrong here', detail, reason: 'unforeseen_error', retryAfter: null }
  return page(here, 500, failurePage(view))
}

/** An answer of the HTTP floor, as this framework wants it. */
export function given(here: Here, answer: Answer): Response {
  const headers = Object.fromEntries(answer.headers)
  return answer.status === 204
    ? here.body(null, 204, headers)
    : here.body(answer.body, answer.status as ContentfulStatusCode, headers)
}

/** A path of this server to go on to after signing in; anything that could lead elsewhere becomes `/` (X10). */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])[\x21-\x7e]{0,1000}$/.test(next) || next.includes('\\')) return '/'
  return next
}
