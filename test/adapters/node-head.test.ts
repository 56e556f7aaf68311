import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, createServer as createServer2, type Http2ServerRequest, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import express from 'express'
import { pickHead } from '../../src/adapters/node-head.ts'
import type { RequestHead } from '../../src/base/head.ts'
import { listen } from './wire.ts'

/** The head as it is while the request is under way. */
async function send1(
  lines: readonly string[],
  pick: (request: IncomingMessage) => RequestHead = pickHead,
): Promise<RequestHead> {
  const picked: RequestHead[] = []
  const server = createServer((request, response) => {
    picked.push(pick(request))
    response.end()
  })
  const socket = connectSocket(await listen(server), '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
  await text(socket)
  server.close()
  assert.ok(picked[0])
  return picked[0]
}

async function send2(headers: OutgoingHttpHeaders): Promise<RequestHead> {
  const picked: RequestHead[] = []
  const server = createServer2((request: Http2ServerRequest, response) => {
    picked.push(pickHead(request))
    response.end()
  })
  const client = connect(`http://127.0.0.1:${await listen(server)}`)
  const stream = client.request(headers)
  stream.end()
  stream.resume()
  await once(stream, 'close')
  client.close()
  server.close()
  assert.ok(picked[0])
  return picked[0]
}

describe('the head of a node request', () => {
  test('HTTP/1', async () => {
    const head = await send1([
      'POST /me?x=1 HTTP/1.1',
      'Host: localhost:1',
      'Cookie: a=1',
      'cookie: b=2',
      'X-A: 1',
      'x-a: 2',
      'Content-Length: 0',
    ])
    assert.deepEqual([head.method, head.target, head.peer, head.encrypted], ['POST', '/me?x=1', '127.0.0.1', false])
    assert.deepEqual([head.header('host'), head.count('host')], ['localhost:1', 1])
    assert.deepEqual([head.header('cookie'), head.count('cookie')], ['a=1; b=2', 2])
    assert.deepEqual([head.header('x-a'), head.count('x-a')], ['1, 2', 2])
    assert.deepEqual([head.header('origin'), head.count('origin')], [undefined, 0])
  })

  test('X2 lines that Node drops or joins are counted', async () => {
    const twice = [
      'Origin: https://a',
      'ORIGIN: https://b',
      'Authorization: Bearer a',
      'authorization: Bearer b',
      'Referer: a',
      'Referer: b',
    ]
    const head = await send1(['GET / HTTP/1.1', 'Host: a', ...twice])
    for (const name of ['origin', 'authorization', 'referer']) assert.equal(head.count(name), 2, name)
    // Node keeps the first line only, or joins them, as its version likes.
    assert.match(head.header('origin') ?? '', /^https:\/\/a(, https:\/\/b)?$/)
  })

  test('X1 several lines of Sec-Fetch-Site are joined', async () => {
    const head = await send1([
      'GET / HTTP/1.1',
      'Host: a',
      'Sec-Fetch-Site: same-origin',
      'Sec-Fetch-Site: same-origin',
    ])
    assert.equal(head.header('sec-fetch-site'), 'same-origin, same-origin')
  })

  test('31 names of objects are no headers', async () => {
    const head = await send1(['GET / HTTP/1.1', 'Host: a'])
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      assert.equal(head.header(name), undefined)
    const sent = await send1(['GET / HTTP/1.1', 'Host: a', 'constructor: x'])
    assert.equal(sent.header('constructor'), 'x')
  })

  test('the target is the one that was sent, also inside a router', async () => {
    const picked: RequestHead[] = []
    const app = express()
    app.use('/auth', (request, response) => {
      picked.push(pickHead(request))
      response.end()
    })
    const server = createServer(app)
    const socket = connectSocket(await listen(server), '127.0.0.1')
    socket.write('GET /auth/token?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await text(socket)
    server.close()
    assert.equal(picked[0]?.target, '/auth/token?x')
  })

  test('an encrypted connection', async () => {
    const head = await send1(['GET / HTTP/1.1', 'Host: a'], (request) => {
      Object.assign(request.socket, { encrypted: true })
      return pickHead(request)
    })
    assert.equal(head.encrypted, true)
  })

  test('HTTP/2: :authority is the host', async () => {
    const head = await send2({
      ':method': 'PUT',
      ':path': '/x?y',
      ':authority': 'example.com:8443',
      cookie: ['a=1', 'b=2'],
    })
    assert.deepEqual([head.method, head.target, head.peer, head.encrypted], ['PUT', '/x?y', '127.0.0.1', false])
    assert.deepEqual([head.header('host'), head.count('host')], ['example.com:8443', 1])
    assert.equal(head.header('cookie'), 'a=1; b=2')
  })

  test('HTTP/2: Host alone, an equal one, and another one', async () => {
    const alone = await send2({ ':path': '/', host: 'a.example' })
    assert.deepEqual([alone.header('host'), alone.count('host')], ['a.example', 1])
    const equal = await send2({ ':path': '/', ':authority': 'a.example', host: 'a.example' })
    assert.deepEqual([equal.header('host'), equal.count('host')], ['a.example', 1])
    const other = await send2({ ':path': '/', ':authority': 'a.example', host: 'b.example' })
    assert.deepEqual([other.header('host'), other.count('host')], ['a.example', 2])
  })
})
