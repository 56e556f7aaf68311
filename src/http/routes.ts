import type { RequestHead } from '../base/head.ts'
import type { Check } from '../base/reasons.ts'
import { refresh } from './auth.ts'
import { type Fields, readFields, textField } from './body.ts'
import type { Opened } from './opened.ts'
import { type Answer, oauthError, problem } from './problem.ts'
import { findVisit, type Visit } from './visit.ts'

/** The whole body of a request, or the refusal `oversized_body` or `malformed_body`. */
export type ReadBody = () => Promise<Check<Uint8Array>>

interface RouteRequest {
  readonly head: RequestHead
  readonly visit: Visit
  readonly body: ReadBody
}

type Route = (opened: Opened, request: RouteRequest) => Answer | Promise<Answer>

interface Endpoint {
  readonly methods: readonly string[]
  readonly answer: Route
}

const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['/token', { methods: ['POST'], answer: token }],
  ['/revoke', { methods: ['POST'], answer: revokeToken }],
  ['/logout', { methods: ['POST'], answer: logout }],
  ['/.well-known/jwks.json', { methods: ['GET', 'HEAD'], answer: jwks }],
])

/**
 * The endpoints for token clients: `/token` (RFC 6749 section 6), `/revoke` (RFC 7009), `/logout`, `/.well-known/jwks.json` (RFC 7517).
 *
 * @param carrier the request that `session(auth)` has let in
 * @param path what is left after the place where the endpoints are mounted
 * @returns null for any other path
 * @throws Error where `session(auth)` did not come before; Fault `store_unavailable`, `not_stored`
 */
export async function answerRoute(carrier: object, path: string, body: ReadBody): Promise<Answer | null> {
  const visit = findVisit(carrier)
  if (visit === null) throw new Error('routes(auth) needs session(auth) before it.')
  const endpoint = endpoints.get(path)
  if (endpoint === undefined) return null
  const { opened, head } = visit
  if (!endpoint.methods.includes(head.method)) return problem('method_not_allowed', { allow: endpoint.methods })
  return endpoint.answer(opened, { head, visit, body })
}

async function token(opened: Opened, request: RouteRequest): Promise<Answer> {
  const fields = await fieldsOf(request)
  if (!fields.ok) return oauthError(fields.reason)
  const grant = textField(fields.value, 'grant_type')
  if (grant === undefined) return oauthError('invalid_request')
  if (grant !== 'refresh_token') return oauthError('unsupported_grant_type')
  const refreshToken = textField(fields.value, 'refresh_token')
  if (refreshToken === undefined) return oauthError('invalid_request')
  if (fields.value.has('scope') && fields.value.get('scope') !== '') return oauthError('wider_scope')
  const refreshed = await refresh(opened.engine, refreshToken, textField(fields.value, 'client_id'))
  if (!refreshed.ok) return oauthError(refreshed.reason)
  return json(200, refreshed.value)
}

/**
 * Ends the session of a refresh or access token. Unknown, expired and foreign tokens get the same answer as good ones (RFC 7009 section 2.2).
 */
async function revokeToken(opened: Opened, request: RouteRequest): Promise<Answer> {
  const fields = await fieldsOf(request)
  if (!fields.ok) return oauthError(fields.reason)
  const text = textField(fields.value, 'token')
  if (text === undefined) return oauthError('invalid_request')
  const client = textField(fields.value, 'client_id')
  const owner = await ownerOfToken(opened, text)
  if (owner !== null && (client === undefined || client === owner.client))
    await opened.engine.revoke(owner.sid, 'logout')
  return { status: 200, headers: [...secretHeaders], body: '' }
}

async function ownerOfToken(
  opened: Opened,
  text: string,
): Promise<{ readonly sid: string; readonly client: string } | null> {
  if (!text.includes('.')) return opened.engine.ownerOf(text)
  return opened.engine.check.ownerOfToken(text)
}

async function logout(_opened: Opened, { visit }: RouteRequest): Promise<Answer> {
  await visit.session.logout()
  return { status: 204, headers: [...secretHeaders], body: '' }
}

async function jwks({ engine }: Opened): Promise<Answer> {
  await engine.tokens.settle()
  const body = JSON.stringify(engine.tokens.jwks())
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/jwk-set+json'],
      ['Cache-Control', 'public, max-age=300'],
    ],
    body,
  }
}

async function fieldsOf(request: RouteRequest): Promise<Check<Fields>> {
  const body = await request.body()
  return body.ok ? readFields(request.head, body.value) : body
}

const secretHeaders: Answer['headers'] = [
  ['Cache-Control', 'no-store'],
  ['Pragma', 'no-cache'],
]

function json(status: number, value: unknown): Answer {
  return { status, headers: [['Content-Type', 'application/json'], ...secretHeaders], body: JSON.stringify(value) }
}
