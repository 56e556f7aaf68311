import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { isWebSocketHandshake } from '../base/head.ts'
import { accept, type Check, type Reason, refuse } from '../base/reasons.ts'
import { type Arrival, arrive, faultAnswer } from '../http/arrival.ts'
import type { AnyAuth } from '../http/auth.ts'
import { longestBody } from '../http/body.ts'
import type { Answer } from '../http/problem.ts'
import { findVisit, type Visit } from '../http/visit.ts'
import { beforeHead } from './before-head.ts'
import { guardCookies } from './cookie-guard.ts'
import { pickHead } from './node-head.ts'

/** What node:http, node:http2, Express and Fastify have in common. */
export type NodeRequest = IncomingMessage | Http2ServerRequest
export type NodeResponse = ServerResponse | Http2ServerResponse

/** Where a request keeps its visit: a property of its own, because a WeakMap with an entry for each request is dear to collect (decision 022). */
const entered: unique symbol = Symbol('handstamp.visit')

interface Entered {
  [entered]?: Visit
}

/** What becomes of requests; one for all of them. `next` is whatever the framework goes on with. */
export interface Continuation<Next> {
  /** The request is let in. */
  proceed(visit: Visit, request: NodeRequest, response: NodeResponse, next: Next): void
  /** It is not, and this is the answer; without a reason where nothing is wrong (a CORS preflight). */
  refuse(answer: Answer, reason: Reason | null, response: NodeResponse, next: Next): void
  /** Something broke that is none of ours to answer. */
  fail(error: unknown, request: NodeRequest, response: NodeResponse, next: Next): void
}

/** Lets a request in, or says what to answer: 403 for where it was started, 503 when it cannot be known who it is. Entering twice is entering once. */
export function enter<Next>(
  auth: AnyAuth,
  request: NodeRequest & Entered,
  response: NodeResponse,
  then: Continuation<Next>,
  next: Next,
): void {
  const before = request[entered]
  if (before !== undefined) {
    then.proceed(before, request, response, next)
    return
  }
  const head = pickHead(request)
  try {
    // The 101 of a WebSocket does not pass through the response: see `upgrade`.
    const arrival = arrive(auth, head, isWebSocketHandshake(head) ? 'never' : 'in passing')
    if (arrival instanceof Promise)
      arrival
        .then((late) => conclude(late, request, response, then, next))
        .catch((error: unknown) => then.fail(error, request, response, next))
    else conclude(arrival, request, response, then, next)
  } catch (error) {
    then.fail(error, request, response, next)
  }
}

function conclude<Next>(
  arrival: Arrival,
  request: NodeRequest & Entered,
  response: NodeResponse,
  then: Continuation<Next>,
  next: Next,
): void {
  if (arrival.kind === 'answer') {
    then.refuse(arrival.answer, arrival.reason, response, next)
    return
  }
  const { visit } = arrival
  request[entered] = visit
  beforeHead(response, () => visit.leave())
  guardCookies(response, (lines) => visit.checkCookies(lines))
  then.proceed(visit, request, response, next)
}

/** Answers a Fault that has a row in the table of reasons. False: it is something else, or the response has begun. */
export function answerFault(request: NodeRequest, response: NodeResponse, error: unknown): boolean {
  const answer = response.headersSent ? null : faultAnswer(findVisit(request)?.head ?? pickHead(request), error)
  if (answer !== null) send(response, answer)
  return answer !== null
}

/** The path of a request target, also where the target names the host as well (RFC 9112 3.2.2). */
export function pathOf(target: string | undefined): string {
  const [path = ''] = (target ?? '').replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)
  return path
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
