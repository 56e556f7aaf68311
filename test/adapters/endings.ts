import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What the responses of both versions of HTTP have. */
export type Response = ServerResponse & Http2ServerResponse

/** One of the ways in which an application can end a response. */
export interface Ending {
  readonly run: (response: Response) => unknown
  readonly method?: string
  readonly status?: number
  /** The application's own cookies, in order. */
  readonly cookies?: readonly string[]
  /** Part of what arrives; an empty text: nothing arrives. */
  readonly body?: string
  readonly interim?: readonly number[]
}

const lists = [
  ['Set-Cookie', 'a=1'],
  ['X-App', 'x'],
  ['set-cookie', 'b=2'],
  ['Cache-Control', 'public'],
]
/** Node takes pairs; its types do not say so. */
const pairs = lists as unknown as string[]
const flat = lists.flat()
const two = ['a=1', 'b=2']

const bodies: Readonly<Record<string, Ending>> = {
  'end()': { run: (response) => response.end() },
  'end(body)': { run: (response) => response.end('body'), body: 'body' },
  'end(bytes, callback)': { run: (response) => response.end(Buffer.from('body'), () => {}), body: 'body' },
  'end later': { run: (response) => setImmediate(() => response.end('body')), body: 'body' },
  'write, then end': {
    run: (response) => {
      response.write('bo')
      response.end('dy')
    },
  },
  'cork, write, uncork': {
    run: (response) => {
      response.cork()
      response.write('body')
      response.uncork()
      response.end()
    },
    body: 'body',
  },
  'a stream piped': { run: (response) => Readable.from(['bo', 'dy']).pipe(response) },
  'a pipeline': { run: (response) => pipeline(Readable.from(['bo', 'dy']), response) },
  'flushHeaders, then end': {
    run: (response) => {
      response.flushHeaders()
      response.end('body')
    },
    body: 'body',
  },
  'flushHeaders, then end later': {
    run: (response) => {
      response.flushHeaders()
      setImmediate(() => response.end('body'))
    },
    body: 'body',
  },
}

const heads: Readonly<Record<string, Ending>> = {
  writeHead: { run: (response) => response.writeHead(201).end(), status: 201 },
  'writeHead with an object': {
    run: (response) => response.writeHead(200, { 'Set-Cookie': 'a=1', 'cache-control': 'public' }).end(),
    cookies: ['a=1'],
  },
  'writeHead with a list of cookies': {
    run: (response) => response.writeHead(200, { 'set-cookie': two }).end(),
    cookies: two,
  },
  'writeHead with a flat list': { run: (response) => response.writeHead(200, flat).end(), cookies: two },
  'writeHead with pairs': { run: (response) => response.writeHead(200, pairs).end(), cookies: two },
  'writeHead with a message': { run: (response) => response.writeHead(200, 'Fine').end() },
  'writeHead with a message and an object': {
    run: (response) => response.writeHead(200, 'Fine', { 'Set-Cookie': two }).end(),
    cookies: two,
  },
  'writeHead with a message and a flat list': {
    run: (response) => response.writeHead(200, 'Fine', flat).end(),
    cookies: two,
  },
  'writeHead, then write': {
    run: (response) => {
      response.writeHead(200, { 'Set-Cookie': 'a=1' })
      response.write('x')
      response.end()
    },
    cookies: ['a=1'],
  },
}

const fields: Readonly<Record<string, Ending>> = {
  setHeader: {
    run: (response) => {
      response.setHeader('set-cookie', 'a=1')
      response.end()
    },
    cookies: ['a=1'],
  },
  'setHeader with a list': {
    run: (response) => {
      response.setHeader('Set-Cookie', two)
      response.end()
    },
    cookies: two,
  },
  appendHeader: {
    run: (response) => {
      response.appendHeader('Set-Cookie', 'a=1')
      response.appendHeader('Set-Cookie', 'b=2')
      response.end()
    },
    cookies: two,
  },
  'setHeader, then writeHead': {
    run: (response) => {
      response.setHeader('Set-Cookie', two)
      response.writeHead(200, { 'X-App': 'x' }).end()
    },
    cookies: two,
  },
  'setHeader, then writeHead with pairs': {
    run: (response) => {
      response.setHeader('X-App', 'y')
      response.writeHead(200, pairs).end()
    },
    cookies: two,
  },
  'writeHead replaces setHeader, as in Node': {
    run: (response) => {
      response.setHeader('Set-Cookie', 'a=1')
      response.writeHead(200, { 'Set-Cookie': 'b=2' }).end()
    },
    cookies: ['b=2'],
  },
}

const statuses: Readonly<Record<string, Ending>> = {
  '204': { run: (response) => response.writeHead(204).end(), status: 204, body: '' },
  '304': {
    run: (response) => {
      response.statusCode = 304
      response.end()
    },
    status: 304,
    body: '',
  },
  redirect: { run: (response) => response.writeHead(303, { Location: '/x' }).end(), status: 303 },
  'not found': {
    run: (response) => {
      response.statusCode = 404
      response.end('none')
    },
    status: 404,
    body: 'none',
  },
  failure: { run: (response) => response.writeHead(503, { 'Retry-After': 1 }).end('down'), status: 503 },
  HEAD: {
    run: (response) => response.writeHead(200, { 'Content-Length': 4, 'Set-Cookie': 'a=1' }).end('body'),
    method: 'HEAD',
    body: '',
    cookies: ['a=1'],
  },
  'HEAD without a word': { run: (response) => response.end(), method: 'HEAD', body: '' },
  POST: { run: (response) => response.end('body'), method: 'POST' },
  '100, then the answer': {
    run: (response) => {
      response.writeContinue()
      response.end()
    },
    interim: [100],
  },
  '103, then the answer': {
    run: (response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.end()
    },
    interim: [103],
  },
}

export const endings: Readonly<Record<string, Ending>> = { ...bodies, ...heads, ...fields, ...statuses }
