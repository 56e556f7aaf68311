import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Serves `(Request) => Response` on Node. */
export function bridge(handle: (request: Request) => Promise<Response>): RequestListener {
  return (incoming, outgoing) => {
    answer(handle, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

async function answer(
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = requestOf(incoming)
  if (request === null) {
    outgoing.writeHead(400).end()
    return
  }
  const { status, headers, body } = await handle(request)
  const fields = [...headers].filter(([name]) => name !== 'set-cookie')
  outgoing.writeHead(status, [...fields, ...headers.getSetCookie().map((line) => ['Set-Cookie', line])].flat())
  if (body === null || incoming.method === 'HEAD') {
    // Not waited for: the cancellation of one of two copies waits for the other.
    body?.cancel().catch(() => {})
    outgoing.end()
  } else await pipeline(Readable.fromWeb(body as never), outgoing)
}

function requestOf(incoming: IncomingMessage): Request | null {
  const { method = 'GET', rawHeaders, url = '/' } = incoming
  const at = URL.parse(url.startsWith('/') ? `http://${incoming.headers.host}${url}` : url)
  if (at === null) return null
  const headers = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] as string, rawHeaders[index + 1] as string)
  const withBody = method !== 'GET' && method !== 'HEAD'
  const body = withBody ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null
  return new Request(at, { method, headers, body, ...(withBody ? { duplex: 'half' } : {}) } as RequestInit)
}
