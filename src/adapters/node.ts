import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { type AnyAuth, insideOf, type SessionOf } from '../http/auth.ts'
import type { Guard } from '../http/gate.ts'
import { checkedGuard } from '../http/guard-rules.ts'
import { guardAnswer } from '../http/guarding.ts'
import type { RequestSession } from '../http/request-session.ts'
import { answerRoute } from '../http/routes.ts'
import {
  answerFault,
  type Continuation,
  enter,
  type NodeRequest,
  type NodeResponse,
  pathOf,
  readBody,
  send,
} from './node-entry.ts'

export { type UpgradeListener, upgrade } from './upgrade.ts'
export type { Guard, RequestSession }

/** A request that `session(auth)` has let in. */
export type WithSession<Request, Session = RequestSession> = Request & { readonly session: Session }

/** A handler of node:http or node:http2. */
export type Handler<Request, Response> = (request: Request, response: Response) => void | Promise<void>

/**
 * For node:http and node:http2: wraps a handler so that each request has its `session`.
 *
 * Refuses unsafe requests that another site has started (403). Answers 503 when it cannot be known who is signed in. What the handler throws is answered from the table of reasons
 * where it is a Fault of ours, otherwise with 500 and a process warning.
 *
 * Cost: none for a request whose snapshot stands; a renewal otherwise.
 */
export function session<Given extends AnyAuth>(auth: Given): SessionWrapper<SessionOf<Given>> {
  insideOf(auth)
  return ((handler: Handler<WithSession<NodeRequest>, NodeResponse>) =>
    (request: NodeRequest, response: NodeResponse) =>
      enter(auth, request, response, continuation, handler)) as SessionWrapper<SessionOf<Given>>
}

const continuation: Continuation<Handler<WithSession<NodeRequest>, NodeResponse>> = {
  proceed: ({ session }, request, response, handler) => {
    try {
      const running = handler(withSession(request, session), response)
      if (running instanceof Promise) running.catch((error: unknown) => fail(error, request, response))
    } catch (error) {
      fail(error, request, response)
    }
  },
  refuse: (answer, _reason, response) => send(response, answer),
  fail,
}

function withSession(
  request: NodeRequest & { session?: RequestSession },
  session: RequestSession,
): WithSession<NodeRequest> {
  request.session = session
  return request as WithSession<NodeRequest>
}

function fail(error: unknown, request: NodeRequest, response: NodeResponse): void {
  if (answerFault(request, response, error)) return
  process.emitWarning(error instanceof Error ? error : String(error), 'HandstampHandler')
  if (response.headersSent) response.destroy()
  else send(response, { status: 500, headers: [['Content-Type', 'text/plain']], body: 'Internal Server Error' })
}

export interface SessionWrapper<Session = RequestSession> {
  (
    handler: Handler<WithSession<IncomingMessage, Session>, ServerResponse>,
  ): (request: IncomingMessage, response: ServerResponse) => void
  (
    handler: Handler<WithSession<Http2ServerRequest, Session>, Http2ServerResponse>,
  ): (request: Http2ServerRequest, response: Http2ServerResponse) => void
}

/**
 * Guards a handler: who may not enter gets 401 or 403 with the reason, and the handler does not run.
 *
 * @param rules level, age of the sign-in in milliseconds, claims (somebody is signed in)
 */
export function requireSession(
  rules: Guard = {},
): <Request extends NodeRequest, Response extends NodeResponse>(
  handler: Handler<Request, Response>,
) => Handler<Request, Response> {
  const guard = checkedGuard(rules)
  return (handler) => (request, response) => {
    const answer = guardAnswer(request, guard)
    if (answer === null) return handler(request, response)
    send(response, answer)
  }
}

/**
 * The endpoints of token clients below a path: `token`, `revoke`, `logout`, `.well-known/jwks.json`.
 *
 * @param options `at`: where they are, e.g. `/auth` (at the root)
 * @returns a function that answers such a request and resolves to true, or to false when the path is not one of them
 */
export function routes(
  _auth: AnyAuth,
  options: { readonly at?: string } = {},
): (request: NodeRequest, response: NodeResponse) => Promise<boolean> {
  const { at = '' } = options
  return async (request, response) => {
    const path = pathOf(request.url)
    if (!path.startsWith(`${at}/`)) return false
    const answer = await answerRoute(request, path.slice(at.length), () => readBody(request))
    if (answer !== null) send(response, answer)
    return answer !== null
  }
}
