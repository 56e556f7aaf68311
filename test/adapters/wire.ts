import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, createServer as createServer2, type Http2ServerResponse, type IncomingHttpHeaders } from 'node:http2'
import { type AddressInfo, connect as connectSocket, type Server } from 'node:net'
import { text } from 'node:stream/consumers'

/** What came over the wire, line by line. */
export interface Seen {
  readonly status: number
  readonly cookies: readonly string[]
  readonly header: (name: string) => readonly string[]
  readonly names: readonly string[]
  /** Statuses of the interim answers. */
  readonly interim: readonly number[]
  readonly body: string
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Sends one request over HTTP/1.1 and reads the raw bytes of the answer. Rejects with what the listener throws. */
export async function visit1(listener: RequestListener, method: string = 'GET'): Promise<Seen> {
  const server = createServer((request, response) => {
    orElse(
      () => listener(request, response),
      (error) => socket.destroy(error),
    )
  })
  const socket = connectSocket(await listen(server), '127.0.0.1')
  socket.write(`${method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  try {
    return readAnswer(await text(socket))
  } finally {
    server.close()
  }
}

function orElse(run: () => unknown, failed: (error: Error) => unknown): void {
  try {
    run()
  } catch (error) {
    failed(error as Error)
  }
}

function readAnswer(raw: string): Seen {
  const interim: number[] = []
  for (let at = 0; ; ) {
    const end = raw.indexOf('\r\n\r\n', at)
    assert.ok(end > 0, `no head in ${JSON.stringify(raw)}`)
    const lines = raw.slice(at, end).split('\r\n')
    const status = Number(lines[0]?.split(' ')[1])
    const fields = lines.slice(1).map((line) => line.split(/: (.*)/s, 2))
    const header = (name: string): readonly string[] =>
      fields.filter(([one]) => one?.toLowerCase() === name).map(([, value]) => value ?? '')
    at = end + 4
    const names = fields.map(([name]) => name?.toLowerCase() ?? '')
    if (status >= 200) return { status, cookies: header('set-cookie'), header, names, interim, body: raw.slice(at) }
    assert.deepEqual(header('set-cookie'), [])
    interim.push(status)
  }
}

/** The same over HTTP/2 without TLS; the lines are those of the HEADERS frame. */
export async function visit2(
  handler: (response: Http2ServerResponse) => unknown,
  method: string = 'GET',
): Promise<Seen> {
  const server = createServer2((_request, response) => {
    orElse(
      () => handler(response),
      (error) => client.destroy(error),
    )
  })
  const client = connect(`http://127.0.0.1:${await listen(server)}`)
  client.on('error', () => {})
  const stream = client.request({ ':method': method, ':path': '/' })
  stream.end()
  const interim: number[] = []
  stream.on('headers', (headers: IncomingHttpHeaders) => {
    assert.equal(headers['set-cookie'], undefined)
    interim.push(Number(headers[':status']))
  })
  try {
    const [headers, , lines] = (await once(stream, 'response')) as [IncomingHttpHeaders, number, string[]]
    const header = (name: string): readonly string[] =>
      lines.filter((_, index) => index % 2 === 1 && lines[index - 1] === name)
    const status = Number(headers[':status'])
    const names = lines.filter((_, index) => index % 2 === 0)
    return { status, cookies: header('set-cookie'), header, names, interim, body: await text(stream) }
  } finally {
    client.destroy()
    server.close()
  }
}
