import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import * as atExpress from '../../src/adapters/express.ts'
import * as atFastify from '../../src/adapters/fastify.ts'
import * as atFetch from '../../src/adapters/fetch.ts'
import * as atHono from '../../src/adapters/hono.ts'
import * as atNode from '../../src/adapters/node.ts'
import { visitOf } from '../../src/http/visit.ts'
import type { AnyAuth, RequestSession } from '../../src/index.ts'
import { createApp } from '../../src/server/app.ts'
import { deskOf, password } from '../support/app.ts'

/** One application behind each door: `POST /login` and so on, and the same with every other unsafe method; the endpoints below `/auth`. */
export const csrfDoors = ['node', 'express', 'fastify', 'hono', 'fetch', 'server'] as const
export type CsrfDoor = (typeof csrfDoors)[number]

/** What the application counts by itself: a change that no store hears of. */
export interface Notes {
  count: number
}

type Fields = Readonly<Record<string, string>>
type Deed = (session: RequestSession, fields: Fields, notes: Notes) => unknown

const deeds: Readonly<Record<string, Deed>> = {
  '/login': (session, { user = 'nobody' }) => session.login({ user }),
  '/logout': (session) => session.logout(),
  '/data': (session) => session.set('key', 'value'),
  '/preferences': (session) => {
    const shape = { path: '/', secure: true, httpOnly: false, sameSite: 'Lax' } as const
    visitOf(session).setCookie({ name: '__Host-theme', value: 'dark', ...shape })
  },
  '/note': (session, _fields, notes) => {
    if (session.user !== null) notes.count++
  },
  '/prove': async (session, { csrf }, notes) => {
    if ((await session.proveOrigin(csrf)) && session.user !== null) notes.count++
  },
}

const safe = ['GET', 'HEAD', 'OPTIONS']

/** Does what is asked for, unless the method is safe. */
async function act(method: string, path: string, session: RequestSession, body: string, notes: Notes): Promise<void> {
  if (safe.includes(method)) return
  const fields = body.startsWith('{') ? (JSON.parse(body) as Fields) : Object.fromEntries(new URLSearchParams(body))
  await deeds[path]?.(session, fields, notes)
}

export async function openDoor(door: CsrfDoor, auth: AnyAuth, notes: Notes): Promise<Server> {
  switch (door) {
    case 'node':
      return createServer(nodeDoor(auth, notes))
    case 'express':
      return createServer(expressDoor(auth, notes))
    case 'fastify':
      return fastifyDoor(auth, notes)
    case 'hono':
      return createServer(listen(honoDoor(auth, notes)))
    case 'fetch':
      return createServer(listen(fetchDoor(auth, notes)))
    case 'server':
      return createApp(deskOf(auth, knowsPassword))
  }
}

function pathOf(target = ''): string {
  return target.split('?', 1)[0] ?? ''
}

function listen(fetch: (request: Request) => Response | Promise<Response>) {
  return getRequestListener(fetch as never, { overrideGlobalObjects: false })
}

const knowsPassword = async ({
  username,
  password: given,
}: {
  readonly username: string
  readonly password: string
}) =>
  given === password
    ? ({ ok: true, value: { user: username } } as const)
    : ({ ok: false, reason: 'wrong_login' } as const)

function nodeDoor(auth: AnyAuth, notes: Notes): (request: IncomingMessage, response: ServerResponse) => void {
  const endpoints = atNode.routes(auth, { at: '/auth' })
  return atNode.session(auth)(async (request, response) => {
    if (await endpoints(request, response)) return
    await act(request.method ?? '', pathOf(request.url), request.session, await text(request), notes)
    response.writeHead(204).end()
  })
}

function expressDoor(auth: AnyAuth, notes: Notes): express.Express {
  const app = express()
  app.use(atExpress.session(auth))
  app.use('/auth', atExpress.routes(auth))
  app.all('/*rest', async (request, response) => {
    await act(request.method, request.path, request.session, await text(request), notes)
    response.status(204).end()
  })
  app.use(atExpress.problems())
  return app
}

async function fastifyDoor(auth: AnyAuth, notes: Notes): Promise<Server> {
  const app = fastify()
  app.register(atFastify.session(auth))
  app.register(atFastify.routes(auth), { prefix: '/auth' })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.setErrorHandler(atFastify.problems())
  app.all('/*', async (request, reply) => {
    await act(
      request.method,
      pathOf(request.url),
      request.session,
      typeof request.body === 'string' ? request.body : '',
      notes,
    )
    return reply.code(204).send()
  })
  await app.ready()
  return app.server
}

function honoDoor(auth: AnyAuth, notes: Notes): Hono<atHono.SessionEnv>['fetch'] {
  const app = new Hono<atHono.SessionEnv>()
  app.use(atHono.session(auth))
  app.use('/auth/*', atHono.routes(auth))
  app.all('*', async (context) => {
    await act(context.req.method, context.req.path, context.var.session, await context.req.text(), notes)
    return context.body(null, 204)
  })
  app.onError(atHono.problems())
  return app.fetch
}

function fetchDoor(auth: AnyAuth, notes: Notes): (request: Request) => Promise<Response> {
  const endpoints = atFetch.routes(auth, { at: '/auth' })
  return atFetch.session(auth)(async (request) => {
    const answer = await endpoints(request)
    if (answer !== null) return answer
    await act(request.method, new URL(request.url).pathname, request.session, await request.text(), notes)
    return new Response(null, { status: 204 })
  })
}
