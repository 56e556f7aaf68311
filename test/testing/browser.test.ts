import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { type BrowserOptions, browser, type FetchHandler, type Target } from '../../src/testing/index.ts'

/** The same small application for all: tells what it was sent, sets two cookies, redirects. */
interface Told {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

async function listener(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request
  const peer = `${request.socket.remoteAddress} ${'encrypted' in request.socket && request.socket.encrypted === true}`
  response.setHeader('Set-Cookie', ['a=1', 'b=2; Path=/elsewhere']).setHeader('X-Peer', peer)
  if (url === '/empty') response.writeHead(204).end()
  else if (url.startsWith('/to?')) response.writeHead(Number(url.slice(4, 7)), { Location: url.slice(8) }).end('gone')
  else if (url === '/large') response.end('x'.repeat(300_000))
  else response.end(JSON.stringify({ method, url, body: await text(request), headers }))
}

const answer: FetchHandler = async (request) => {
  const { pathname, search } = new URL(request.url)
  const url = pathname + search
  const headers = new Headers([
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2; Path=/elsewhere'],
  ])
  if (url === '/empty') return new Response(null, { status: 204, headers })
  if (url.startsWith('/to?')) {
    headers.set('Location', url.slice(8))
    return new Response('gone', { status: Number(url.slice(4, 7)), headers })
  }
  if (url === '/large') return new Response('x'.repeat(300_000), { headers })
  const told = { method: request.method, url, body: await request.text(), headers: Object.fromEntries(request.headers) }
  return Response.json(told, { headers })
}

function fastifyApp(): Target {
  const app = fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.all('/*', (request, reply) => {
    reply.hijack()
    void listener(request.raw, reply.raw)
  })
  return app
}

const targets: Readonly<Record<string, () => Target>> = {
  'a handler of node:http': () => listener,
  'a Server that does not listen': () => createServer(listener),
  Express: () => express().use(listener),
  Fastify: fastifyApp,
  'a fetch handler': () => answer,
  'an object with fetch': () => ({ fetch: answer }),
  Hono: () => new Hono().all('/*', (context) => answer(context.req.raw) as Promise<Response>),
}

async function each(run: (target: Target, options: BrowserOptions, name: string) => Promise<void>): Promise<void> {
  for (const [name, make] of Object.entries(targets)) await run(make(), {}, name)
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {}, 'an origin')
  } finally {
    const closed = once(server, 'close')
    server.close()
    await closed
  }
}

async function toldBy(response: Response): Promise<Told> {
  assert.equal(response.status, 200)
  return (await response.json()) as Told
}

describe('the same words for every target', () => {
  test('bodies go as json, form, parts, text and bytes', async () => {
    await each(async (target, options, name) => {
      const page = browser(target, options)
      const json = await toldBy(await page.post('/x?y=1', { json: { a: 'ä' } }))
      assert.deepEqual([json.method, json.url, json.body], ['POST', '/x?y=1', '{"a":"ä"}'], name)
      assert.equal(json.headers['content-type'], 'application/json')
      const form = await toldBy(await page.post('/', { form: { a: '1 2', b: '&' } }))
      assert.equal(form.body, 'a=1+2&b=%26', name)
      assert.match(form.headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/)
      const parts = new FormData()
      parts.set('file', 'inside')
      const multipart = await toldBy(await page.post('/', { form: parts }))
      assert.match(multipart.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/)
      assert.match(multipart.body, /inside/, name)
      const raw = await toldBy(
        await page.send({ method: 'PUT', path: '/', body: 'raw', headers: { 'Content-Type': 'a/b' } }),
      )
      assert.deepEqual([raw.method, raw.body, raw.headers['content-type']], ['PUT', 'raw', 'a/b'], name)
      const bytes = await toldBy(await page.post('/', { body: new Uint8Array([104, 105]) }))
      assert.equal(bytes.body, 'hi', name)
      const none = await toldBy(await page.post('/'))
      assert.equal(none.body, '', name)
      await assert.rejects(page.post('/', { json: 1, form: {} }), /one body/)
    })
  })

  test('answers are Responses, with several cookies, without a body, and large', async () => {
    await each(async (target, options, name) => {
      const page = browser(target, options)
      const empty = await page.get('/empty')
      assert.ok(empty instanceof Response, name)
      assert.deepEqual([empty.status, await empty.text()], [204, ''], name)
      assert.deepEqual(empty.headers.getSetCookie(), ['a=1', 'b=2; Path=/elsewhere'], name)
      assert.equal(page.cookies().length, 2, name)
      assert.equal((await toldBy(await page.get('/'))).headers.cookie, 'a=1', name)
      assert.equal((await (await page.get('/large')).text()).length, 300_000, name)
      const head = await page.send({ method: 'HEAD', path: '/large' })
      assert.deepEqual([head.status, await head.text()], [200, ''], name)
    })
  })

  test('X1 each request says where it was started', async () => {
    await each(async (target, options, name) => {
      const page = browser(target, options)
      const own = await toldBy(await page.get('/'))
      const origin = `http://${own.headers.host}`
      const post = await toldBy(await page.post('/', { json: {} }))
      const link = await toldBy(await page.get('/', { mode: 'navigate' }))
      const evil = await toldBy(await page.at('https://evil.example').post('/', { form: {} }))
      const script = await toldBy(await page.at('https://evil.example').get('/'))
      const told = [own, post, link, evil, script].map(({ headers }) => ({
        origin: headers.origin,
        site: headers['sec-fetch-site'],
        mode: headers['sec-fetch-mode'],
        dest: headers['sec-fetch-dest'],
      }))
      const evilAt = 'https://evil.example'
      assert.deepEqual(
        told,
        [
          { origin: undefined, site: 'same-origin', mode: 'cors', dest: 'empty' },
          { origin, site: 'same-origin', mode: 'cors', dest: 'empty' },
          { origin: undefined, site: 'same-origin', mode: 'navigate', dest: 'document' },
          { origin: evilAt, site: 'cross-site', mode: 'navigate', dest: 'document' },
          { origin: evilAt, site: 'cross-site', mode: 'cors', dest: 'empty' },
        ],
        name,
      )
      assert.match(link.headers.accept ?? '', /^text\/html/)
      assert.equal(own.headers.referer, `${origin}/`)
      assert.equal(evil.headers.referer, undefined, 'none from https to http')
    })
  })

  test('redirects are followed when asked, as browsers do', async () => {
    await each(async (target, options, name) => {
      const page = browser(target, options)
      assert.equal((await page.get('/to?303&/x')).status, 303, name)
      const follow = { redirect: 'follow' } as const
      for (const [status, method, body] of [
        [301, 'GET', ''],
        [302, 'GET', ''],
        [303, 'GET', ''],
        [307, 'POST', '{"a":1}'],
        [308, 'POST', '{"a":1}'],
      ] as const) {
        const response = await page.post(`/to?${status}&/there?x`, { json: { a: 1 }, ...follow })
        assert.match(response.url, /\/there\?x$/)
        const told = await toldBy(response)
        assert.deepEqual([told.method, told.url, told.body], [method, '/there?x', body], `${name} ${status}`)
        assert.equal(told.headers.cookie, 'a=1', 'the cookie of the redirect comes along')
        assert.equal(
          told.headers['content-type'],
          method === 'GET' ? undefined : 'application/json',
          `${name} ${status}`,
        )
      }
    })
  })
})

