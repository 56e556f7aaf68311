import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import * as expressDoor from '../../src/adapters/express.ts'
import * as nodeDoor from '../../src/adapters/node.ts'
import type { Auth } from '../../src/http/auth.ts'
import type { RequestSession } from '../../src/http/request-session.ts'

export type Door = 'node:http' | 'express'
export const doors: readonly Door[] = ['node:http', 'express']

/** Something that listens on a free port of this machine. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** Called inside of `POST /slow`, before it writes. */
export type Pause = () => Promise<void>

/** A small application behind one of the doors, made of the calls that people write. */
export function raceApp(door: Door, auth: Auth, pause: Pause = async () => {}): RequestListener {
  const answer = async (session: RequestSession, method: string, url: URL): Promise<Said> => {
    const act = acts[`${method} ${url.pathname}`]
    return act === undefined ? { status: 404 } : act({ auth, session, query: url.searchParams, pause })
  }
  return door === 'express' ? expressApp(auth, answer) : nodeApp(auth, answer)
}

interface Said {
  readonly status: number
  readonly value?: unknown
}

type Answer = (session: RequestSession, method: string, url: URL) => Promise<Said>

function nodeApp(auth: Auth, answer: Answer): RequestListener {
  const endpoints = nodeDoor.routes(auth, { at: '/auth' })
  return nodeDoor.session(auth)(async (request, response) => {
    if (await endpoints(request, response)) return
    const { status, value } = await answer(request.session, request.method ?? '', urlOf(request.url))
    response.statusCode = status
    if (value === undefined) response.end()
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value))
  })
}

function expressApp(auth: Auth, answer: Answer): RequestListener {
  const app = express()
  app.use(expressDoor.session(auth))
  app.use('/auth', expressDoor.routes(auth))
  app.use(async (request, response) => {
    const { status, value } = await answer(request.session, request.method, urlOf(request.originalUrl))
    if (value === undefined) response.status(status).end()
    else response.status(status).json(value)
  })
  app.use(expressDoor.problems())
  return app
}

function urlOf(target: string | undefined): URL {
  return new URL(target ?? '/', 'http://localhost')
}

interface Act {
  readonly auth: Auth
  readonly session: RequestSession
  readonly query: URLSearchParams
  readonly pause: Pause
}

const acts: Readonly<Record<string, (act: Act) => Promise<Said>>> = {
  'GET /me': async ({ session }) =>
    session.id === null
      ? { status: 401 }
      : { status: 200, value: { id: session.id, user: session.user, role: session.claims.role ?? null } },
  'POST /login': async ({ session, query }) => {
    const present = query.get('present') === 'token' ? 'token' : 'cookie'
    return { status: 200, value: await session.login({ user: query.get('user') ?? '', present }) }
  },
  'POST /logout': async ({ session }) => {
    await session.logout()
    return { status: 204 }
  },
  'POST /logout-everywhere': async ({ session }) => {
    await session.logoutEverywhere()
    return { status: 204 }
  },
  'POST /end': async ({ auth, query }) => ({ status: (await auth.revoke(query.get('id') ?? '')) ? 204 : 404 }),
  'POST /role': async ({ auth, query }) => {
    const changed = await auth.update(query.get('id') ?? '', { claims: { role: query.get('role') ?? '' } })
    return changed.ok ? { status: 204 } : { status: 404, value: changed.reason }
  },
  'GET /data': async ({ session, query }) => {
    const keys = query.getAll('key')
    const values = await Promise.all(keys.map(async (key) => [key, (await session.get(key)) ?? null]))
    return { status: 200, value: Object.fromEntries(values) }
  },
  'POST /write': async ({ session, query }) => {
    await session.set(query.get('key') ?? '', query.get('value') ?? '')
    return { status: 204 }
  },
  'POST /read-then-write': async ({ session, query }) => {
    await session.get(query.get('key') ?? '')
    await session.set(query.get('key') ?? '', query.get('value') ?? '')
    return { status: 204 }
  },
  'POST /count': async ({ session }) => ({
    status: 200,
    value: await session.update('count', (count) => (typeof count === 'number' ? count + 1 : 1)),
  }),
  'POST /slow': async ({ session, query, pause }) => {
    await session.get('before')
    await pause()
    await session.set(query.get('key') ?? '', query.get('value') ?? '')
    return { status: 204 }
  },
}
