import { isSafeMethod } from '../base/head.ts'
import { arrive } from '../http/arrival.ts'
import { type AnyAuth, insideOf } from '../http/auth.ts'
import type { Visit } from '../http/visit.ts'
import { leaving, toResponse, withLines } from './fetch-entry.ts'
import { fetchHead } from './fetch-head.ts'
import { cookiesIn, replaceCookies } from './next-headers.ts'
import type { CurrentSession } from './next-session.ts'

/** Your own part of `proxy.ts`: an answer of its own, or nothing to go on to the route. */
export type Then<In extends Request, Rest extends readonly unknown[]> = (
  request: In & { readonly session: CurrentSession },
  ...rest: Rest
) => Response | undefined | Promise<Response | undefined>

/**
 * For `proxy.ts` of Next 16: `export default proxy(auth)`, with a `config.matcher` that leaves out static files.
 *
 * Renews sessions on the way to pages and other GET requests: the new pair leaves with the response, and the route of the same request sees it in its Cookie header.
 * Refuses unsafe requests that another site has started (403). Answers 503 when it cannot be known who is signed in.
 *
 * Does NOT guard anything: a route is reached in other ways as well, and judges the cookies again, which is all that it believes.
 *
 * @param then may look at `request.session` and answer, e.g. with a redirect. A `NextResponse.next` or `rewrite` of yours takes `{ request: { headers: request.headers } }`
 * along, where a renewed pair stands
 * Cost: none for a request whose snapshot stands; a renewal otherwise (POST and the like: one read, the route renews).
 */
export function proxy<In extends Request = Request, Rest extends readonly unknown[] = []>(
  auth: AnyAuth,
  then?: Then<In, Rest>,
): (request: In, ...rest: Rest) => Promise<Response | undefined> {
  insideOf(auth)
  return async (request, ...rest) => {
    const head = fetchHead(request)
    const arrival = await arrive(auth, head, isSafeMethod(head.method) ? 'in passing' : 'never')
    if (arrival.kind === 'answer') return toResponse(arrival.answer)
    const { visit } = arrival
    const isRenewed = handOn(request, visit)
    const own = await then?.(Object.assign(request, { session: visit.session }), ...rest)
    if (own !== undefined) return leaving(visit, own)
    const lines = visit.leave()
    if (!isRenewed && lines.length === 0) return undefined
    const { NextResponse } = await import('next/server.js')
    return withLines(NextResponse.next({ request: { headers: request.headers } }), lines)
  }
}

/** Puts a renewed pair into the request, in place of the one that came. */
function handOn(request: Request, { admission, opened }: Visit): boolean {
  if (admission.renewed === null) return false
  const pair = cookiesIn(opened.transports.write(admission.renewed.issued))
  request.headers.set('cookie', replaceCookies(request.headers.get('cookie') ?? '', pair))
  return true
}
