import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { type Heard, readHeard } from './heard.ts'

export type { Heard }
export type HeaderPair = readonly [name: string, value: string]

export interface Said {
  readonly method?: string
  readonly path: string
  readonly headers?: readonly HeaderPair[]
  readonly body?: string
}

/** A way to speak to a door: every request on a connection of its own, or in a stream of one connection. */
export interface Wire {
  ask(said: Said): Promise<Heard>
  close(): void
}

/** One connection of HTTP/1.1, byte by byte. */
export interface Connection {
  write(bytes: string | Uint8Array): void
  /** The next answer, to a request of that method (GET). A connection that ends before it gives status 0. */
  next(method?: string): Promise<Heard>
  /** Everything that comes until the server closes, as it comes. */
  rest(): Promise<string>
  /** The next bytes, at least so many; fewer where the connection ends. */
  bytes(count: number): Promise<Buffer>
  /** Hangs up at once. */
  cut(): void
}

export function openConnection(port: number): Connection {
  const socket = connectSocket(port, '127.0.0.1')
  let held = Buffer.alloc(0)
  let ended = false
  let wake = (): void => {}
  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    wake()
  })
  const end = (): void => {
    ended = true
    wake()
  }
  socket.on('error', end).on('close', end).on('end', end)

  async function until<T>(find: () => T | null): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== null) return found
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    write: (bytes) => void socket.write(bytes),
    next: (method = 'GET') =>
      until(() => {
        const read = readHeard(held, method, ended)
        if (read !== null) held = held.subarray(read.length)
        return read?.heard ?? null
      }),
    rest: async () => (await until(() => (ended ? held : null))).toString('latin1'),
    bytes: (count) =>
      until(() => {
        if (held.length < count && !ended) return null
        const taken = held.subarray(0, count)
        held = held.subarray(count)
        return taken
      }),
    cut: () => void socket.destroy(),
  }
}

export function requestBytes(port: number, { method = 'GET', path, headers = [], body }: Said): string {
  const own = headers.some(([name]) => name.toLowerCase() === 'host') ? [] : [['Host', `127.0.0.1:${port}`] as const]
  const length = body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]
  const lines = [...own, ...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

export function http1(port: number): Wire {
  return {
    ask: async (said) => {
      const connection = openConnection(port)
      connection.write(requestBytes(port, said))
      try {
        return await connection.next(said.method)
      } finally {
        connection.cut()
      }
    },
    close: () => {},
  }
}

/** HTTP/2 without TLS, all requests on one connection. */
export function http2(port: number): Wire {
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  return { ask: (said) => askStream(said), close: () => client.destroy() }

  async function askStream({ method = 'GET', path, headers = [], body }: Said): Promise<Heard> {
    const stream = client.request(streamHeaders(method, path, headers, body), { endStream: body === undefined })
    const interim: number[] = []
    const head = new Promise<{ status: number; lines: HeaderPair[] }>((resolve) => {
      stream.on('headers', (fields: IncomingHttpHeaders) => interim.push(Number(fields[':status'])))
      stream.on('response', (fields, _flags, raw: string[]) => {
        resolve({ status: Number(fields[':status']), lines: pairs(raw).filter(([name]) => name !== ':status') })
      })
      stream.on('close', () => resolve({ status: 0, lines: [] }))
    })
    stream.on('error', () => {})
    const received = textUntilClose(stream)
    if (body !== undefined) stream.end(body)
    const { status, lines } = await head
    return { status, lines, interim, body: await received, complete: stream.rstCode === 0 }
  }
}

/** All that comes, also where it breaks off. */
async function textUntilClose(stream: ClientHttp2Stream): Promise<string> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => stream.on('close', resolve))
  return Buffer.concat(chunks).toString()
}

function streamHeaders(
  method: string,
  path: string,
  headers: readonly HeaderPair[],
  body: string | undefined,
): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = { ':method': method, ':path': path }
  for (const [name, value] of headers) {
    const held = fields[name.toLowerCase()]
    fields[name.toLowerCase()] = held === undefined ? value : [held, value].flat()
  }
  return body === undefined ? fields : { ...fields, 'content-length': String(Buffer.byteLength(body)) }
}

function pairs(raw: readonly string[]): HeaderPair[] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at] ?? '', raw[2 * at + 1] ?? ''])
}
