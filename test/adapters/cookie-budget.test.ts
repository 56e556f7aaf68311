import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import * as atExpress from '../../src/adapters/express.ts'
import * as atFastify from '../../src/adapters/fastify.ts'
import * as atFetch from '../../src/adapters/fetch.ts'
import * as atHono from '../../src/adapters/hono.ts'
import * as atNode from '../../src/adapters/node.ts'
import { type Auth, handstamp, memory } from '../../src/index.ts'

const secrets = 'Kf8-first-2mXw0_qVtZ6rJyB4nLd9cH'
/** One octet more than browsers take. */
const tooLong = `big=${'v'.repeat(4094)}; Path=/`

/** The same application at each door: `/fits`, `/over`, and `/login-over`, which begins a session and sets a cookie that is too long. */
const doors: Readonly<Record<string, (auth: Auth) => RequestListener>> = {
  node: (auth) =>
    atNode.session(auth)(async (request, response) => {
      if (request.url === '/login-over') await request.session.login({ user: 'ada' })
      response.setHeader('Set-Cookie', request.url === '/fits' ? 'small=1; Path=/' : tooLong)
      response.end('done')
    }),
  'node, writeHead': (auth) =>
    atNode.session(auth)(async (request, response) => {
      if (request.url === '/login-over') await request.session.login({ user: 'ada' })
      response.writeHead(200, ['Set-Cookie', request.url === '/fits' ? 'small=1; Path=/' : tooLong]).end('done')
    }),
  'node, pipe': (auth) =>
    atNode.session(auth)(async (request, response) => {
      if (request.url === '/login-over') await request.session.login({ user: 'ada' })
      response.appendHeader('Set-Cookie', request.url === '/fits' ? 'small=1; Path=/' : tooLong)
      Readable.from(['do', 'ne']).pipe(response)
    }),
  express: (auth) => {
    const app = express().set('env', 'test').use(atExpress.session(auth))
    app.use(async (request, response) => {
      if (request.path === '/login-over') await request.session.login({ user: 'ada' })
      response.append('Set-Cookie', request.path === '/fits' ? 'small=1; Path=/' : tooLong)
      response.send('done')
    })
    return app
  },
  fetch: (auth) =>
    getRequestListener(
      atFetch.session(auth)(async (request: atFetch.WithSession) => {
        const { pathname } = new URL(request.url)
        if (pathname === '/login-over') await request.session.login({ user: 'ada' })
        return new Response('done', { headers: { 'Set-Cookie': pathname === '/fits' ? 'small=1; Path=/' : tooLong } })
      }),
    ),
  hono: (auth) => {
    const app = new Hono<atHono.SessionEnv>().use(atHono.session(auth))
    app.get('*', async (context) => {
      if (context.req.path === '/login-over') await context.var.session.login({ user: 'ada' })
      context.header('Set-Cookie', context.req.path === '/fits' ? 'small=1; Path=/' : tooLong)
      return context.text('done')
    })
    return getRequestListener(app.fetch)
  },
}

async function ask(listener: RequestListener, path: string): Promise<Response> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
    await response.clone().text()
    return response
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function check(say: (path: string) => Promise<Response>): Promise<void> {
  const fits = await say('/fits')
  assert.equal(fits.status, 200)
  assert.deepEqual(fits.headers.getSetCookie(), ['small=1; Path=/'])
  const over = await say('/over')
  assert.equal(over.status, 500)
  assert.deepEqual(over.headers.getSetCookie(), [])
  const login = await say('/login-over')
  assert.equal(login.status, 500)
  // What has happened has happened: whoever is signed in gets the cookies.
  const names = login.headers.getSetCookie().map((line) => line.split('=', 1)[0])
  assert.deepEqual(names, ['__Host-session', '__Host-snapshot'])
}

describe('C3 a cookie that browsers would drop is an error where it is set, and never a crash', () => {
  for (const [name, door] of Object.entries(doors)) {
    test(name, async () => {
      const auth = handstamp({ secrets, backend: memory() })
      await check((path) => ask(door(auth), path))
      await auth.close()
    })
  }

  test('fastify', async () => {
    const auth = handstamp({ secrets, backend: memory() })
    const app = fastify().register(atFastify.session(auth))
    app.get('/*', async (request, reply) => {
      if (request.url === '/login-over') await request.session.login({ user: 'ada' })
      return reply.header('set-cookie', request.url === '/fits' ? 'small=1; Path=/' : tooLong).send('done')
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    await check((path) => fetch(`http://127.0.0.1:${port}${path}`))
    await app.close()
    await auth.close()
  })
})
