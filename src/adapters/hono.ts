import type { IncomingMessage } from 'node:http'
import type { Context, ErrorHandler, MiddlewareHandler } from 'hono'
import { isWebSocketHandshake, type RequestHead } from '../base/head.ts'
import { arrive, faultAnswer } from '../http/arrival.ts'
import { type AnyAuth, insideOf, type SessionOf } from '../http/auth.ts'
import type { Guard } from '../http/gate.ts'
import { checkedGuard } from '../http/guard-rules.ts'
import { guardAnswer } from '../http/guarding.ts'
import type { AnySession, RequestSession } from '../http/request-session.ts'
import { answerRoute } from '../http/routes.ts'
import { findVisit } from '../http/visit.ts'
import { leaving, readFetchBody, toResponse } from './fetch-entry.ts'
import { fetchHead } from './fetch-head.ts'
import { pickHead } from './node-head.ts'

export type { Guard, RequestSession }

/** What `session(auth)` puts into the context: `new Hono<SessionEnv>()`. */
export interface SessionEnv<Session = RequestSession> {
  Variables: { session: Session }
}

/**
 * For Hono 4: gives each request its session, as `c.var.session`. Mount it with `app.use` before your routes and after static files.
 *
 * Refuses unsafe requests that another site has started (403). Answers 503 when it cannot be known who is signed in.
 *
 * Cost: none for a request whose snapshot stands; a renewal otherwise.
 */
export function session<Given extends AnyAuth>(auth: Given): MiddlewareHandler<SessionEnv<SessionOf<Given>>> {
  insideOf(auth)
  return async (context, next) => {
    if (findVisit(context.var) !== null) return next()
    const head = headOf(context)
    const arrival = await arrive(auth, head, isWebSocketHandshake(head) ? 'never' : 'in passing')
    if (arrival.kind === 'answer') return toResponse(arrival.answer)
    const { visit } = arrival
    context.set('session', visit.session as SessionOf<Given>)
    await next()
    const { res } = context
    const left = leaving(visit, res)
    if (left !== res) {
      // Assigning over a response would copy its headers onto the new one.
      context.res = undefined
      context.res = left
    }
    return undefined
  }
}

/** On Node the request as it came, elsewhere what the platform tells. */
function headOf({ env, req }: Context): RequestHead {
  const { incoming } = (env ?? {}) as { readonly incoming?: IncomingMessage }
  return incoming?.rawHeaders === undefined ? fetchHead(req.raw) : pickHead(incoming)
}

/**
 * Guards routes: who may not enter gets 401 or 403 with the reason.
 *
 * @param rules level, age of the sign-in in milliseconds, claims, sign-in page (somebody is signed in)
 */
export function requireSession(rules: Guard = {}): MiddlewareHandler<SessionEnv<AnySession>> {
  const guard = checkedGuard(rules)
  return async (context, next) => {
    const answer = guardAnswer(context.var, guard)
    return answer === null ? next() : toResponse(answer)
  }
}

/** The endpoints of token clients: `token`, `revoke`, `logout`, `.well-known/jwks.json`. Mount it below a path: `app.use('/auth/*', routes(auth))`. */
export function routes(_auth: AnyAuth): MiddlewareHandler<SessionEnv<AnySession>> {
  return async (context, next) => {
    const { req } = context
    const path = pathBelow(req.routePath, req.path)
    const answer = await answerRoute(context.var, path, () => readFetchBody(req.raw))
    return answer === null ? next() : toResponse(answer)
  }
}

/** What is left of a path below `/some/:where/*`. */
function pathBelow(route: string, path: string): string {
  const above = route.replace(/\/?\*$/, '').split('/').length
  return `/${path.split('/').slice(above).join('/')}`
}

/** Answers Handstamp's Faults as problem documents (RFC 9457); other errors go on to yours: `app.onError(problems(yours))`. */
export function problems(otherwise: ErrorHandler = unforeseen): ErrorHandler {
  return (error, context) => {
    const answer = faultAnswer(headOf(context), error)
    return answer === null ? otherwise(error, context) : toResponse(answer)
  }
}

/** What Hono itself does. */
function unforeseen(error: unknown, context: Context): Response {
  if (typeof error === 'object' && error !== null && 'getResponse' in error && typeof error.getResponse === 'function')
    return error.getResponse() as Response
  process.emitWarning(error instanceof Error ? error : String(error), 'HandstampHandler')
  return context.text('Internal Server Error', 500)
}