describe('one browser, several origins', () => {
  const echo: FetchHandler = (request) => Response.json(Object.fromEntries(request.headers))
  const others = { 'https://api.example.com': echo, 'https://evil.example': answer, 'http://plain.example': echo }
  const origin = 'https://app.example.com'

  test('Fetch Metadata counts all URLs of a chain of redirects; Origin becomes null beyond a foreign one', async () => {
    const page = browser(answer, { origin, others, redirect: 'follow' })
    const through = async (path: string, method = 'POST'): Promise<Record<string, string>> =>
      (await page.send({ method, path })).json()
    const sibling = await through('/to?307&https://api.example.com/')
    assert.deepEqual(
      [sibling['sec-fetch-site'], sibling.origin, sibling.host],
      ['same-site', origin, 'api.example.com'],
    )
    const foreign = await through('https://evil.example/to?307&https://api.example.com/')
    assert.deepEqual([foreign['sec-fetch-site'], foreign.origin], ['cross-site', 'null'])
    const plain = await through('http://plain.example/')
    assert.deepEqual([plain['sec-fetch-site'], plain.referer], [undefined, undefined])
    await assert.rejects(through('/to?302&https://unknown.example/'), /does not reach https:\/\/unknown\.example/)
  })

  test('a redirect that never ends is given up', async () => {
    const page = browser(() => new Response(null, { status: 302, headers: { Location: '/again' } }))
    await assert.rejects(page.get('/', { redirect: 'follow' }), /More than 20 redirects/)
  })

  test('headers of the browser, of a request, and those left out', async () => {
    const page = browser(echo, { origin, headers: { 'User-Agent': 'old', 'Sec-Fetch-Site': null } })
    const first = (await (await page.get('/')).json()) as Record<string, string>
    assert.deepEqual([first['user-agent'], first['sec-fetch-site']], ['old', undefined])
    const options = { headers: { 'user-agent': 'new', Origin: null, 'Sec-Fetch-Site': 'none' } }
    const second = (await (await page.post('/', options)).json()) as Record<string, string>
    assert.deepEqual([second['user-agent'], second.origin, second['sec-fetch-site']], ['new', undefined, 'none'])
  })

  test('an https origin arrives in Node as an encrypted connection from loopback', async () => {
    assert.equal((await browser(listener, { origin }).get('/')).headers.get('x-peer'), '127.0.0.1 true')
    assert.equal((await browser(listener).get('/')).headers.get('x-peer'), '127.0.0.1 false')
  })

  test('what is no target, and what is no Response, is said so', async () => {
    assert.throws(() => browser({} as Target), /A target is/)
    const page = browser((() => 'text') as unknown as FetchHandler)
    await assert.rejects(page.get('/'), /something else than a Response/)
  })

  test('an application that breaks off is an error, and nothing stays open', async () => {
    const page = browser((request: IncomingMessage, _response: ServerResponse) => void request.socket.destroy())
    await assert.rejects(page.get('/'), /ECONNRESET|hang up/)
  })
})
