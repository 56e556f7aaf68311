import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import { readBody } from '../adapters/node-entry.ts'
import { pickHead } from '../adapters/node-head.ts'
import { type Millis, second } from '../base/clock.ts'
import { accept, type Check, type Reason, refuse } from '../base/reasons.ts'
import { readFields } from '../http/body.ts'
import type { Guard } from '../http/gate.ts'
import { refusal } from '../http/guarding.ts'
import type { Answer, ProblemExtra } from '../http/problem.ts'
import { wantsHtml } from '../http/problem-page.ts'
import { redirectTarget } from '../http/redirect.ts'
import { visitOf } from '../http/visit.ts'
import type { Env } from './desk.ts'
import { pageHeaders } from './headers.ts'
import { explainRefusal } from './pages/explain.ts'
import { failurePage } from './pages/failure.ts'
import type { Reader } from './pages/reader.ts'
import type { Explanation } from './pages/words/words.ts'
import { problemPage } from './problem-page.ts'
import { readerOf } from './reader.ts'

export type Here = Context<Env>

/** Whether a person is reading. */
export function wantsPage(here: Here): boolean {
  return wantsHtml(pickHead(here.env.incoming))
}

/** An own page, in the words and colours of whoever reads it. @param answer what a program would get in its place, for the headers */
export async function page(
  here: Here,
  status: ContentfulStatusCode,
  draw: (reader: Reader) => string,
  answer: Answer | null = null,
): Promise<Response> {
  const body = draw(await readerOf(visitOf(here.env.incoming)))
  return here.body(body, status, Object.fromEntries(pageHeaders(answer)))
}

/** Sends a reader on with GET; the target is always a path of ours. */
export function see(here: Here, path: string): Response {
  return here.body(null, 303, { Location: path, 'Cache-Control': 'no-store' })
}

/** The refusal as a page or as a problem document, whichever the client asked for. */
export async function failureAnswer(here: Here, reason: Reason, wait: Millis | null = null): Promise<Response> {
  const answer = refusal(pickHead(here.env.incoming), reason, waiting(wait))
  if (!wantsPage(here)) return given(here, answer)
  return given(here, problemPage(answer, reason, await readerOf(visitOf(here.env.incoming)), wait))
}

/** What tells a client how long to wait. */
export function waiting(wait: Millis | null): ProblemExtra {
  return wait === null ? {} : { retryAfter: Math.max(1, Math.ceil(wait / second)) }
}

/** The answer to whoever may not do this; null for who may. */
export async function guarded(here: Here, rules: Guard): Promise<Response | null> {
  const checked = visitOf(here.env.incoming).guard(rules)
  return checked.ok ? null : failureAnswer(here, checked.reason)
}

/** What nobody foresaw: the server's log has it, and the client is told nothing of it. */
export async function breakageAnswer(here: Here): Promise<Response> {
  if (!wantsPage(here)) return here.text('Internal Server Error', 500, { 'Cache-Control': 'no-store' })
  return page(here, 500, (reader) => {
    const what = reader.words.failure.unforeseen
    return failurePage({ status: 500, what, reason: 'unforeseen_error', retryAfter: null }, reader)
  })
}

export interface Refused {
  readonly reason: Reason
  /** How long until the next try, where there were too many. */
  readonly wait?: Millis | null
}

/** A browser gets the form again, with the words for what went wrong; a program gets the problem document. */
export async function refusedForm(
  here: Here,
  { reason, wait = null }: Refused,
  draw: (error: Explanation, reader: Reader) => string,
): Promise<Response> {
  if (!wantsPage(here)) return failureAnswer(here, reason, wait)
  const answer = refusal(pickHead(here.env.incoming), reason, waiting(wait))
  const status = answer.status as ContentfulStatusCode
  return page(here, status, (reader) => draw(explainRefusal(reason, wait, reader.words), reader), answer)
}

/** The fields of the body, in JSON or as a form. @returns or refuses as `readFields`, or `invalid_request` where they are not as they should be */
export async function formFields<T>(here: Here, schema: z.ZodType<T>): Promise<Check<T>> {
  const body = await readBody(here.env.incoming)
  const fields = body.ok ? readFields(pickHead(here.env.incoming), body.value) : body
  if (!fields.ok) return fields
  const parsed = schema.safeParse(Object.fromEntries(fields.value))
  return parsed.success ? accept(parsed.data) : refuse('invalid_request')
}

/** An answer of the HTTP floor, as this framework wants it. */
export function given(here: Here, answer: Answer): Response {
  const headers = Object.fromEntries(answer.headers)
  return answer.status === 204
    ? here.body(null, 204, headers)
    : here.body(answer.body, answer.status as ContentfulStatusCode, headers)
}

/** A path of this server to go on to; anything that could lead elsewhere becomes `/` (X10). */
export function safeNext(next: string | undefined): string {
  return redirectTarget(next)
}
