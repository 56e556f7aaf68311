import assert from 'node:assert/strict'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import {
  connect,
  createServer as createServer2,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  sensitiveHeaders,
} from 'node:http2'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { beforeHead } from '../../src/adapters/before-head.ts'
import { endings, type Response } from './endings.ts'
import { both, hooked, ourCookies, ours } from './hooked.ts'
import { listen, visit1, visit2 } from './wire.ts'

const file = fileURLToPath(import.meta.url)

describe('35 every ending carries our headers', () => {
  for (const [name, ending] of Object.entries(endings)) {
    test(name, async () => {
      for (const seen of await hooked(ending.run, ending.method)) {
        assert.equal(seen.status, ending.status ?? 200)
        assert.deepEqual(seen.cookies, ending.cookies ?? [])
        assert.deepEqual(seen.interim, ending.interim ?? [])
        if (ending.body === '') assert.equal(seen.body, '')
        if (ending.body !== undefined) assert.ok(seen.body.includes(ending.body), seen.body)
      }
    })
  }

  test('102, then the answer (HTTP/1)', async () => {
    const seen = await visit1((_request, response) => {
      beforeHead(response, () => ours)
      response.writeProcessing()
      response.end()
    })
    assert.deepEqual([seen.interim, seen.cookies], [[102], ourCookies])
  })

  test('writeHead with two spellings of a name (HTTP/1)', async () => {
    const seen = await visit1((_request, response) => {
      beforeHead(response, () => ours)
      response.writeHead(200, { 'Set-Cookie': 'a=1', 'set-cookie': 'b=2', 'X-App': 'x', 'x-app': 'y' }).end()
    })
    assert.deepEqual([seen.cookies, seen.header('x-app')], [['a=1', 'b=2', ...ourCookies], ['y']])
  })

  test("Node's old alias writeHeader (HTTP/1)", async () => {
    const seen = await visit1((_request, response) => {
      beforeHead(response, () => ours)
      const writeHeader: unknown = Reflect.get(response, 'writeHeader')
      Reflect.apply(writeHeader as () => void, response, [200, ['Set-Cookie', 'a=1']])
      response.end()
    })
    assert.deepEqual(seen.cookies, ['a=1', ...ourCookies])
  })

  const core: Readonly<Record<string, (response: Http2ServerResponse) => unknown>> = {
    respond: ({ stream }) => stream.respond({ ':status': 200, 'Set-Cookie': 'a=1' }, { endStream: true }),
    'respond with a flat list': ({ stream }) => stream.respond(['set-cookie', 'a=1'], { endStream: true }),
    respondWithFile: ({ stream }) => stream.respondWithFile(file, { 'set-cookie': ['a=1'] }),
    respondWithFD: async ({ stream }) => {
      const handle = await open(file)
      stream.on('close', () => void handle.close())
      stream.respondWithFD(handle, { 'Set-Cookie': 'a=1' })
    },
    'respond after a file that is not there': ({ stream }) => {
      const onError = (): void => stream.respond({ 'set-cookie': 'a=1' }, { endStream: true })
      stream.respondWithFile(`${file}.none`, {}, { onError })
    },
  }
  for (const [name, run] of Object.entries(core)) {
    test(`${name} (HTTP/2)`, async () => {
      let calls = 0
      const seen = await visit2((response) => {
        beforeHead(response, () => {
          calls++
          return ours
        })
        return run(response)
      })
      assert.deepEqual([calls, seen.cookies], [1, ['a=1', ...ourCookies]])
    })
  }

  test('fields that must not be indexed stay so (HTTP/2)', async () => {
    const server = createServer2((_request, response) => {
      beforeHead(response, () => ours)
      response.stream.respond({ 'x-app': 'x', [sensitiveHeaders]: ['x-app'] }, { endStream: true })
    })
    const client = connect(`http://127.0.0.1:${await listen(server)}`)
    const stream = client.request({ ':path': '/' })
    const [headers] = (await once(stream.resume(), 'response')) as [IncomingHttpHeaders]
    assert.deepEqual([Reflect.get(headers, sensitiveHeaders), headers['set-cookie']], [['x-app'], ourCookies])
    client.close()
    server.close()
  })

  interface Route {
    readonly run: (response: express.Response, next: express.NextFunction) => unknown
    readonly status: number
    readonly cookies?: readonly string[]
  }
  const routes: Readonly<Record<string, Route>> = {
    json: { run: (response) => response.json({ a: 1 }), status: 200 },
    'cookie and send': {
      run: (response) => response.cookie('a', '1').send('x'),
      status: 200,
      cookies: ['a=1; Path=/'],
    },
    'cookie and redirect': {
      run: (response) => response.cookie('a', '1').redirect('/x'),
      status: 302,
      cookies: ['a=1; Path=/'],
    },
    sendStatus: { run: (response) => response.sendStatus(204), status: 204 },
    sendFile: { run: (response) => response.sendFile(file), status: 200 },
    'the error handler': { run: (_, next) => next(Object.assign(new Error('x'), { status: 418 })), status: 418 },
    'an exception': { run: () => assert.fail(), status: 500 },
    'no route': { run: (_, next) => next(), status: 404 },
  }
  for (const [name, route] of Object.entries(routes)) {
    test(`Express: ${name}`, async () => {
      const app = express().set('env', 'test')
      app.use((_request, response, next) => {
        beforeHead(response, () => ours)
        next()
      })
      app.use((_request, response, next) => void route.run(response, next))
      const seen = await visit1(app)
      assert.deepEqual([seen.status, seen.cookies], [route.status, [...(route.cookies ?? []), ...ourCookies]])
      assert.deepEqual(seen.header('cache-control'), ['no-store'])
    })
  }
})

