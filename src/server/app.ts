import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { type Continuation, enter, send } from '../adapters/node-entry.ts'
import { pickHead } from '../adapters/node-head.ts'
import { isFault } from '../base/fault.ts'
import type { RequestHead } from '../base/head.ts'
import { insideOf } from '../http/auth.ts'
import { problem } from '../http/problem.ts'
import { wantsHtml } from '../http/problem-page.ts'
import { adopt } from '../migrate/index.ts'
import { addAdmin } from './admin/routes.ts'
import { showConsole, unlockConsole } from './console/endpoints.ts'
import type { Desk, Env } from './desk.ts'
import { leaveAccount, listAccounts, switchAccount } from './endpoints/accounts.ts'
import { showAdvisor } from './endpoints/advisor.ts'
import { login, loginForm } from './endpoints/login.ts'
import { logout } from './endpoints/logout.ts'
import { changePassword, passwordForm } from './endpoints/password.ts'
import { changeByForm, putPreferences, showPreferences } from './endpoints/preferences.ts'
import { deleteMany, deleteOne, endByForm, home, listSessions, reportOne, showSession } from './endpoints/sessions.ts'
import { stepUp, stepUpForm } from './endpoints/step-up.ts'
import { answerTokens } from './endpoints/tokens.ts'
import { adoptionReason, createForwardAuth, notTakenOver } from './forward-auth.ts'
import { everyAnswer } from './headers.ts'
import { follow } from './operations/follow.ts'
import { requestIdOf } from './operations/request-id.ts'
import { problemPage } from './problem-page.ts'
import { publicAnswer } from './public.ts'
import { readerAt } from './reader.ts'
import { breakageAnswer, failureAnswer } from './respond.ts'

/** The assembled server: not listening yet. */
export function createApp(desk: Desk): Server {
  const { auth, operations } = desk
  const { origin } = insideOf(auth).settings
  const headersFor = everyAnswer(origin)
  const continuation = continuationOf(desk)
  const forwardAuth = createForwardAuth(auth, operations, desk.sources)
  return createServer((request, response) => {
    // First, because it is asked with each request of the applications behind a proxy.
    if (forwardAuth(request, response)) return
    const head = pickHead(request)
    for (const [name, value] of Object.entries(headersFor(head))) response.setHeader(name, value)
    const within = follow(operations, requestIdOf(head, origin), request, response)
    // Public files and health need no session: they stand before the gate.
    const early = publicAnswer(request, desk)
    if (early instanceof Promise) return void early.then((answer) => send(response, answer))
    if (early !== null) return send(response, early)
    if (!isOriginForm(request.url)) return send(response, problem('not_found'))
    within(() => enter(auth, request, response, continuation, head))
  })
}

function continuationOf(desk: Desk): Continuation<RequestHead> {
  const listener = getRequestListener(createRoutes(desk).fetch as never, { overrideGlobalObjects: false })
  const { insecureHttp } = insideOf(desk.auth).settings
  const { sources } = desk
  return {
    proceed: ({ session }, request, response) => {
      const go = (): void => void listener(Object.assign(request, { session }) as never, response as never)
      if (sources.length === 0) return go()
      adopt(session, sources).then(go, (error: unknown) => {
        desk.operations.log.error({ err: error }, notTakenOver)
        send(response, problem(adoptionReason(error)))
      })
    },
    refuse: (answer, reason, response, head) =>
      send(
        response,
        reason !== null && wantsHtml(head) ? problemPage(answer, reason, readerAt(head, insecureHttp)) : answer,
      ),
    fail: (error, _request, response) => {
      desk.operations.log.error({ err: error }, 'a request could not be let in')
      send(response, { status: 500, headers: [['Content-Type', 'text/plain']], body: 'Internal Server Error' })
    },
  }
}

function createRoutes(desk: Desk): Hono<Env> {
  const app = new Hono<Env>({ strict: true })
  app.use(async (context, next) => {
    context.set('desk', desk)
    await next()
  })
  app.get('/', home)
  app.get('/login', loginForm)
  app.post('/login', login)
  app.post('/logout', logout)
  app.get('/password', passwordForm)
  app.post('/password', changePassword)
  app.get('/step-up', stepUpForm)
  app.post('/step-up', stepUp)
  app.get('/session', showSession)
  app.get('/sessions', listSessions)
  app.delete('/sessions', deleteMany)
  app.delete('/sessions/:id', deleteOne)
  app.post('/sessions/end', endByForm)
  app.post('/sessions/not-me', reportOne)
  app.get('/accounts', listAccounts)
  app.post('/accounts/switch', switchAccount)
  app.post('/accounts/leave', leaveAccount)
  app.get('/preferences', showPreferences)
  app.put('/preferences', putPreferences)
  app.post('/preferences', changeByForm)
  app.all('/token', answerTokens)
  app.all('/revoke', answerTokens)
  app.get('/advisor', showAdvisor)
  app.get('/console', showConsole)
  app.post('/console/unlock', unlockConsole)
  addAdmin(app)
  desk.lab?.(app)
  app.notFound((context) => failureAnswer(context, 'not_found'))
  app.onError((error, context) => {
    if (isFault(error) && error.reason !== null) return failureAnswer(context, error.reason)
    const requestId = context.env.outgoing.getHeader('X-Request-Id')
    desk.operations.log.error({ err: error, requestId }, 'a request failed')
    return breakageAnswer(context)
  })
  return app
}

/** `/path`: what clients send to a server; `*`, authorities and whole addresses are for proxies (RFC 9112 3.2). */
function isOriginForm(target: string | undefined): boolean {
  return target?.startsWith('/') === true && target.length <= 8192
}
