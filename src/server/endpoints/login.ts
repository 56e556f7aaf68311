import { z } from 'zod'
import { readBody } from '../../adapters/node-entry.ts'
import { pickHead } from '../../adapters/node-head.ts'
import { isFault } from '../../base/fault.ts'
import { insideOf } from '../../http/auth.ts'
import { readFields, textField } from '../../http/body.ts'
import { isSecureTransport } from '../../http/origin.ts'
import { visitOf } from '../../http/visit.ts'
import type { VerifiedUser } from '../accounts.ts'
import { type LoginView, loginPage } from '../pages/login.ts'
import { type Ending, endings } from '../pages/words/words.ts'
import { failureAnswer, type Here, page, type Refused, refusedForm, safeNext, see } from '../respond.ts'
import { judgePassword } from '../sign-in.ts'
import { accountsHere } from './accounts.ts'
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
  alongside: switched.optional(),
})

/** `GET /login`: the page; somebody who is signed in goes on, unless another account is to be added. */
export async function loginForm(here: Here): Promise<Response> {
  const next = here.req.query('next')
  const isSignedIn = here.env.incoming.session.user !== null
  const adding = here.req.query('add') !== undefined
  if (isSignedIn && !adding) return see(here, safeNext(next))
  const others = isSignedIn ? [] : await accountsHere(here)
  const way = { next: next === undefined ? null : safeNext(next), over: overOf(here) }
  const view = { ...emptyView(here), ...way, adding: adding && isSignedIn, others }
  return page(here, 200, (reader) => loginPage(view, reader))
}

/** Sends somebody to the login page, which says what became of the session that they came with. */
export function goToLogin(here: Here, next: string | null): Response {
  const ending = findEnding(visitOf(here.env.incoming).admission.reason)
  const query = [next === null ? null : `next=${next}`, ending === null ? null : `ended=${ending}`]
  const said = query.filter((part) => part !== null).join('&')
  return see(here, said === '' ? '/login' : `/login?${said}`)
}

function overOf(here: Here): LoginView['over'] {
  return here.req.query('out') === undefined ? findEnding(here.req.query('ended') ?? null) : 'signed out'
}

function findEnding(reason: string | null): Ending | null {
  return endings.find((one) => one === reason) ?? null
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
    over: null,
    lab: here.var.desk.lab !== null,
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
      { reason: 'invalid_request' },
      textField(fields.value, 'username') ?? '',
      textField(fields.value, 'next') ?? null,
    )
  const { username, password, remember = false, present = here.var.desk.presentDefault, next, alongside } = parsed.data
  const asForm = head.header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true
  try {
    const verified = await judgePassword(here, { username, password })
    if (!verified.ok) return failed(here, verified, username, next ?? null, alongside)
    const answer = await begin(here, verified.value, { remember, present, ...(alongside === true && { alongside }) })
    if (present === 'token') return here.json(answer, 200, { 'Cache-Control': 'no-store', Pragma: 'no-cache' })
    if (asForm && present === 'cookie') return see(here, next === undefined ? '/?welcome' : safeNext(next))
    return here.json(sessionView(here), 200)
  } catch (error) {
    if (!isFault(error) || error.reason === null) throw error
    return failed(here, { reason: error.reason }, username, next ?? null)
  }
}

function begin(
  here: Here,
  verified: VerifiedUser,
  how: { readonly remember: boolean; readonly present: 'cookie' | 'token'; readonly alongside?: boolean },
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
async function failed(
  here: Here,
  refused: Refused,
  username: string,
  next: string | null,
  adding = false,
): Promise<Response> {
  const empty = { ...emptyView(here), username, adding, next: next === null ? null : safeNext(next) }
  const back = empty.next === null ? '/login' : `/login?next=${encodeURIComponent(empty.next)}`
  return refusedForm(here, refused, (explained, reader) => {
    const { reason } = refused
    const wrong = reason === 'wrong_login' || reason === 'invalid_request' ? reader.words.login.wrong : explained
    // Over plain http the page says what is wrong instead of asking for a password.
    return loginPage({ ...empty, error: empty.insecure ? null : wrong }, { ...reader, back })
  })
}
