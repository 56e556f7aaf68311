import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import createFastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { problems, requireSession, routes, session } from '../../../../src/adapters/fastify.ts'
import * as app from '../application.ts'
import type { Door } from '../door.ts'
import { createWorld, type World } from '../world.ts'
import { serveHttp1 } from './serve.ts'

const endings: app.Endings<(reply: FastifyReply) => unknown> = {
  text: {
    'return a text': async (reply) => {
      reply.type('text/plain')
      return 'body'
    },
    send: (reply) => reply.type('text/plain').send('body'),
    'send bytes': (reply) => reply.type('text/plain').send(Buffer.from('body')),
    'send later': (reply) => {
      setImmediate(() => reply.type('text/plain').send('body'))
    },
    'send a stream': (reply) => reply.type('text/plain').send(Readable.from(['bo', 'dy'])),
    'send a web stream': (reply) => reply.type('text/plain').send(app.encoded(['bo', 'dy'])),
    'send a Response': (reply) => reply.send(new Response('body', { headers: { 'Content-Type': 'text/plain' } })),
    'hijack, end': (reply) => {
      reply.hijack()
      reply.raw.setHeader('Content-Type', 'text/plain')
      reply.raw.end('body')
    },
    'hijack, writeHead': (reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'Content-Type': 'text/plain' }).end('body')
    },
  },
  json: {
    'return an object': async () => ({ a: 1 }),
    'send an object': (reply) => reply.send({ a: 1 }),
  },
  empty: {
    'code, send': (reply) => reply.code(204).send(),
    'send a Response': (reply) => reply.send(new Response(null, { status: 204 })),
  },
  redirect: { redirect: (reply) => reply.redirect('/elsewhere', 303) },
  cookies: {
    'header, send': (reply) =>
      reply
        .header('Set-Cookie', 'a=1')
        .header('Set-Cookie', 'b=2')
        .headers({ 'Cache-Control': 'public', Vary: 'Accept-Language' })
        .type('text/plain')
        .send('body'),
    'header with a list': (reply) =>
      reply
        .header('Set-Cookie', ['a=1', 'b=2'])
        .headers({ 'Cache-Control': 'public', Vary: 'Accept-Language' })
        .type('text/plain')
        .send('body'),
    'raw headers': (reply) => {
      reply.raw.appendHeader('Set-Cookie', 'a=1').appendHeader('Set-Cookie', 'b=2')
      return reply.headers({ 'Cache-Control': 'public', Vary: 'Accept-Language' }).type('text/plain').send('body')
    },
  },
  missing: {
    'code, send': (reply) => reply.code(404).type('text/plain').send('none'),
    callNotFound: (reply) => reply.callNotFound(),
  },
  down: {
    'code, send': (reply) => reply.code(503).header('Retry-After', 7).type('text/plain').send('down'),
    'an error with a status': (reply) => reply.send(Object.assign(new Error('down'), { statusCode: 503 })),
  },
}

const me = async ({ session }: FastifyRequest): Promise<unknown> => app.profile(session)

function addSessionRoutes(server: FastifyInstance): void {
  server.post('/login', ({ session, body }) => session.login(app.loginOptions(body)))
  server.post('/step-up', ({ session }) => session.stepUp({ level: 2 }))
  server.post('/logout', async ({ session }, reply) => {
    await session.logout()
    return reply.code(204).send()
  })
  server.post('/logout-everywhere', async ({ session }, reply) => {
    await session.logoutEverywhere()
    return reply.code(204).send()
  })
  server.get<{ Querystring: { key: string } }>('/data', async ({ session, query }) => ({
    value: (await session.get(query.key)) ?? null,
  }))
  server.post<{ Body: app.Change }>('/data', async ({ session, body }) => {
    await session.set(body.key, body.value)
    return { id: session.id }
  })
  server.delete<{ Body: app.Change }>('/data', async ({ session, body }, reply) => {
    await session.delete(body.key)
    return reply.code(204).send()
  })
  server.post('/count', async ({ session }) => ({ value: await session.update('count', app.counted) }))
  server.get('/me', { onRequest: requireSession() }, me)
  server.post('/me', { preHandler: requireSession() }, me)
  server.get('/level2', { onRequest: requireSession(app.guards.level2) }, me)
  server.get('/admin', { preHandler: requireSession(app.guards.admin) }, me)
  server.get('/page', { onRequest: requireSession(app.guards.page) }, async (_request, reply) => {
    reply.type('text/plain')
    return 'a page'
  })
  server.get('/whoami', me)
}

