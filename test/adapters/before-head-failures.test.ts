import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, constants, createServer as createServer2, type Http2ServerResponse } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import express from 'express'
import { beforeHead } from '../../src/adapters/before-head.ts'
import { endings, type Response } from './endings.ts'
import { both, hooked, ourCookies, ours } from './hooked.ts'
import { listen, visit1, visit2 } from './wire.ts'

describe('when something goes wrong', () => {
  const failing = (): never => {
    throw new Error('provide failed')
  }

  test('what provide throws reaches Express, which answers without our headers', async () => {
    let calls = 0
    const app = express().set('env', 'test')
    app.use((_request, response, next) => {
      beforeHead(response, () => {
        calls++
        return failing()
      })
      next()
    })
    app.get('/', (_request, response) => void response.json({ a: 1 }))
    const seen = await visit1(app)
    assert.deepEqual([calls, seen.status, seen.cookies], [1, 500, []])
  })

  test('the answer to the error has its own length (HTTP/1)', async () => {
    const seen = await visit1((_request, response) => {
      beforeHead(response, failing)
      assert.throws(() => response.end(), /provide failed/)
      response.writeHead(500)
      response.write('so')
      response.end('rry')
    })
    assert.deepEqual([seen.status, seen.header('content-length')], [500, []])
    assert.match(seen.body, /so\r\n3\r\nrry/)
  })

  test('HTTP/2: an ending with a body can be answered again', async () => {
    const seen = await visit2((response) => {
      beforeHead(response, failing)
      assert.throws(() => response.end('body'), /provide failed/)
      response.statusCode = 500
      response.end('sorry')
    })
    assert.deepEqual([seen.status, seen.cookies, seen.body], [500, [], 'sorry'])
  })

  test('HTTP/2: an ending without a body closes the stream with an error', async () => {
    const server = createServer2((_request, response) => {
      beforeHead(response, failing)
      assert.throws(() => response.end(), /provide failed/)
      response.end('sorry')
    })
    const client = connect(`http://127.0.0.1:${await listen(server)}`)
    const stream = client.request({ ':path': '/' })
    await assert.rejects(once(stream, 'response'), /NGHTTP2_INTERNAL_ERROR/)
    assert.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR)
    client.close()
    server.close()
  })

  test('a head that Node refuses is tried again with the same lines, though all headers were removed', async () => {
    for (const seen of await hooked((response) => {
      assert.throws(() => response.writeHead(200, { 'bad name': 'x' }))
      assert.throws(() => response.writeHead(200, ['Set-Cookie']))
      if (!('stream' in response)) assert.throws(() => (response as ServerResponse).writeHead(99))
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      response.writeHead(500, { 'Set-Cookie': 'a=1' }).end()
    }))
      assert.deepEqual([seen.status, seen.cookies], [500, ['a=1']])
  })

  test('a second head is an error as ever, and asks for nothing', async () => {
    for (const seen of await hooked((response) => {
      response.writeHead(200)
      assert.throws(() => response.writeHead(201), { code: /HEADERS_SENT/ })
      response.end()
    }))
      assert.equal(seen.status, 200)
  })

  test('a hook that comes after the head asks for nothing', async () => {
    const visits = await both((response) => {
      response.writeHead(200)
      beforeHead(response, () => assert.fail('provide is called'))
      assert.throws(() => response.writeHead(201), { code: /HEADERS_SENT/ })
      if ('stream' in response) assert.throws(() => response.stream.respond({}), { code: 'ERR_HTTP2_HEADERS_SENT' })
      response.end()
    })
    for (const seen of visits) assert.equal(seen.status, 200)
  })

  test('HTTP/2: a flat list with a name that has no value, which Node lets pass, carries ours too', async () => {
    const seen = await visit2((response) => {
      beforeHead(response, () => ours)
      response.stream.respond(['x-app', 'x', 'set-cookie'], { endStream: true })
    })
    assert.deepEqual([seen.header('x-app'), seen.cookies], [['x'], ourCookies])
  })

  for (const ending of ['end()', 'write, then end', 'flushHeaders, then end', 'writeHead with an object']) {
    test(`${ending} after the client has gone throws nothing`, async () => {
      const gone = Promise.withResolvers<void>()
      const finish = (response: ServerResponse | Http2ServerResponse): void => {
        beforeHead(response, () => ours)
        response.on('error', () => {})
        response.on('close', () => {
          try {
            endings[ending]?.run(response as Response)
            gone.resolve()
          } catch (error) {
            gone.reject(error)
          }
        })
      }
      const server = createServer((_request, response) => finish(response))
      const socket = connectSocket(await listen(server), '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await once(server, 'request')
      socket.destroy()
      await gone.promise
      server.close()
    })
  }

  test('HTTP/2: an ending after the stream was reset throws nothing', async () => {
    const gone = Promise.withResolvers<void>()
    const server = createServer2((_request, response) => {
      beforeHead(response, () => ours)
      response.stream.on('close', () => {
        response.end('body')
        gone.resolve()
      })
    })
    const client = connect(`http://127.0.0.1:${await listen(server)}`)
    const stream = client.request({ ':path': '/' })
    stream.on('error', () => {})
    await once(server, 'request')
    stream.close(constants.NGHTTP2_CANCEL)
    await gone.promise
    client.close()
    server.close()
  })

  test('a connection that stays open carries one answer after another', async () => {
    const server = createServer((_request, response) => {
      beforeHead(response, () => ours)
      response.end('body')
    })
    const socket = connectSocket(await listen(server), '127.0.0.1')
    socket.write(
      'GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    )
    const raw = await text(socket)
    assert.equal(raw.match(/Set-Cookie: session=1/g)?.length, 2)
    server.close()
  })
})
