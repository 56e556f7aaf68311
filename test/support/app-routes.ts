import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Guard, Json, LoginOptions, RequestSession } from '../../src/index.ts'

export type Handler = (
  request: IncomingMessage & { readonly session: RequestSession },
  response: ServerResponse,
) => void | Promise<void>

/** By method and path, e.g. `GET /me`. A GET also answers HEAD. */
export type Routes = Readonly<Record<string, Handler | { readonly guard: Guard; readonly handle: Handler }>>

export function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(value ?? null))
}

/** The members of a JSON body. Does not judge its content type: no endpoint of ours reads it. */
export async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await text(request)
  return body === '' ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>)
}

export function whoOf(session: RequestSession): Readonly<Record<string, unknown>> {
  const { id, user, tenant, claims, level, authenticatedAt, endsAt, presentation } = session
  return { id, user, tenant, claims, level, authenticatedAt, endsAt, presentation }
}

const who: Handler = (request, response) => json(response, whoOf(request.session))
const minute = 60_000

/** What an application does with sessions: a route for each word of the interface. */
export const commonRoutes: Routes = {
  'GET /me': { guard: {}, handle: who },
  'POST /me': { guard: {}, handle: who },
  'GET /whoami': who,
  'GET /public': (_request, response) => json(response, 'for everybody'),
  'POST /public': (_request, response) => json(response, 'for everybody'),
  'GET /level2': { guard: { level: 2 }, handle: who },
  'GET /level3': { guard: { level: 3 }, handle: who },
  'GET /recent': { guard: { maxAge: 5 * minute }, handle: who },
  'GET /admin': { guard: { claim: { role: 'admin' } }, handle: who },
  'GET /staff': { guard: { claim: { role: ['admin', 'editor'] } }, handle: who },
  'POST /login': async (request, response) => {
    json(response, await request.session.login((await bodyOf(request)) as unknown as LoginOptions))
  },
  'POST /step-up': async (request, response) => {
    json(response, await request.session.stepUp((await bodyOf(request)) as Pick<LoginOptions, 'level' | 'methods'>))
  },
  'POST /logout': async (request, response) => {
    await request.session.logout()
    response.writeHead(204).end()
  },
  'POST /logout-everywhere': async (request, response) => {
    await request.session.logoutEverywhere()
    response.writeHead(204).end()
  },
  'GET /data': async (request, response) => {
    const key = new URL(request.url ?? '', 'http://localhost').searchParams.get('key') ?? ''
    json(response, { value: (await request.session.get(key)) ?? null, missing: !(await has(request.session, key)) })
  },
  'POST /data': async (request, response) => {
    const { key, value } = await bodyOf(request)
    await request.session.set(key as string, value as Json)
    json(response, { id: request.session.id })
  },
  'DELETE /data': async (request, response) => {
    const { key } = await bodyOf(request)
    await request.session.delete(key as string)
    response.writeHead(204).end()
  },
  'POST /count': async (request, response) => {
    const { key = 'count' } = await bodyOf(request)
    const value = await request.session.update(key as string, (old) => (typeof old === 'number' ? old + 1 : 1))
    json(response, { value })
  },
}

async function has(session: RequestSession, key: string): Promise<boolean> {
  return (await session.get(key)) !== undefined
}
