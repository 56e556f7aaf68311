import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import express from 'express'
import { requireSession, session } from '../../src/adapters/express.ts'
import { upgrade } from '../../src/adapters/node.ts'
import { handstamp, memory } from '../../src/index.ts'

/** What an application counts by itself. */
export interface Counts {
  notes: number
  sockets: number
}

export interface Listeners {
  readonly listener: RequestListener
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly close?: () => Promise<void>
}

/** What others try to do in the victim's name. */
export type DeedName = 'login' | 'logout' | 'note' | 'socket'

export interface Deed {
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
}

export type Deeds = Readonly<Record<DeedName, Deed>>

/**
 * An application under attack: `GET /` is a page, `GET /whoami` tells who is signed in, `deeds.login` signs somebody in, `deeds.logout` out, `deeds.note` counts for
 * whoever is signed in, and `deeds.socket` opens a WebSocket for them.
 */
export interface Target {
  readonly name: string
  readonly origin: string
  readonly deeds: Deeds
  readonly victim: Deed['fields']
  readonly counts: Counts
  /** Requests that have come for a path, but for preflights. */
  arrived(path: string): number
  close(): Promise<void>
}

export interface Blueprint {
  readonly name: string
  readonly deeds: Deeds
  /** Fields with which the victim signs in. */
  readonly victim: Deed['fields']
  make(origin: string, counts: Counts): Listeners | Promise<Listeners>
}

/** Opens it on a free port, under a name on loopback that browsers take for a site of its own. */
export async function openTarget({ name, deeds, victim, make }: Blueprint, host = 'app.localhost'): Promise<Target> {
  const counts: Counts = { notes: 0, sockets: 0 }
  const arrivals = new Map<string, number>()
  const arrive = ({ method, url = '' }: IncomingMessage): void => {
    const [path = ''] = url.split('?', 1)
    if (method !== 'OPTIONS') arrivals.set(path, (arrivals.get(path) ?? 0) + 1)
  }
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`
  const listeners = await make(origin, counts)
  server.on('request', (request, response) => {
    arrive(request)
    listeners.listener(request, response)
  })
  const sockets = new Set<Duplex>()
  server.on('upgrade', (request, socket, head) => {
    arrive(request)
    sockets.add(socket)
    socket.on('error', () => {})
    listeners.upgrade(request, socket, head)
  })
  return {
    ...{ name, origin, deeds, victim, counts },
    arrived: (path) => arrivals.get(path) ?? 0,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await listeners.close?.()
    },
  }
}

/** Handstamp with its defaults. */
export const handstampApp: Blueprint = {
  name: 'Handstamp',
  deeds: {
    login: { path: '/login', fields: { user: 'mallory' } },
    logout: { path: '/logout', fields: {} },
    note: { path: '/note', fields: { text: 'hello' } },
    socket: { path: '/socket', fields: {} },
  },
  victim: { user: 'ada' },
  make: (_origin, counts) => {
    const auth = handstamp({ secrets: 'Kf8-first-2mXw0_qVtZ6rJyB4nLd9cH', backend: memory() })
    const app = express().use(session(auth), express.json(), express.urlencoded())
    app.get('/', (_request, response) => void response.send('<!doctype html><title>app</title>'))
    app.get('/whoami', (request, response) => void response.json({ user: request.session.user }))
    app.post('/login', async (request, response) => {
      const { user } = (request.body ?? {}) as { readonly user?: string }
      if (user === undefined) response.sendStatus(400)
      else response.json(await request.session.login({ user }))
    })
    app.post('/logout', async (request, response) => {
      await request.session.logout()
      response.status(204).end()
    })
    app.post('/note', requireSession(), (_request, response) => {
      counts.notes++
      response.status(204).end()
    })
    const accept = upgrade(
      auth,
      {},
    )((request, socket) => {
      counts.sockets++
      acceptWebSocket(request, socket)
    })
    return { listener: app, upgrade: accept, close: () => auth.close() }
  },
}

/** Says yes to a WebSocket (RFC 6455 4.2.2), and nothing after that. */
function acceptWebSocket(request: IncomingMessage, socket: Duplex): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
}
