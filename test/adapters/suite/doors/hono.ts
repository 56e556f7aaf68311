import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import { problems, requireSession, routes, type SessionEnv, session } from '../../../../src/adapters/hono.ts'
import * as app from '../application.ts'
import type { Door } from '../door.ts'
import { createWorld, type World } from '../world.ts'
import { serveHttp1 } from './serve.ts'

type Env = SessionEnv & { Bindings: HttpBindings }
type C = Context<Env>

const plain = { 'Content-Type': 'text/plain' }

const endings: app.Endings<(context: C) => Response | Promise<Response>> = {
  text: {
    text: (context) => context.text('body'),
    body: (context) => context.body('body', 200, plain),
    'header, body': (context) => {
      context.header('Content-Type', 'text/plain')
      return context.body('body')
    },
    'a Response': () => new Response('body', { headers: plain }),
    'a Response around a stream': () => new Response(app.encoded(['bo', 'dy']), { headers: plain }),
    'a Response that cannot be changed': () => fetch('data:text/plain,body'),
    'res assigned': (context) => {
      context.res = new Response('body', { headers: plain })
      return context.res
    },
    stream: (context) => {
      context.header('Content-Type', 'text/plain')
      return stream(context, async (out) => {
        await out.write('bo')
        await out.write('dy')
      })
    },
  },
  json: {
    json: (context) => context.json({ a: 1 }),
    'Response.json': () => Response.json({ a: 1 }),
  },
  empty: {
    body: (context) => context.body(null, 204),
    'a Response': () => new Response(null, { status: 204 }),
  },
  redirect: {
    redirect: (context) => context.redirect('/elsewhere', 303),
    'a Response': () => new Response(null, { status: 303, headers: { Location: '/elsewhere' } }),
  },
  cookies: {
    'header, text': (context) => {
      for (const line of ['a=1', 'b=2']) context.header('Set-Cookie', line, { append: true })
      context.header('Cache-Control', 'public')
      context.header('Vary', 'Accept-Language')
      return context.text('body')
    },
    'body with a list': (context) =>
      context.body('body', 200, {
        ...plain,
        'Set-Cookie': ['a=1', 'b=2'],
        'Cache-Control': 'public',
        Vary: 'Accept-Language',
      }),
    'a Response': () => new Response('body', { headers: cookieHeaders() }),
  },
  missing: {
    'text, status': (context) => context.text('none', 404),
    notFound: (context) => context.notFound(),
  },
  down: {
    'text, status': (context) => context.text('down', 503, { 'Retry-After': '7' }),
    HTTPException: () => {
      throw new HTTPException(503, {
        res: new Response('down', { status: 503, headers: { ...plain, 'Retry-After': '7' } }),
      })
    },
  },
}

function cookieHeaders(): [string, string][] {
  return [
    ['Content-Type', 'text/plain'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
    ['Cache-Control', 'public'],
    ['Vary', 'Accept-Language'],
  ]
}

const me = (context: C): Response => context.json(app.profile(context.var.session))

function addSessionRoutes(server: Hono<Env>): void {
  server.post('/login', async (c) => c.json(await c.var.session.login(app.loginOptions(await c.req.json()))))
  server.post('/step-up', async (c) => c.json(await c.var.session.stepUp({ level: 2 })))
  server.post('/logout', async (c) => {
    await c.var.session.logout()
    return c.body(null, 204)
  })
  server.post('/logout-everywhere', async (c) => {
    await c.var.session.logoutEverywhere()
    return c.body(null, 204)
  })
  server.get('/data', async (c) => c.json({ value: (await c.var.session.get(c.req.query('key') ?? '')) ?? null }))
  server.post('/data', async (c) => {
    const { key, value } = await c.req.json<app.Change>()
    await c.var.session.set(key, value)
    return c.json({ id: c.var.session.id })
  })
  server.delete('/data', async (c) => {
    await c.var.session.delete((await c.req.json<app.Change>()).key)
    return c.body(null, 204)
  })
  server.post('/count', async (c) => c.json({ value: await c.var.session.update('count', app.counted) }))
  server.on(['GET', 'POST'], '/me', requireSession(), me)
  server.get('/level2', requireSession(app.guards.level2), me)
  server.get('/admin', requireSession(app.guards.admin), me)
  server.get('/page', requireSession(app.guards.page), (c) => c.text('a page'))
  server.get('/whoami', me)
}

function addAnswers(server: Hono<Env>, world: World, folder: string): void {
  const streaming = (context: C, chunks: AsyncIterable<string>): Response =>
    context.body(app.encoded(chunks), 200, plain)
  server.on(['GET', 'POST'], '/public', (c) => c.text('for everybody', 200, app.publicHeaders))
  server.post('/echo', async (c) =>
    c.json({ user: c.var.session.user, length: await app.countBytes(world, c.req.raw.body) }),
  )
  server.get('/own', (c) => {
    c.header('Set-Cookie', 'a=1', { append: true })
    c.header('Set-Cookie', 'b=2', { append: true })
    c.header('Vary', 'Accept-Language')
    return c.text(`own of ${c.var.session.user}`)
  })
  server.get('/file', async (c) =>
    c.body(await readFile(join(folder, 'file.txt'), 'utf8'), 200, { ...plain, 'Cache-Control': 'public, max-age=60' }),
  )
  server.get('/stream', (c) => {
    c.header('Content-Type', 'text/plain')
    return stream(c, async (out) => {
      for await (const chunk of app.stream()) await out.write(chunk)
    })
  })
  server.get('/endless', (c) => streaming(c, app.endless(world)))
  server.get('/hints', (c) => {
    c.env.outgoing.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    return c.text('after hints')
  })
  server.get('/not-modified', (c) => c.body(null, 304, { ETag: '"1"' }))
  server.get('/throws', () => {
    throw new Error('The handler fails.')
  })
  server.get('/throws-late', (c) => streaming(c, app.broken()))
  server.get('/late-login', (c) => streaming(c, app.lateLogin(c.var.session)))
  server.get('/late-set', (c) => streaming(c, app.lateSet(c.var.session)))
  server.get('/ending/:kind/:name', (c) => {
    const { kind, name } = c.req.param()
    return endings[kind as app.EndingKind][name]?.(c) ?? c.notFound()
  })
}

function application(world: World, folder: string): Hono<Env> {
  const { auth } = world
  const server = new Hono<Env>()
  server.use(session(auth))
  server.use('/auth/*', routes(auth))
  addSessionRoutes(server)
  addAnswers(server, world, folder)
  const deep = new Hono<Env>().get('/me', requireSession(), me)
  const sub = new Hono<Env>().get('/me', requireSession(), me).use('/auth/*', routes(auth)).route('/deep', deep)
  server.route('/sub', sub)
  server.route('/twice', new Hono<Env>().use(session(auth), session(auth)).get('/me', requireSession(), me))
  server.notFound((c) => c.text(c.req.path.startsWith('/ending/missing/') ? 'none' : 'not found', 404))
  server.onError(problems())
  return server
}

export const atHono: Door = {
  name: 'hono',
  protocol: 'http1',
  lacks: {},
  endings: app.endingNames(endings),
  open: async () => {
    const world = await createWorld()
    const { folder, remove } = app.fileFolder()
    const { fetch } = application(world, folder)
    return serveHttp1(createAdaptorServer({ fetch: fetch as never }) as Server, world, remove)
  },
}
