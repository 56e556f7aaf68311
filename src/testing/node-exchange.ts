import {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
  type Server,
} from 'node:http'
import { request as requestHttps } from 'node:https'
import { type Duplex, duplexPair, Readable } from 'node:stream'

/** One request over Node's own HTTP, on a socket. */
export async function overSocket(request: Request): Promise<Response> {
  const send = request.url.startsWith('https:') ? requestHttps : requestHttp
  return exchange(request, (options) => send({ ...options, agent: false }))
}

/**
 * One request into a server that listens to nothing: Node's own HTTP on both sides of a pair of streams, so that the application notices no difference.
 * It sees a peer on loopback, and an encrypted connection where the origin is https.
 */
export async function intoServer(server: Server, request: Request): Promise<Response> {
  const [near, far] = duplexPair()
  const encrypted = request.url.startsWith('https:')
  Object.assign(far, { remoteAddress: '127.0.0.1', remoteFamily: 'IPv4', ...(encrypted ? { encrypted } : {}) })
  server.emit('connection', far)
  return exchange(request, (options) => requestHttp({ ...options, createConnection: (): Duplex => near }))
}

async function exchange(request: Request, open: (options: RequestOptions) => ClientRequest): Promise<Response> {
  const url = new URL(request.url)
  const body = request.body === null ? null : Buffer.from(await request.arrayBuffer())
  const hasLength = body !== null || request.method === 'POST' || request.method === 'PUT'
  const headers = {
    ...Object.fromEntries(request.headers),
    ...(hasLength ? { 'Content-Length': String(body?.length ?? 0) } : {}),
    Connection: 'close',
  }
  return new Promise((resolve, reject) => {
    const outgoing = open({
      ...{ method: request.method, headers, hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port },
      path: url.pathname + url.search,
    })
    outgoing.on('response', (incoming) => resolve(responseOf(incoming, request.method)))
    outgoing.on('error', reject)
    outgoing.end(body ?? undefined)
  })
}

function responseOf(incoming: IncomingMessage, method: string): Response {
  const { statusCode: status = 500, statusMessage: statusText = '', rawHeaders } = incoming
  const headers = headersOf(rawHeaders)
  const isEmpty = method === 'HEAD' || status === 204 || status === 205 || status === 304
  if (isEmpty) incoming.resume()
  const body = isEmpty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>)
  return new Response(body, { status, statusText, headers })
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at < raw.length; at += 2) headers.append(raw[at] as string, raw[at + 1] as string)
  return headers
}
