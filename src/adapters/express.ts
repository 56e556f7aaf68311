import type { ErrorRequestHandler, NextFunction, Request, RequestHandler } from 'express'
import { type AnyAuth, insideOf } from '../http/auth.ts'
import type { Guard } from '../http/gate.ts'
import { checkedGuard } from '../http/guard-rules.ts'
import { guardAnswer } from '../http/guarding.ts'
import type { RequestSession } from '../http/request-session.ts'
import { answerRoute } from '../http/routes.ts'
import { answerFault, type Continuation, enter, readBody, send } from './node-entry.ts'

export type { Guard, RequestSession }

declare global {
  namespace Express {
    interface Request {
      /** The session of this request, once `session(auth)` has let it in. */
      session: RequestSession
    }
  }
}

/**
 * For Express 5: gives each request its `session`. Mount it before your routes and after static files.
 *
 * Refuses unsafe requests that another site has started (403). Answers 503 when it cannot be known who is signed in.
 *
 * Cost: none for a request whose snapshot stands; a renewal otherwise.
 */
export function session(auth: AnyAuth): RequestHandler {
  insideOf(auth)
  return (request, response, next) => enter(auth, request, response, continuation, next)
}

const continuation: Continuation<NextFunction> = {
  proceed: ({ session }, request, _response, next) => {
    ;(request as Request).session = session
    next()
  },
  refuse: (answer, _reason, response) => send(response, answer),
  fail: (error, _request, _response, next) => next(error),
}

/**
 * Guards routes: who may not enter gets 401 or 403 with the reason.
 *
 * @param rules level, age of the sign-in in milliseconds, claims (somebody is signed in)
 */
export function requireSession(rules: Guard = {}): RequestHandler {
  const guard = checkedGuard(rules)
  return (request, response, next) => {
    const answer = guardAnswer(request, guard)
    if (answer === null) next()
    else send(response, answer)
  }
}

/** The endpoints of token clients: `token`, `revoke`, `logout`, `.well-known/jwks.json`, below where it is mounted. */
export function routes(_auth: AnyAuth): RequestHandler {
  return (request, response, next) => {
    answerRoute(request, request.path, () => readBody(request)).then((answer) => {
      if (answer === null) next()
      else send(response, answer)
    }, next)
  }
}

/** Answers Handstamp's Faults as problem documents (RFC 9457); other errors go on. Mount it last. */
export function problems(): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (!answerFault(request, response, error)) next(error)
  }
}
