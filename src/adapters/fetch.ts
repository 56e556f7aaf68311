import { isWebSocketHandshake } from '../base/head.ts'
import { arrive } from '../http/arrival.ts'
import { type AnyAuth, insideOf, type SessionOf } from '../http/auth.ts'
import type { Guard } from '../http/gate.ts'
import { checkedGuard } from '../http/guard-rules.ts'
import { guardAnswer } from '../http/guarding.ts'
import type { AnySession, RequestSession } from '../http/request-session.ts'
import { answerRoute } from '../http/routes.ts'
import { findVisit } from '../http/visit.ts'
import { answerThrown, leaving, readFetchBody, toResponse } from './fetch-entry.ts'
import { fetchHead } from './fetch-head.ts'

export type { Guard, RequestSession }

/** A request that `session(auth)` has let in. */
export type WithSession<Session = RequestSession> = Request & { readonly session: Session }

/** `(Request) => Response`, with whatever else the platform passes: Bun's server, Deno's info, an edge server's environment. */
export type Handler<In extends Request, Rest extends readonly unknown[]> = (
  request: In,
  ...rest: Rest
) => Response | Promise<Response>

export interface FetchOptions<Rest extends readonly unknown[]> {
  /** The address of the peer of the connection, e.g. `(request, server) => server.requestIP(request)?.address` in Bun (unknown: no proxy is believed). */
  readonly peer?: (request: Request, ...rest: Rest) => string | null | undefined
}

/**
 * For servers of `(Request) => Response`: wraps a handler so that each request has its `session`.
 *
 * Refuses unsafe requests that another site has started (403). Answers 503 when it cannot be known who is signed in. What the handler throws is answered from the table
 * of reasons where it is a Fault of ours, otherwise with 500 and a process warning.
 *
 * Cost: none for a request whose snapshot stands; a renewal otherwise.
 */
export function session<Given extends AnyAuth>(
  auth: Given,
): <Rest extends readonly unknown[]>(
  handler: Handler<WithSession<SessionOf<Given>>, Rest>,
  options?: FetchOptions<Rest>,
) => (request: Request, ...rest: Rest) => Promise<Response> {
  insideOf(auth)
  return (handler, options = {}) =>
    async (request, ...rest) => {
      const entered = findVisit(request)
      if (entered !== null) return handler(request as WithSession<SessionOf<Given>>, ...rest)
      const head = fetchHead(request, options.peer?.(request, ...rest) ?? null)
      const arrival = await arrive(auth, head, isWebSocketHandshake(head) ? 'never' : 'in passing')
      if (arrival.kind === 'answer') return toResponse(arrival.answer)
      const { visit } = arrival
      const admitted = Object.assign(request, { session: visit.session as SessionOf<Given> })
      return leaving(visit, await answered(handler, admitted, rest))
    }
}

async function answered<In extends Request, Rest extends readonly unknown[]>(
  handler: Handler<In, Rest>,
  request: In,
  rest: Rest,
): Promise<Response> {
  try {
    return await handler(request, ...rest)
  } catch (error) {
    const visit = findVisit(request)
    if (visit === null) throw error
    return answerThrown(visit, error)
  }
}

/**
 * Guards a handler: who may not enter gets 401 or 403 with the reason, and the handler does not run.
 *
 * @param rules level, age of the sign-in in milliseconds, claims, sign-in page (somebody is signed in)
 */
export function requireSession(
  rules: Guard = {},
): <In extends WithSession<AnySession>, Rest extends readonly unknown[]>(
  handler: Handler<In, Rest>,
) => Handler<In, Rest> {
  const guard = checkedGuard(rules)
  return (handler) =>
    (request, ...rest) => {
      const answer = guardAnswer(request, guard)
      return answer === null ? handler(request, ...rest) : toResponse(answer)
    }
}

/**
 * The endpoints of token clients below a path: `token`, `revoke`, `logout`, `.well-known/jwks.json`.
 *
 * @param options `at`: where they are, e.g. `/auth` (at the root)
 * @returns a function that resolves to the answer, or to null when the path is not one of them
 */
export function routes(
  _auth: AnyAuth,
  options: { readonly at?: string } = {},
): (request: WithSession<AnySession>) => Promise<Response | null> {
  const { at = '' } = options
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith(`${at}/`)) return null
    const answer = await answerRoute(request, pathname.slice(at.length), () => readFetchBody(request))
    return answer === null ? null : toResponse(answer)
  }
}