function addAnswers(server: FastifyInstance, world: World, folder: string): void {
  const open = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply.headers(app.publicHeaders).type('text/plain').send('for everybody')
  const streaming = (reply: FastifyReply, chunks: AsyncIterable<string>): FastifyReply =>
    reply.type('text/plain').send(Readable.from(chunks))
  server.route({ method: ['GET', 'POST'], url: '/public', handler: open })
  server.get('/own', ({ session }, reply) =>
    reply
      .header('Set-Cookie', 'a=1')
      .header('Set-Cookie', 'b=2')
      .header('Vary', 'Accept-Language')
      .type('text/plain')
      .send(`own of ${session.user}`),
  )
  server.get('/file', (_request, reply) =>
    reply
      .header('Cache-Control', 'public, max-age=60')
      .type('text/plain')
      .send(createReadStream(join(folder, 'file.txt'))),
  )
  server.get('/stream', (_request, reply) => streaming(reply, app.stream()))
  server.get('/endless', (_request, reply) => streaming(reply, app.endless(world)))
  server.get('/hints', (_request, reply) => {
    reply.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    return reply.type('text/plain').send('after hints')
  })
  server.get('/not-modified', (_request, reply) => reply.code(304).header('ETag', '"1"').send())
  server.get('/throws', async () => {
    throw new Error('The handler fails.')
  })
  server.get('/throws-late', (_request, reply) => streaming(reply, app.broken()))
  server.get('/late-login', ({ session }, reply) => streaming(reply, app.lateLogin(session)))
  server.get('/late-set', ({ session }, reply) => streaming(reply, app.lateSet(session)))
  server.get<{ Params: { kind: app.EndingKind; name: string } }>('/ending/:kind/:name', ({ params }, reply) =>
    endings[params.kind][params.name]?.(reply),
  )
}

/** Uploads are read as they come, in a plugin of their own. */
function addUploads(server: FastifyInstance, world: World): void {
  server.register(async (plugin) => {
    plugin.removeAllContentTypeParsers()
    plugin.addContentTypeParser('*', (_request, _payload, done) => done(null))
    plugin.post('/echo', async ({ session, raw }) => ({
      user: session.user,
      length: await app.countBytes(world, raw),
    }))
  })
}

function addNested(server: FastifyInstance, { auth }: World): void {
  server.register(
    async (sub) => {
      sub.get('/me', { onRequest: requireSession() }, me)
      sub.register(async (deep) => void deep.get('/me', { preHandler: requireSession() }, me), { prefix: '/deep' })
      sub.register(routes(auth), { prefix: '/auth' })
    },
    { prefix: '/sub' },
  )
  server.register(
    async (twice) => {
      twice.register(session(auth))
      twice.get('/me', { onRequest: requireSession() }, me)
    },
    { prefix: '/twice' },
  )
}

function application(world: World, folder: string): FastifyInstance {
  const server = createFastify({ routerOptions: { maxParamLength: 200 } })
  server.register(session(world.auth))
  server.register(routes(world.auth), { prefix: '/auth' })
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error.statusCode !== 503 || error.message !== 'down') return problems()(error, request, reply)
    return reply.code(503).header('Retry-After', 7).type('text/plain').send('down')
  })
  server.setNotFoundHandler((request, reply) => {
    const none = request.url.startsWith('/ending/missing/') ? 'none' : 'not found'
    return reply.code(404).type('text/plain').send(none)
  })
  server.register(async (plugin) => {
    addSessionRoutes(plugin)
    addAnswers(plugin, world, folder)
  })
  addUploads(server, world)
  addNested(server, world)
  return server
}

export const atFastify: Door = {
  name: 'fastify',
  protocol: 'http1',
  lacks: {},
  endings: app.endingNames(endings),
  open: async () => {
    const world = await createWorld()
    const { folder, remove } = app.fileFolder()
    const server = application(world, folder)
    await server.ready()
    return serveHttp1(server.server, world, async () => {
      await server.close()
      remove()
    })
  },
}