describe('C10 other headers', () => {
  const varies: readonly (readonly [app: string | string[] | undefined, ours: string, expected: string])[] = [
    [undefined, 'Cookie', 'Cookie'],
    ['Accept', 'Cookie', 'Accept, Cookie'],
    ['cookie', 'Cookie', 'cookie'],
    ['Accept, COOKIE ,Origin', 'Cookie, Origin, Sec-Fetch-Site', 'Accept, COOKIE, Origin, Sec-Fetch-Site'],
    [['Accept', 'Origin'], 'Cookie', 'Accept, Origin, Cookie'],
    ['*', 'Cookie', '*'],
    ['Accept, *', 'Cookie', '*'],
    ['Accept', '*', '*'],
    ['', 'Cookie', 'Cookie'],
    [' , ,', 'Cookie', 'Cookie'],
  ]
  for (const [app, added, expected] of varies) {
    test(`Vary ${JSON.stringify(app)} and ${JSON.stringify(added)}: ${expected}`, async () => {
      for (const way of ['set', 'pass'] as const) {
        const visits = await both((response) => {
          beforeHead(response, () => [['Vary', added]])
          if (app !== undefined && way === 'set') response.setHeader('vary', app)
          response.writeHead(200, app !== undefined && way === 'pass' ? { VARY: app } : {}).end()
        })
        for (const seen of visits) assert.deepEqual(seen.header('vary'), [expected])
      }
    })
  }

  test('nothing to add changes nothing', async () => {
    const visits = await both((response) => {
      beforeHead(response, () => [])
      response.setHeader('Set-Cookie', 'a=1')
      response.writeHead(200, { 'Cache-Control': 'public', 'X-App': ['1', '2'] }).end()
    })
    for (const seen of visits) {
      assert.deepEqual([seen.cookies, seen.header('cache-control')], [['a=1'], ['public']])
      assert.equal(seen.header('x-app').join(), '1,2')
    }
  })

  test('the fields of the application stay as they were', async () => {
    const headers = ['X-Two', '1', 'Content-Length', '4', 'x-two', '2', 'Content-Type', 'text/plain']
    for (const seen of await hooked((response) => response.writeHead(200, headers).end('body'))) {
      assert.equal(seen.header('x-two').join(), '1,2')
      assert.deepEqual([seen.header('content-length'), seen.header('content-type')], [['4'], ['text/plain']])
      assert.equal(seen.body, 'body')
    }
  })
})

