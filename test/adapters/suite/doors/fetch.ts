import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { type Guard, requireSession, routes, session, type WithSession } from '../../../../src/adapters/fetch.ts'
import * as app from '../application.ts'
import type { Door } from '../door.ts'
import { createWorld, type World } from '../world.ts'
import { bridge } from './bridge.ts'
import { serveHttp1 } from './serve.ts'

export type Answering = (request: WithSession) => Response | Promise<Response>
export type Handlers = Readonly<Record<string, Answering>>
/** `requireSession` of one door or another. */
export type Guarding = (rules: Guard, handler: Answering) => Answering

const plain = { 'Content-Type': 'text/plain' }

export const endings: app.Endings<() => Response | Promise<Response>> = {
  text: {
    'a text': () => new Response('body', { headers: plain }),
    bytes: () => new Response(Buffer.from('body'), { headers: plain }),
    'a Blob': () => new Response(new Blob(['body'], { type: 'text/plain' })),
    'a stream': () => new Response(app.encoded(['bo', 'dy']), { headers: plain }),
    'a promise': async () => new Response('body', { headers: plain }),
    'of fetch, which cannot be changed': () => fetch('data:text/plain,body'),
    'a copy': () => new Response('body', { headers: plain }).clone(),
  },
  json: {
    'Response.json': () => Response.json({ a: 1 }),
    'a text': () => new Response('{"a":1}', { headers: { 'Content-Type': 'application/json' } }),
  },
  empty: { 'a Response': () => new Response(null, { status: 204 }) },
  redirect: { 'a Response': () => new Response(null, { status: 303, headers: { Location: '/elsewhere' } }) },
  cookies: {
    append: () => {
      const response = new Response('body', { headers: cookieHeaders(1) })
      response.headers.append('Set-Cookie', 'b=2')
      return response
    },
    'a list': () => new Response('body', { headers: cookieHeaders(2) }),
    'Headers of another': () => new Response('body', new Response(null, { headers: cookieHeaders(2) })),
  },
  missing: { 'a Response': () => new Response('none', { status: 404, headers: plain }) },
  down: { 'a Response': () => new Response('down', { status: 503, headers: { ...plain, 'Retry-After': '7' } }) },
}

function cookieHeaders(count: number): [string, string][] {
  const cookies: [string, string][] = ['a=1', 'b=2'].slice(0, count).map((line) => ['Set-Cookie', line])
  return [...cookies, ['Content-Type', 'text/plain'], ['Cache-Control', 'public'], ['Vary', 'Accept-Language']]
}

export const me: Answering = ({ session }) => Response.json(app.profile(session))
const guarded: Guarding = (rules, handler) => requireSession(rules)(handler)
const text = (body: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(body, { headers: { ...plain, ...headers } })
const nothing = (): Response => new Response(null, { status: 204 })
const streaming = (chunks: AsyncIterable<string>): Response => new Response(app.encoded(chunks), { headers: plain })

export function sessionHandlers(guarded: Guarding): Handlers {
  return {
    'POST /login': async (request) =>
      Response.json(await request.session.login(app.loginOptions(await request.json()))),
    'POST /step-up': async ({ session }) => Response.json(await session.stepUp({ level: 2 })),
    'POST /logout': async ({ session }) => {
      await session.logout()
      return nothing()
    },
    'POST /logout-everywhere': async ({ session }) => {
      await session.logoutEverywhere()
      return nothing()
    },
    'GET /data': async ({ session, url }) =>
      Response.json({ value: (await session.get(new URL(url).searchParams.get('key') ?? '')) ?? null }),
    'POST /data': async (request) => {
      const { key, value } = (await request.json()) as app.Change
      await request.session.set(key, value)
      return Response.json({ id: request.session.id })
    },
    'DELETE /data': async (request) => {
      await request.session.delete(((await request.json()) as app.Change).key)
      return nothing()
    },
    'POST /count': async ({ session }) => Response.json({ value: await session.update('count', app.counted) }),
    'GET /me': guarded({}, me),
    'POST /me': guarded({}, me),
    'GET /level2': guarded(app.guards.level2, me),
    'GET /admin': guarded(app.guards.admin, me),
    'GET /page': guarded(app.guards.page, () => text('a page')),
    'GET /whoami': me,
    'GET /sub/me': guarded({}, me),
    'GET /sub/deep/me': guarded({}, me),
  }
}

export function answerHandlers(world: World, folder: string): Handlers {
  const open = (): Response => text('for everybody', app.publicHeaders)
  return {
    'GET /public': open,
    'POST /public': open,
    'POST /echo': async ({ session, body }) =>
      Response.json({ user: session.user, length: await app.countBytes(world, body) }),
    'GET /own': ({ session }) => {
      const response = text(`own of ${session.user}`, { Vary: 'Accept-Language' })
      for (const line of ['a=1', 'b=2']) response.headers.append('Set-Cookie', line)
      return response
    },
    'GET /file': async () =>
      text(await readFile(join(folder, 'file.txt'), 'utf8'), { 'Cache-Control': 'public, max-age=60' }),
    'GET /stream': () => streaming(app.stream()),
    'GET /endless': () => streaming(app.endless(world)),
    'GET /not-modified': () => new Response(null, { status: 304, headers: { ETag: '"1"' } }),
    'GET /throws': () => {
      throw new Error('The handler fails.')
    },
    'GET /throws-late': () => streaming(app.broken()),
    'GET /late-login': ({ session }) => streaming(app.lateLogin(session)),
    'GET /late-set': ({ session }) => streaming(app.lateSet(session)),
  }
}

function application(world: World, folder: string): (request: Request) => Promise<Response> {
  const { auth } = world
  const endpoints = [routes(auth, { at: '/auth' }), routes(auth, { at: '/sub/auth' })]
  const twice = session(auth)(session(auth)(guarded({}, me) as never) as never)
  const handlers: Handlers = {
    ...sessionHandlers(guarded),
    ...answerHandlers(world, folder),
    'GET /twice/me': (request) => twice(request),
  }
  return session(auth)(async (request) => {
    for (const answer of endpoints) {
      const answered = await answer(request)
      if (answered !== null) return answered
    }
    const { pathname } = new URL(request.url)
    const [, kind, name] = /^\/ending\/(\w+)\/(.+)$/.exec(pathname) ?? []
    const ending = endings[kind as app.EndingKind]?.[decodeURIComponent(name ?? '')]
    if (ending !== undefined) return ending()
    const handler = handlers[`${request.method === 'HEAD' ? 'GET' : request.method} ${pathname}`]
    return handler === undefined ? new Response('not found', { status: 404, headers: plain }) : handler(request)
  })
}

export const atFetch: Door = {
  name: 'fetch',
  protocol: 'http1',
  lacks: { hints: 'A Response has no interim answers.' },
  endings: app.endingNames(endings),
  open: async () => {
    const world = await createWorld()
    const { folder, remove } = app.fileFolder()
    return serveHttp1(createServer(bridge(application(world, folder))), world, remove)
  },
}
