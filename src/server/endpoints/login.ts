import { z } from 'zod'
import { readBody } from '../../adapters/node-entry.ts'
import { pickHead } from '../../adapters/node-head.ts'
import { isFault } from '../../base/fault.ts'
import type { Reason } from '../../base/reasons.ts'
import { reasons } from '../../base/reasons.ts'
import { insideOf } from '../../http/auth.ts'
import { readFields, textField } from '../../http/body.ts'
import { isSecureTransport } from '../../http/origin.ts'
import type { VerifiedUser } from '../accounts.ts'
import { type LoginView, loginErrors, loginPage } from '../pages/login.ts'
import { failureAnswer, type Here, page, safeNext, see, wantsPage } from '../respond.ts'
import { sessionView } from './session-view.ts'

const switched = z.union([
  z.boolean(),
  z.enum(['true', 'on', '1']).transform(() => true),
  z.enum(['false', '']).transform(() => false),
])

/** Fields of `POST /login`. */
const loginFields = z.object({
  username: z.string().min(1).max(512),
  password: z.string().min(1).max(4096),
  remember: switched.optional(),
  present: z.enum(['cookie', 'token']).optional(),
  next: z.string().max(2048).optional(),
})

/** `GET /login`: the page; somebody who is signed in goes on. */
export function loginForm(here: Here): Response {
  const next = here.req.query('next')
  if (here.env.incoming.session.user !== null) return see(here, safeNext(next))
  const signedOut = here.req.query('out') !== undefined
  return page(here, 200, loginPage({ ...emptyView(here), next: next === undefined ? null : safeNext(next), signedOut }))
}

function emptyView(here: Here): LoginView {
  const { demo, auth } = here.var.desk
  const { settings } = insideOf(auth)
  const insecure = !settings.insecureHttp && !isSecureTransport(pickHead(here.env.incoming), settings.origin)
  const { idle, absolute } = settings.policy.rememberMe
  return {
    next: null,
    error: null,
    username: '',
    demo: demo === null ? null : { username: demo },
    insecure,
    signedOut: false,
    remembered: { idle, absolute },
  }
}

/** `POST /login`: cookies and JSON (303 for forms), or the token answer. */
export async function login(here: Here): Promise<Response> {
  const { incoming } = here.env
  const head = pickHead(incoming)
  const body = await readBody(incoming)
  const fields = body.ok ? readFields(head, body.value) : body
  if (!fields.ok) return failureAnswer(here, fields.reason)
  const parsed = loginFields.safeParse(Object.fromEntries(fields.value))
  if (!parsed.success)
    return failed(
      here,
      'invalid_request',
      textField(fields.value, 'username') ?? '',
      textField(fields.value, 'next') ?? null,
    )
  const { username, password, remember = false, present = here.var.desk.presentDefault, next } = parsed.data
  const asForm = head.header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true
  try {
    const verified = await here.var.desk.verify({ username, password })
    if (!verified.ok) return failed(here, verified.reason, username, next ?? null)
    const answer = await begin(here, verified.value, { remember, present })
    if (present === 'token') return here.json(answer, 200, { 'Cache-Control': 'no-store', Pragma: 'no-cache' })
    if (asForm && present === 'cookie') return see(here, next === undefined ? '/?welcome' : safeNext(next))
    return here.json(sessionView(here), 200)
  } catch (error) {
    if (!isFault(error) || error.reason === null) throw error
    return failed(here, error.reason, username, next ?? null)
  }
}

function begin(
  here: Here,
  verified: VerifiedUser,
  how: { readonly remember: boolean; readonly present: 'cookie' | 'token' },
) {
  const { user, name, role, claims, level, methods, confirm } = verified
  return here.env.incoming.session.login({
    user,
    claims: {
      ...claims,
      ...(role === undefined ? {} : { role }),
      ...(name === undefined ? {} : { preferred_username: shortName(name) }),
    },
    ...how,
    ...(level === undefined ? {} : { level }),
    ...(methods === undefined ? {} : { methods }),
    ...(confirm === undefined ? {} : { confirm }),
  })
}

/** What fits into an access token besides the rest; whoever must know the whole name has `user_id`. */
function shortName(name: string): string {
  const characters = [...name]
  while (Buffer.byteLength(characters.join('')) > longestName) characters.pop()
  return characters.join('')
}

/** In bytes. */
const longestName = 128

/** A browser gets the form again, with the words for what went wrong; a script gets the problem document. */
function failed(here: Here, reason: Reason, username: string, next: string | null): Response {
  if (!wantsPage(here)) return failureAnswer(here, reason)
  const { status } = reasons[reason]
  const empty = emptyView(here)
  // Over plain http the page says what is wrong instead of asking for a password.
  const error = empty.insecure ? null : errorOf(reason)
  const view = { ...empty, error, username, next: next === null ? null : safeNext(next) }
  const response = page(here, status as 401, loginPage(view))
  if (status === 503) response.headers.set('Retry-After', '1')
  return response
}

function errorOf(reason: Reason): LoginView['error'] {
  if (reason === 'wrong_login' || reason === 'invalid_request') return loginErrors.wrong
  if (reason === 'store_unavailable' || reason === 'not_stored') return loginErrors.unavailable
  const { sentence, remedy } = reasons[reason]
  return { title: sentence, detail: remedy }
}
