import type { FastifyPluginCallback, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { faultAnswer } from '../http/arrival.ts'
import { type AnyAuth, insideOf } from '../http/auth.ts'
import type { Guard } from '../http/gate.ts'
import { checkedGuard } from '../http/guard-rules.ts'
import { guardAnswer } from '../http/guarding.ts'
import type { Answer } from '../http/problem.ts'
import type { RequestSession } from '../http/request-session.ts'
import { answerRoute } from '../http/routes.ts'
import { findVisit } from '../http/visit.ts'
import { type Continuation, enter, pathOf, readBody } from './node-entry.ts'
import { pickHead } from './node-head.ts'

export type { Guard, RequestSession }

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of this request, once `session(auth)` has let it in. */
    session: RequestSession
  }
}

/**
 * For Fastify 5: gives each request its `session`: `app.register(session(auth))`, before your routes. It reaches the whole context in which it is registered, like a plugin of
 * `fastify-plugin`.
 *
 * Refuses unsafe requests that another site has started (403). Answers 503 when it cannot be known who is signed in.
 *
 * Cost: none for a request whose snapshot stands; a renewal otherwise.
 */
export function session(auth: AnyAuth): FastifyPluginCallback {
  insideOf(auth)
  const plugin: FastifyPluginCallback = (app, _options, done) => {
    if (!app.hasRequestDecorator('session')) app.decorateRequest('session')
    app.addHook('onRequest', (request, reply, next) => {
      enter(auth, request.raw, reply.raw, continuation, { request, reply, next })
    })
    // What `reply` was given reaches Node's response too late for an error.
    app.addHook('onSend', (request, reply, _payload, next) => {
      const lines = [reply.getHeader('set-cookie') ?? []].flat().map(String)
      try {
        if (lines.length > 0) findVisit(request)?.checkCookies(lines)
        next()
      } catch (error) {
        reply.removeHeader('set-cookie')
        next(error as Error)
      }
    })
    done()
  }
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('plugin-meta')]: { name: 'handstamp', fastify: '5.x' },
  })
}

interface Going {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly next: HookHandlerDoneFunction
}

const continuation: Continuation<Going> = {
  proceed: ({ session }, _request, _response, { request, next }) => {
    request.session = session
    next()
  },
  refuse: (answer, _reason, _response, { reply }) => void give(reply, answer),
  fail: (error, _request, _response, { next }) => next(error as Error),
}

/**
 * Guards routes, as `onRequest` or `preHandler`: who may not enter gets 401 or 403 with the reason.
 *
 * @param rules level, age of the sign-in in milliseconds, claims, sign-in page (somebody is signed in)
 */
export function requireSession(
  rules: Guard = {},
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const guard = checkedGuard(rules)
  return async (request, reply) => {
    const answer = guardAnswer(request, guard)
    return answer === null ? undefined : give(reply, answer)
  }
}

/** The endpoints of token clients: `token`, `revoke`, `logout`, `.well-known/jwks.json`: `app.register(routes(auth), { prefix: '/auth' })`. */
export function routes(_auth: AnyAuth): FastifyPluginCallback {
  return (app, _options, done) => {
    app.setErrorHandler(problems())
    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const path = pathOf(request.url).slice(app.prefix.length)
      const given = await answerRoute(request, path, () => readBody(request.raw))
      if (given !== null) return give(reply, given)
      reply.callNotFound()
      return reply
    }
    // Before Fastify reads the body, because the endpoints read and judge it themselves.
    app.all('/*', { onRequest: answer }, async () => {})
    done()
  }
}

/** Answers Handstamp's Faults as problem documents (RFC 9457); other errors go on: `app.setErrorHandler(problems())`. */
export function problems(): (error: Error, request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (error, request, reply) => {
    const answer = faultAnswer(pickHead(request.raw), error)
    return answer === null ? reply.send(error) : give(reply, answer)
  }
}

function give(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.status).headers(headersOf(answer)).send(bytesOf(answer))
}

function headersOf({ headers }: Answer): Readonly<Record<string, string>> {
  return Object.fromEntries(headers)
}

/** As bytes, because Fastify would add a charset to the type of a JSON text. */
function bytesOf({ body }: Answer): Buffer | undefined {
  return body === '' ? undefined : Buffer.from(body)
}
