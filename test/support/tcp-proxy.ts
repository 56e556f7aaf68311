import { createServer, connect as dial, type Socket } from 'node:net'

/** Stands between a node and its engine. */
export interface TcpProxy {
  readonly port: number
  /** Swallows all that is sent, in both directions; nothing is closed. */
  swallow(): void
  /** Passes everything on this much later. */
  delay(ms: number): void
  /** Passes everything on again; connections that swallowed something are cut, as what was swallowed is gone. */
  heal(): void
  close(): Promise<void>
}

export async function tcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const spoilt = new Set<Socket>()
  let isSwallowing = false
  let delay = 0

  function pass(from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (isSwallowing) {
        spoilt.add(from).add(to)
        return
      }
      const send = (): void => {
        if (!to.destroyed) to.write(chunk)
      }
      if (delay === 0) send()
      else setTimeout(send, delay)
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }

  const server = createServer((near) => {
    const far = dial(target, '127.0.0.1')
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    pass(near, far)
    pass(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    swallow: () => {
      isSwallowing = true
    },
    delay: (ms) => {
      delay = ms
    },
    heal: () => {
      isSwallowing = false
      delay = 0
      for (const socket of spoilt) socket.destroy()
      spoilt.clear()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
