import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { type RequestSession, upgrade } from '../../../../src/adapters/node.ts'
import { profile } from '../application.ts'
import type { OpenDoor } from '../door.ts'
import type { World } from '../world.ts'

/** Serves an application over HTTP/1.1, with WebSockets at `/ws` and, guarded, at `/ws/guarded`. */
export async function serveHttp1(server: Server, world: World, release: () => unknown = () => {}): Promise<OpenDoor> {
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', upgradeListener(world, sockets))
  const port = await listen(server)
  return {
    port,
    control: world.control,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await release()
      await world.close()
    },
  }
}

type Session = { readonly session: RequestSession }

function upgradeListener({ auth }: World, sockets: WebSocketServer) {
  const greet = (socket: WebSocket, { session }: Session): void => socket.send(JSON.stringify(profile(session)))
  const anybody = upgrade(auth)((request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => greet(opened, request)),
  )
  const members = upgrade(
    auth,
    {},
  )((request, socket, head) => sockets.handleUpgrade(request, socket, head, (opened) => greet(opened, request)))
  return (...args: Parameters<typeof anybody>): unknown =>
    args[0].url === '/ws/guarded' ? members(...args) : anybody(...args)
}

export async function listen(server: Pick<Server, 'listen' | 'once' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
