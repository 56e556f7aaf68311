import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'

/** What an application that knows nothing of Handstamp got: it answers with it. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Application {
  readonly port: number
  /** How many requests have reached it. */
  readonly count: () => number
  close(): Promise<void>
}

/** Answers each request with what it received, sets a cookie of its own, and greets whoever opens a WebSocket. */
export async function startApplication(): Promise<Application> {
  let count = 0
  const sockets = new Set<Duplex>()
  const server = createServer((request, response) => {
    count++
    void text(request).then((body) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': 'own=1; Path=/' })
      response.end(JSON.stringify(received(request, body)))
    })
  })
  server.on('upgrade', (request, socket) => {
    count++
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    const greeting = `hello ${request.headers['x-auth-name']}`
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    socket.write(Buffer.concat([Buffer.from([0x81, greeting.length]), Buffer.from(greeting)]))
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    close: async () => {
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function received({ method = '', url = '', headers }: IncomingMessage, body: string): Received {
  return { method, url, headers: headers as Record<string, string>, body }
}
