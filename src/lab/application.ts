import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import {
  type Handler,
  type RequestSession,
  requireSession,
  routes,
  session,
  type WithSession,
} from '../adapters/node.ts'
import { readBody } from '../adapters/node-entry.ts'
import { pickHead } from '../adapters/node-head.ts'
import { fromUtf8 } from '../base/bytes.ts'
import type { AnyAuth } from '../http/auth.ts'
import { readFields } from '../http/body.ts'

/** What the application keeps in a session. */
export interface LabData {
  readonly cart?: Readonly<Record<string, string>>
  readonly user?: string
  readonly seen?: number
  readonly note?: string
}

export type LabRequest = WithSession<IncomingMessage, RequestSession<LabData, LabData>>

/** One request, with what its route needs. */
export interface Here {
  readonly request: LabRequest
  readonly response: ServerResponse
  readonly url: URL
  /** Waits until the attack lets slow requests go on. */
  hold(): Promise<void>
  /** The text of the body, whatever type it says it is. */
  body(): Promise<string>
  /** The fields of the body, in JSON or as a form. */
  fields(): Promise<ReadonlyMap<string, unknown>>
  json(status: number, value: unknown): void
  html(body: string): void
  done(status: number): void
}

/** Answers a request; false: this is not its path. */
export type Route = (here: Here) => Promise<boolean> | boolean

export interface Deeds {
  /** Notes that were written in the name of somebody who is signed in. */
  notes: number
}

export interface Making {
  readonly auth: AnyAuth
  readonly present: 'cookie' | 'token'
  readonly deeds: Deeds
  /** What a slow request waits for. */
  readonly hold: () => Promise<void>
  /** Routes of one attack, asked before the others. */
  readonly route: Route
}

/**
 * The application under attack: an ordinary one on Handstamp. `POST /login?user=NAME` signs in, whoever that is (how passwords are checked is tried by attacks of their own); `GET /me`
 * tells who it is; `POST /logout`; `POST /note` does something in somebody's name; `POST /slow?key=K&value=V` waits, then puts V into the cart at K; `GET /data?key=K`
 * shows what is there.
 */
export function createApplication({ auth, present, deeds, hold, route }: Making): RequestListener {
  const forTokens = routes(auth, { at: '/auth' })
  const usual = createUsual(present, deeds)
  const answer = async (request: LabRequest, response: ServerResponse): Promise<void> => {
    const here = createHere(request, response, hold)
    if (await route(here)) return
    if (await forTokens(request, response)) return
    if (!(await usual(here))) here.done(404)
  }
  return session(auth)(answer as unknown as Handler<WithSession<IncomingMessage>, ServerResponse>)
}

/** Whoever is not signed in is told why. */
function guarded(
  show: (request: LabRequest) => void,
): (request: LabRequest, response: ServerResponse) => Promise<void> {
  const handler = requireSession()((request) => show(request as LabRequest))
  return async (request, response) => handler(request, response)
}

function createUsual(present: Making['present'], deeds: Deeds): Route {
  const table: Readonly<Record<string, (here: Here) => Promise<void> | void>> = {
    'GET /': (here) => here.html('<!doctype html><title>The application</title>'),
    'GET /me': ({ request, response, json }) =>
      guarded(({ session }) => json(200, { user: session.user }))(request, response),
    'POST /login': async (here) => {
      const user = here.url.searchParams.get('user') ?? (await here.fields()).get('user')
      if (typeof user !== 'string') return here.done(400)
      here.json(200, await here.request.session.login({ user, present }))
    },
    'POST /logout': async ({ request, done }) => {
      await request.session.logout()
      done(204)
    },
    'POST /note': ({ request, done }) => {
      if (request.session.user === null) return done(401)
      deeds.notes++
      done(204)
    },
    'POST /slow': async ({ request: { session }, url, hold, done }) => {
      await hold()
      const key = url.searchParams.get('key') ?? ''
      await session.update('cart', (cart = {}) => ({ ...cart, [key]: url.searchParams.get('value') ?? '' }))
      done(204)
    },
    'GET /data': async ({ request: { session }, url, json }) => {
      const cart = (await session.get('cart')) ?? {}
      json(200, Object.fromEntries(url.searchParams.getAll('key').map((key) => [key, cart[key] ?? null])))
    },
  }
  return async (here) => {
    const answer = table[`${here.request.method} ${here.url.pathname}`]
    if (answer === undefined) return false
    await answer(here)
    return true
  }
}

function createHere(request: LabRequest, response: ServerResponse, hold: Making['hold']): Here {
  return {
    request,
    response,
    hold,
    url: new URL(request.url ?? '/', 'http://application'),
    body: async () => {
      const body = await readBody(request)
      return body.ok ? (fromUtf8(body.value) ?? '') : ''
    },
    fields: async () => {
      const body = await readBody(request)
      const fields = body.ok ? readFields(pickHead(request), body.value) : body
      return fields.ok ? new Map<string, unknown>(fields.value) : new Map<string, unknown>()
    },
    json: (status, value) => answer(response, status, 'application/json', JSON.stringify(value)),
    html: (body) => answer(response, 200, 'text/html; charset=utf-8', body),
    done: (status) => {
      response.writeHead(status).end()
    },
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', type)
  response.end(body)
}