describe('other hooks', () => {
  /** As on-headers does: what is passed is set, the listener runs, the status goes on. */
  function listener(response: Response, run: (response: Response) => void): void {
    const previous = response.writeHead
    Object.assign(response, {
      writeHead(status: number, headers?: Record<string, string>) {
        for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
        run(response)
        return Reflect.apply(previous, response, [status])
      },
    })
  }

  /** Passes its header on as an argument. */
  function passing(response: Response, added: Record<string, string>): void {
    const previous = response.writeHead
    Object.assign(response, {
      writeHead: (status: number, headers?: Record<string, string>): unknown =>
        Reflect.apply(previous, response, [status, { ...headers, ...added }]),
    })
  }

  const hooks: Readonly<Record<string, (response: Response) => void>> = {
    'a listener that appends': (response) => listener(response, () => response.appendHeader('Set-Cookie', 'hook=1')),
    'a listener that reads and sets': (response) =>
      listener(response, () => {
        const held = response.getHeader('Set-Cookie') ?? []
        response.setHeader('Set-Cookie', [held, 'hook=1'].flat().map(String))
      }),
    'a listener that sets': (response) =>
      listener(response, () => {
        response.setHeader('Set-Cookie', 'hook=1')
        response.setHeader('Cache-Control', 'public')
      }),
    'a listener that removes': (response) =>
      listener(response, () => {
        for (const name of response.getHeaderNames()) response.removeHeader(name)
        response.setHeader('Set-Cookie', 'hook=1')
      }),
    'a listener that removes last': (response) =>
      listener(response, () => {
        response.appendHeader('Set-Cookie', 'hook=1')
        response.removeHeader('Cache-Control')
      }),
    'a listener that appends to another': (response) =>
      listener(response, () => {
        response.appendHeader('Set-Cookie', 'hook=1')
        response.appendHeader('Cache-Control', 'public')
      }),
    'one that passes': (response) => passing(response, { 'Set-Cookie': 'hook=1', 'Cache-Control': 'public' }),
  }
  const places = { before: [true, false], after: [false, true], 'before and after': [true, true] } as const
  for (const [name, hook] of Object.entries(hooks)) {
    for (const [place, [before, after]] of Object.entries(places)) {
      test(`${name}, ${place} ours`, async () => {
        const visits = await both((response) => {
          let calls = 0
          if (before) hook(response)
          beforeHead(response, () => {
            calls++
            assert.equal(calls, 1)
            return ours
          })
          if (after) hook(response)
          response.end('body')
        })
        for (const seen of visits) {
          assert.deepEqual(new Set(seen.cookies), new Set(['hook=1', ...ourCookies]))
          for (const line of ourCookies) assert.equal(seen.cookies.filter((one) => one === line).length, 1)
          assert.deepEqual(seen.header('cache-control'), ['no-store'])
          assert.ok(seen.body.includes('body'))
        }
      })
    }
  }

  test('the response is itself again afterwards', async () => {
    for (const seen of await hooked((response) => {
      listener(response, () => {})
      beforeHead(response, () => ours)
      response.writeHead(200)
      for (const name of ['setHeader', 'appendHeader', 'removeHeader']) assert.ok(!Object.hasOwn(response, name), name)
      response.end()
    }))
      assert.equal(seen.status, 200)
  })

  test('two of ours, and the same line twice', async () => {
    for (const seen of await hooked((response) => {
      beforeHead(response, () => [['Set-Cookie', 'theme=dark'], ['Set-Cookie', 'theme=dark'], ...ours])
      response.end()
    }))
      assert.deepEqual(seen.cookies, ['theme=dark'])
  })
})
