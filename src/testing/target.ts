import { createServer, type IncomingMessage, Server, type ServerResponse } from 'node:http'
import { intoServer, overSocket } from './node-exchange.ts'

/** What answers requests in the terms of the web: Bun, Deno, edge servers, Hono's `app.fetch`, a Next route handler. */
export type FetchHandler = (request: Request) => Response | Promise<Response>

/** What answers requests in Node's terms: a handler of node:http, an Express application. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown

/** What Fastify has for tests, as far as it is used here. */
export interface Injectable {
  inject(options: Injected): PromiseLike<InjectedAnswer>
}

export interface Injected {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload?: Buffer
  readonly remoteAddress: string
}

export interface InjectedAnswer {
  readonly statusCode: number
  readonly statusMessage: string
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>
  readonly rawPayload: Buffer
}

/**
 * What a test browser can send requests to:
 *
 * - an origin like `http://127.0.0.1:8080`: over the network;
 * - a function of one parameter: it is given a `Request` and answers with a `Response`. A function of two parameters that does that goes in as `{ fetch }`;
 * - a function of two or three, or a `Server` that need not listen: Node's own HTTP, without a port;
 * - a Fastify instance: by its `inject`;
 * - an object with `fetch`, like a Hono application.
 */
export type Target = string | URL | FetchHandler | NodeListener | Server | Injectable | { readonly fetch: FetchHandler }

/** Sends one request, and gives the answer as it comes: no redirect is followed. */
export type Exchange = (request: Request) => Promise<Response>

export function exchangeWith(target: Target): Exchange {
  if (typeof target === 'string' || target instanceof URL) return overSocket
  if (target instanceof Server) return (request) => intoServer(target, request)
  if ('inject' in target) return (request) => inject(target, request)
  if ('fetch' in target) return askedBy((request) => target.fetch(request))
  if (typeof target !== 'function')
    throw new TypeError('A target is an origin, a handler, a Server, or an object with inject or fetch.')
  if (target.length <= 1) return askedBy(target as FetchHandler)
  const server = createServer(target as NodeListener)
  return (request) => intoServer(server, request)
}

/** The origin that a target stands for where it names one. */
export function originOf(target: Target): string | null {
  return typeof target === 'string' || target instanceof URL ? new URL(target).origin : null
}

function askedBy(handler: FetchHandler): Exchange {
  return async (request) => {
    const response: unknown = await handler(request)
    if (!isResponse(response))
      throw new TypeError(
        'The handler answered with something else than a Response. One for node:http has two parameters.',
      )
    // A server would send the head only.
    return request.method === 'HEAD' && response.body !== null ? new Response(null, response) : response
  }
}

/** Not by `instanceof`: some servers bring their own. */
function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'headers' in value && 'status' in value
}

async function inject(app: Injectable, request: Request): Promise<Response> {
  const answer = await app.inject({
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    ...(request.body === null ? {} : { payload: Buffer.from(await request.arrayBuffer()) }),
    remoteAddress: '127.0.0.1',
  })
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers))
    for (const line of [value ?? []].flat()) headers.append(name, String(line))
  const { statusCode: status, statusMessage: statusText, rawPayload } = answer
  const isEmpty = request.method === 'HEAD' || status === 204 || status === 205 || status === 304
  return new Response(isEmpty ? null : new Uint8Array(rawPayload), { status, statusText, headers })
}
