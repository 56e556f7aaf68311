import { arrive, faultAnswer } from '../http/arrival.ts'
import { type AnyAuth, insideOf, type SessionOf } from '../http/auth.ts'
import type { Guard } from '../http/gate.ts'
import { checkedGuard } from '../http/guard-rules.ts'
import { guardAnswer } from '../http/guarding.ts'
import { problem } from '../http/problem.ts'
import type { AnySession, RequestSession } from '../http/request-session.ts'
import { answerRoute } from '../http/routes.ts'
import { findVisit, type Visit } from '../http/visit.ts'
import { leaving, readFetchBody, toResponse } from './fetch-entry.ts'
import { fetchHead } from './fetch-head.ts'
import { setCookies } from './next-headers.ts'

export { proxy, type Then } from './next-proxy.ts'
export { type CurrentSession, currentSession, inAction } from './next-session.ts'
export type { Guard, RequestSession }

/** A request that `session(auth)` has let in. */
export type WithSession<In extends Request = Request, Session = RequestSession> = In & { readonly session: Session }

/** A route handler of Next: the request, and the context with the `params`. */
export type RouteHandler<In extends Request, Rest extends readonly unknown[]> = (
  request: In,
  ...rest: Rest
) => Response | Promise<Response>

/**
 * For route handlers of Next 16: `export const POST = session(auth)(async (request, context) => …)`, with `request.session`.
 *
 * Refuses unsafe requests that another site has started (403), answers 503 when it cannot be known who is signed in, and our Faults as problem documents. A pair that
 * `proxy(auth)` has renewed is not renewed again.
 *
 * Cost: none for a request whose snapshot stands; a renewal otherwise.
 */
export function session<Given extends AnyAuth>(
  auth: Given,
): <In extends Request, Rest extends readonly unknown[]>(
  handler: RouteHandler<WithSession<In, SessionOf<Given>>, Rest>,
) => (request: In, ...rest: Rest) => Promise<Response> {
  insideOf(auth)
  return (handler) =>
    async (request, ...rest) => {
      if (findVisit(request) !== null) return handler(request as WithSession<typeof request, SessionOf<Given>>, ...rest)
      const arrival = await arrive(auth, fetchHead(request), 'in passing')
      if (arrival.kind === 'answer') return toResponse(arrival.answer)
      const { visit } = arrival
      const entered = Object.assign(request, { session: visit.session as SessionOf<Given> })
      const response = await answered(visit, async () => handler(entered, ...rest))
      return leaving(visit, response)
    }
}

async function answered(visit: Visit, handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle()
  } catch (error) {
    const answer = faultAnswer(visit.head, error)
    if (answer !== null) return toResponse(answer)
    // `redirect()` and `notFound()` are thrown, and Next makes the answer of them; cookies go along by another way.
    await setCookies(visit.leave())
    throw error
  }
}

/**
 * Guards a route handler: who may not enter gets 401 or 403 with the reason, and the handler does not run.
 *
 * @param rules level, age of the sign-in in milliseconds, claims, sign-in page (somebody is signed in)
 */
export function requireSession(
  rules: Guard = {},
): <In extends WithSession<Request, AnySession>, Rest extends readonly unknown[]>(
  handler: RouteHandler<In, Rest>,
) => RouteHandler<In, Rest> {
  const guard = checkedGuard(rules)
  return (handler) =>
    (request, ...rest) => {
      const answer = guardAnswer(request, guard)
      return answer === null ? handler(request, ...rest) : toResponse(answer)
    }
}

/** What Next passes to a route below `[...path]`. */
export interface PathContext {
  readonly params: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>
}

/** The endpoints of token clients, `token`, `revoke`, `logout`, `.well-known/jwks.json`: `export const { GET, POST } = routes(auth)` in `app/auth/[...path]/route.ts`. */
export function routes(
  auth: AnyAuth,
): Record<'GET' | 'POST', (request: Request, context: PathContext) => Promise<Response>> {
  const handle = session(auth)(async (request: WithSession, { params }: PathContext) => {
    const path = Object.values(await params).findLast((value) => Array.isArray(value)) ?? []
    const answer = await answerRoute(request, `/${path.join('/')}`, () => readFetchBody(request))
    return toResponse(answer ?? problem('not_found'))
  })
  return { GET: handle, POST: handle }
}
