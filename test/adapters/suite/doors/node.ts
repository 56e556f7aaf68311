import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createServer2, type Http2ServerResponse } from 'node:http2'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { requireSession, routes, session, type WithSession } from '../../../../src/adapters/node.ts'
import * as app from '../application.ts'
import type { Door } from '../door.ts'
import { createWorld, type World } from '../world.ts'
import { listen, serveHttp1 } from './serve.ts'

type Request = WithSession<IncomingMessage>
/** What the responses of both versions of HTTP have. */
type Response = ServerResponse & Http2ServerResponse
type Handler = (request: Request, response: Response) => unknown
type Handlers = Readonly<Record<string, Handler>>

const plain = { 'Content-Type': 'text/plain' }
const two = ['a=1', 'b=2']
const lists = [
  ['Content-Type', 'text/plain'],
  ['Set-Cookie', 'a=1'],
  ['Cache-Control', 'public'],
  ['set-cookie', 'b=2'],
  ['Vary', 'Accept-Language'],
]
const fields = { ...plain, 'Set-Cookie': two, 'Cache-Control': 'public', Vary: 'Accept-Language' }

const endings: app.Endings<(response: Response) => unknown> = {
  text: {
    'setHeader, end': (response) => {
      response.setHeader('Content-Type', 'text/plain')
      response.end('body')
    },
    'writeHead, end': (response) => response.writeHead(200, plain).end('body'),
    'writeHead with a message': (response) => response.writeHead(200, 'Fine', plain).end('body'),
    'writeHead with a length': (response) => response.writeHead(200, { ...plain, 'Content-Length': 4 }).end('body'),
    'write, end': (response) => {
      response.setHeader('Content-Type', 'text/plain')
      response.write('bo')
      response.end('dy')
    },
    'flushHeaders, end later': (response) => {
      response.setHeader('Content-Type', 'text/plain')
      response.flushHeaders()
      setImmediate(() => response.end('body'))
    },
    pipe: (response) => {
      response.setHeader('Content-Type', 'text/plain')
      Readable.from(['bo', 'dy']).pipe(response)
    },
    pipeline: (response) => {
      response.setHeader('Content-Type', 'text/plain')
      return pipeline(Readable.from(['bo', 'dy']), response)
    },
  },
  json: {
    'writeHead, end': (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"a":1}'),
  },
  empty: {
    'writeHead, end': (response) => response.writeHead(204).end(),
    'statusCode, end': (response) => {
      response.statusCode = 204
      response.end()
    },
  },
  redirect: { 'writeHead, end': (response) => response.writeHead(303, { Location: '/elsewhere' }).end() },
  cookies: {
    'writeHead with an object': (response) => response.writeHead(200, fields).end('body'),
    'writeHead with a flat list': (response) => response.writeHead(200, lists.flat()).end('body'),
    'writeHead with pairs': (response) => response.writeHead(200, lists as unknown as string[]).end('body'),
    setHeader: (response) => {
      for (const [name, value] of Object.entries(fields)) response.setHeader(name, value)
      response.end('body')
    },
    'appendHeader, writeHead': (response) => {
      for (const line of two) response.appendHeader('Set-Cookie', line)
      response.writeHead(200, { ...plain, 'Cache-Control': 'public', Vary: 'Accept-Language' }).end('body')
    },
  },
  missing: {
    'writeHead, end': (response) => response.writeHead(404, plain).end('none'),
    'statusCode, write, end': (response) => {
      response.statusCode = 404
      response.setHeader('Content-Type', 'text/plain')
      response.write('none')
      response.end()
    },
  },
  down: { 'writeHead, end': (response) => response.writeHead(503, { ...plain, 'Retry-After': 7 }).end('down') },
}

function json(response: Response, value: unknown): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(value))
}

function send(response: Response, body: string): void {
  response.setHeader('Content-Type', 'text/plain')
  response.end(body)
}

function sendStream(response: Response, chunks: AsyncIterable<string>): Promise<void> {
  response.setHeader('Content-Type', 'text/plain')
  return pipeline(Readable.from(chunks), response)
}

const bodyOf = async (request: Request): Promise<unknown> => JSON.parse((await text(request)) || '{}')
const me: Handler = ({ session }, response) => json(response, app.profile(session))

