import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { pickHead } from '../adapters/node-head.ts'
import { second } from '../base/clock.ts'
import { type Reason, reasons } from '../base/reasons.ts'
import type { Answer } from '../http/problem.ts'
import { refusal } from '../http/routes.ts'
import type { Env } from './desk.ts'
import { failurePage } from './pages/failure.ts'

export type Here = Context<Env>

/** Whether a person is reading: a browser that navigates asks for HTML. */
export function wantsPage(here: Here): boolean {
  return here.req.header('accept')?.includes('text/html') === true
}

/** An own page with the headers that all of them carry. */
export function page(here: Here, status: ContentfulStatusCode, body: string): Response {
  return here.body(body, status, pageHeaders)
}

const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
}

/** Sends a reader on with GET; the target is always a path of ours. */
export function see(here: Here, path: string): Response {
  return here.body(null, 303, { Location: path, 'Cache-Control': 'no-store' })
}

/** The refusal as a page or as a problem document, whichever the client asked for. */
export function failureAnswer(here: Here, reason: Reason): Response {
  const answer = refusal({ head: pickHead(here.env.incoming) }, reason)
  if (!wantsPage(here)) return given(here, answer)
  const { status, sentence, remedy } = reasons[reason]
  const retryAfter = status === 503 ? second : null
  const response = page(
    here,
    status as ContentfulStatusCode,
    failurePage({ status, title: sentence, detail: remedy, reason, retryAfter }),
  )
  if (retryAfter !== null) response.headers.set('Retry-After', '1')
  return response
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
