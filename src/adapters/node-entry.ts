import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { isFault } from '../base/fault.ts'
import type { RequestHead } from '../base/head.ts'
import { accept, type Check, type Reason, refuse } from '../base/reasons.ts'
import { type Auth, type Inside, insideOf } from '../http/auth.ts'
import { longestBody } from '../http/body.ts'
import type { Admission, Guard } from '../http/gate.ts'
import type { Opened } from '../http/opened.ts'
import { type Answer, problem } from '../http/problem.ts'
import type { RequestSession } from '../http/request-session.ts'
import { answerRoute, refusal } from '../http/routes.ts'
import { createVisit, type Visit } from '../http/visit.ts'
import { beforeHead } from './before-head.ts'
import { pickHead } from './node-head.ts'

/** What node:http, node:http2 and Express have in common. */
export type NodeRequest = IncomingMessage | Http2ServerRequest
export type NodeResponse = ServerResponse | Http2ServerResponse

interface Entered {
  readonly opened: Opened
  readonly head: RequestHead
  readonly visit: Visit
}

const entered = new WeakMap<NodeRequest, Entered>()

export interface Continuation {
  /** The request is let in; `request.session` is there. */
  proceed(session: RequestSession): void
  /** Something broke that is none of ours to answer. */
  fail(error: unknown): void
}

/** Lets a request in, or answers it: 403 for where it was started, 503 when it cannot be known who it is. Entering twice is entering once. */
export function enter(auth: Auth, request: NodeRequest, response: NodeResponse, then: Continuation): void {
  const before = entered.get(request)
  if (before !== undefined) {
    then.proceed(before.visit.session)
    return
  }
  const broken = (error: unknown): void => {
    if (!answerFault(response, error)) then.fail(error)
  }
  const admit = (opened: Opened): void | Promise<void> => {
    const head = pickHead(request)
    const conclude = (checked: Check<Admission>): void => letIn({ opened, head, request, response, then }, checked)
    const admitted = opened.gate.admit(head)
    if (admitted instanceof Promise) return admitted.then(conclude)
    conclude(admitted)
  }
  const inside: Inside = insideOf(auth)
  try {
    const waiting = inside.opened === null ? inside.open().then(admit) : admit(inside.opened)
    if (waiting !== undefined) waiting.catch(broken)
  } catch (error) {
    broken(error)
  }
}

interface Arrival {
  readonly opened: Opened
  readonly head: RequestHead
  readonly request: NodeRequest
  readonly response: NodeResponse
  readonly then: Continuation
}

function letIn({ opened, head, request, response, then }: Arrival, checked: Check<Admission>): void {
  if (!checked.ok) {
    send(response, refusal({ head }, checked.reason))
    return
  }
  const visit = createVisit(opened, head, checked.value)
  entered.set(request, { opened, head, visit })
  beforeHead(response, visit.leave)
  then.proceed(visit.session)
}

/** Answers a Fault that has a row in the table of reasons. False: it is something else, or the response has begun. */
export function answerFault(response: NodeResponse, error: unknown): boolean {
  if (!isFault(error) || error.reason === null || response.headersSent) return false
  send(response, problem(error.reason))
  return true
}

/** Whether the request may enter a guarded route; answers it if not. */
export function passes(request: NodeRequest, response: NodeResponse, rules: Guard): boolean {
  const here = entered.get(request)
  if (here === undefined) throw new Error('requireSession() needs session(auth) before it.')
  const checked = here.visit.guard(rules)
  if (!checked.ok) send(response, refusal(here, checked.reason))
  return checked.ok
}

/** Answers one of our own endpoints. False: the path is not one of them. */
export async function answer(request: NodeRequest, response: NodeResponse, path: string): Promise<boolean> {
  const here = entered.get(request)
  if (here === undefined) throw new Error('routes(auth) needs session(auth) before it.')
  const { opened, head, visit } = here
  const given = await answerRoute(opened, { head, visit, path, body: () => readBody(request) })
  if (given === null) return false
  send(response, given)
  return true
}

/** Writes a whole answer. */
export function send(response: NodeResponse, { status, headers, body }: Answer): void {
  response.statusCode = status
  for (const [name, value] of headers) response.setHeader(name, value)
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body))
  response.end(body)
}

/**
 * The whole body of a small request. What a body parser has read already is taken from `request.body`.
 *
 * @returns or refuses: `oversized_body`, `malformed_body` when the client went away
 */
export async function readBody(request: NodeRequest, limit: number = longestBody): Promise<Check<Uint8Array>> {
  if ('body' in request && request.body !== undefined && request.readableEnded) return parsedBody(request, request.body)
  const chunks: Buffer[] = []
  let length = 0
  let flaw: Reason | null = null
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length
      // The rest is read and thrown away, so that the client gets to see the answer; servers limit how long that may take.
      if (length > limit) flaw = 'oversized_body'
      else chunks.push(chunk)
      if (length > limit * 64) break
    }
  } catch {
    flaw = 'malformed_body'
  }
  return flaw === null ? accept(Buffer.concat(chunks)) : refuse(flaw)
}

function parsedBody(request: NodeRequest, body: unknown): Check<Uint8Array> {
  if (typeof body === 'string') return accept(Buffer.from(body))
  if (body instanceof Uint8Array) return accept(body)
  if (typeof body !== 'object' || body === null) return refuse('malformed_body')
  const isForm = request.headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded')
  const text = isForm ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body)
  return accept(Buffer.from(text))
}
