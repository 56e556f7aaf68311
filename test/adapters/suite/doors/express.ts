import { createServer } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express'
import { problems, requireSession, routes, session } from '../../../../src/adapters/express.ts'
import * as app from '../application.ts'
import type { Door } from '../door.ts'
import { createWorld, type World } from '../world.ts'
import { serveHttp1 } from './serve.ts'

const endings: app.Endings<(response: Response) => unknown> = {
  text: {
    send: (response) => response.type('text/plain').send('body'),
    'send bytes': (response) => response.type('text/plain').send(Buffer.from('body')),
    end: (response) => response.type('text/plain').end('body'),
    'status, write, end': (response) => {
      response.status(200).type('text/plain').write('bo')
      response.end('dy')
    },
    writeHead: (response) => response.writeHead(200, { 'Content-Type': 'text/plain' }).end('body'),
    pipe: (response) => Readable.from(['bo', 'dy']).pipe(response.type('text/plain')),
    pipeline: (response) => pipeline(Readable.from(['bo', 'dy']), response.type('text/plain')),
  },
  json: {
    json: (response) => response.json({ a: 1 }),
    'send an object': (response) => response.send({ a: 1 }),
  },
  empty: {
    sendStatus: (response) => response.sendStatus(204),
    'status, end': (response) => response.status(204).end(),
    'status, send': (response) => response.status(204).send(),
    'status, json': (response) => response.status(204).json(null),
  },
  redirect: {
    redirect: (response) => response.redirect(303, '/elsewhere'),
    'location, end': (response) => response.status(303).location('/elsewhere').end(),
  },
  cookies: {
    'append, set, send': (response) =>
      response
        .append('Set-Cookie', 'a=1')
        .append('Set-Cookie', 'b=2')
        .set('Cache-Control', 'public')
        .vary('Accept-Language')
        .type('text/plain')
        .send('body'),
    writeHead: (response) =>
      response
        .vary('Accept-Language')
        .writeHead(200, { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'], 'Cache-Control': 'public' })
        .end('body'),
  },
  missing: {
    send: (response) => response.status(404).type('text/plain').send('none'),
    next: (response) => response.req.next?.('route'),
  },
  down: {
    send: (response) => response.status(503).set('Retry-After', '7').type('text/plain').send('down'),
    'an error with a status': (response) => response.req.next?.({ status: 503, headers: { 'Retry-After': '7' } }),
  },
}

interface Failure {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

const me: RequestHandler = (request, response) => void response.json(app.profile(request.session))

const sendStream = (response: Response, chunks: AsyncIterable<string>): Promise<void> =>
  pipeline(Readable.from(chunks), response.type('text/plain'))

function addSessionRoutes(server: Express): void {
  server.post('/login', express.json(), async (request, response) => {
    response.json(await request.session.login(app.loginOptions(request.body)))
  })
  server.post('/step-up', async ({ session }, response) => {
    response.json(await session.stepUp({ level: 2 }))
  })
  server.post('/logout', async ({ session }, response) => {
    await session.logout()
    response.sendStatus(204)
  })
  server.post('/logout-everywhere', async ({ session }, response) => {
    await session.logoutEverywhere()
    response.sendStatus(204)
  })
  const data = server.route('/data').all(express.json())
  data.get(async ({ session, query }, response) => {
    response.json({ value: (await session.get(String(query.key))) ?? null })
  })
  data.post(async ({ session, body }, response) => {
    await session.set(body.key, body.value)
    response.json({ id: session.id })
  })
  data.delete(async ({ session, body }, response) => {
    await session.delete(body.key)
    response.sendStatus(204)
  })
  server.post('/count', async ({ session }, response) => {
    response.json({ value: await session.update('count', app.counted) })
  })
  server.route('/me').all(requireSession()).get(me).post(me)
  server.get('/level2', requireSession(app.guards.level2), me)
  server.get('/admin', requireSession(app.guards.admin), me)
  server.get('/page', requireSession(app.guards.page), (_request, response) => {
    response.type('text/plain').send('a page')
  })
  server.get('/whoami', me)
}

const open: RequestHandler = (_request, response) =>
  void response.set(app.publicHeaders).type('text/plain').send('for everybody')

function addAnswers(server: Express, world: World, folder: string): void {
  server.route('/public').get(open).post(open)
  server.post('/echo', async (request, response) => {
    response.json({ user: request.session.user, length: await app.countBytes(world, request) })
  })
  server.get('/own', ({ session }, response) => {
    response.append('Set-Cookie', 'a=1').append('Set-Cookie', 'b=2').vary('Accept-Language')
    response.type('text/plain').send(`own of ${session.user}`)
  })
  server.get('/file', (_request, response) => response.sendFile(join(folder, 'file.txt'), { maxAge: 60_000 }))
  server.get('/stream', (_request, response) => sendStream(response, app.stream()))
  server.get('/endless', (_request, response) => sendStream(response, app.endless(world)))
  server.get('/hints', (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    response.type('text/plain').send('after hints')
  })
  server.get('/not-modified', (_request, response) => void response.status(304).set('ETag', '"1"').end())
  server.get('/throws', () => {
    throw new Error('The handler fails.')
  })
  server.get('/throws-late', (_request, response) => sendStream(response, app.broken()))
  server.get('/late-login', ({ session }, response) => sendStream(response, app.lateLogin(session)))
  server.get('/late-set', ({ session }, response) => sendStream(response, app.lateSet(session)))
  server.get('/ending/:kind/:name', (request, response) => {
    const { kind, name } = request.params
    return endings[kind as app.EndingKind][name]?.(response)
  })
}

function application(world: World, folder: string): Express {
  const { auth } = world
  const server = express().set('env', 'test')
  server.use(session(auth))
  server.use('/auth', routes(auth))
  addSessionRoutes(server)
  addAnswers(server, world, folder)
  const deep = Router().get('/me', requireSession(), me)
  server.use('/sub', express().get('/me', requireSession(), me).use('/deep', deep).use('/auth', routes(auth)))
  server.use('/twice', Router().use(session(auth), session(auth)).get('/me', requireSession(), me))
  server.use((request, response) => {
    const none = request.path.startsWith('/ending/missing/') ? 'none' : 'not found'
    response.status(404).type('text/plain').send(none)
  })
  server.use(problems())
  server.use((error: Failure, _request: Request, response: Response, next: NextFunction) => {
    if (error.headers === undefined) next(error)
    else
      response
        .status(error.status ?? 500)
        .set(error.headers)
        .type('text/plain')
        .send('down')
  })
  return server
}

export const atExpress: Door = {
  name: 'express',
  protocol: 'http1',
  lacks: {},
  endings: app.endingNames(endings),
  open: async () => {
    const world = await createWorld()
    const { folder, remove } = app.fileFolder()
    return serveHttp1(createServer(application(world, folder)), world, remove)
  },
}