function sessionHandlers(): Handlers {
  return {
    'POST /login': async (request, response) =>
      json(response, await request.session.login(app.loginOptions(await bodyOf(request)))),
    'POST /step-up': async ({ session }, response) => json(response, await session.stepUp({ level: 2 })),
    'POST /logout': async ({ session }, response) => {
      await session.logout()
      response.writeHead(204).end()
    },
    'POST /logout-everywhere': async ({ session }, response) => {
      await session.logoutEverywhere()
      response.writeHead(204).end()
    },
    'GET /data': async ({ session, url }, response) => {
      const key = new URL(url ?? '', 'http://localhost').searchParams.get('key') ?? ''
      json(response, { value: (await session.get(key)) ?? null })
    },
    'POST /data': async (request, response) => {
      const { key, value } = (await bodyOf(request)) as app.Change
      await request.session.set(key, value)
      json(response, { id: request.session.id })
    },
    'DELETE /data': async (request, response) => {
      await request.session.delete(((await bodyOf(request)) as app.Change).key)
      response.writeHead(204).end()
    },
    'POST /count': async ({ session }, response) =>
      json(response, { value: await session.update('count', app.counted) }),
    'GET /me': guarded({}, me),
    'POST /me': guarded({}, me),
    'GET /level2': guarded(app.guards.level2, me),
    'GET /admin': guarded(app.guards.admin, me),
    'GET /page': guarded(app.guards.page, (_request, response) => send(response, 'a page')),
    'GET /whoami': me,
    'GET /sub/me': guarded({}, me),
    'GET /sub/deep/me': guarded({}, me),
  }
}

const guarded = (rules: Parameters<typeof requireSession>[0], handler: Handler): Handler =>
  requireSession(rules)(handler as never) as Handler

const open: Handler = (_request, response) => {
  for (const [name, value] of Object.entries(app.publicHeaders)) response.setHeader(name, value)
  send(response, 'for everybody')
}

function answerHandlers(world: World, folder: string): Handlers {
  return {
    'GET /public': open,
    'POST /public': open,
    'POST /echo': async (request, response) =>
      json(response, { user: request.session.user, length: await app.countBytes(world, request) }),
    'GET /own': ({ session }, response) => {
      response.setHeader('Set-Cookie', two)
      response.setHeader('Vary', 'Accept-Language')
      send(response, `own of ${session.user}`)
    },
    'GET /file': (_request, response) => {
      response.writeHead(200, { ...plain, 'Cache-Control': 'public, max-age=60' })
      return pipeline(createReadStream(join(folder, 'file.txt')), response)
    },
    'GET /stream': (_request, response) => sendStream(response, app.stream()),
    'GET /endless': (_request, response) => sendStream(response, app.endless(world)),
    'GET /hints': (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      send(response, 'after hints')
    },
    'GET /not-modified': (_request, response) => response.writeHead(304, { ETag: '"1"' }).end(),
    'GET /throws': () => {
      throw new Error('The handler fails.')
    },
    'GET /throws-late': (_request, response) => sendStream(response, app.broken()),
    'GET /late-login': ({ session }, response) => sendStream(response, app.lateLogin(session)),
    'GET /late-set': ({ session }, response) => sendStream(response, app.lateSet(session)),
  }
}

function application(world: World, folder: string): Handler {
  const { auth } = world
  const endpoints = [routes(auth, { at: '/auth' }), routes(auth, { at: '/sub/auth' })]
  const twice = session(auth)(session(auth)(guarded({}, me) as never) as never)
  const handlers: Handlers = {
    ...sessionHandlers(),
    ...answerHandlers(world, folder),
    'GET /twice/me': (request, response) => twice(request, response),
  }
  return session(auth)(async (request: Request, response: ServerResponse) => {
    for (const answer of endpoints) if (await answer(request, response)) return
    const { pathname: path } = new URL(request.url ?? '', 'http://localhost')
    const [, kind, name] = /^\/ending\/(\w+)\/(.+)$/.exec(path) ?? []
    const ending = endings[kind as app.EndingKind]?.[decodeURIComponent(name ?? '')]
    const handler = handlers[`${request.method === 'HEAD' ? 'GET' : request.method} ${path}`]
    if (ending !== undefined) await ending(response as Response)
    else if (handler !== undefined) await handler(request, response as Response)
    else response.writeHead(404, plain).end('not found')
  }) as Handler
}

export const node: Door = {
  name: 'node',
  protocol: 'http1',
  lacks: {},
  endings: app.endingNames(endings),
  open: async () => {
    const world = await createWorld()
    const { folder, remove } = app.fileFolder()
    return serveHttp1(createServer(application(world, folder) as never), world, remove)
  },
}

export const nodeHttp2: Door = {
  name: 'http2',
  protocol: 'http2',
  lacks: {
    http1: 'The connection speaks HTTP/2.',
    upgrade: 'HTTP/2 has no upgrade; WebSockets over it (RFC 8441) are not offered.',
  },
  endings: app.endingNames(endings),
  open: async () => {
    const world = await createWorld()
    const { folder, remove } = app.fileFolder()
    const server = createServer2(application(world, folder) as never)
    const port = await listen(server as never)
    const close = async (): Promise<void> => {
      await new Promise((resolve) => server.close(resolve))
      remove()
      await world.close()
    }
    return { port, control: world.control, close }
  },
}
