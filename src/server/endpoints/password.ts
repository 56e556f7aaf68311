import { z } from 'zod'
import { isFault } from '../../base/fault.ts'
import { passwordPage } from '../pages/password.ts'
import {
  failureAnswer,
  formFields,
  guarded,
  type Here,
  page,
  type Refused,
  refusedForm,
  see,
  wantsPage,
} from '../respond.ts'
import { judgeAgain, ownName } from '../sign-in.ts'
import { goToLogin } from './login.ts'
import { sessionView } from './session-view.ts'

const fields = z.object({
  current: z.string().min(1).max(4096),
  password: z.string().min(1).max(4096),
  /** What becomes of the user's other sessions. */
  others: z.enum(['end', 'keep']).optional(),
})

/** `GET /password`: the page on which somebody changes their password. */
export async function passwordForm(here: Here): Promise<Response> {
  if (here.var.desk.accounts === null) return failureAnswer(here, 'not_found')
  if (here.env.incoming.session.user === null) return goToLogin(here, '/password')
  const username = await ownName(here)
  return page(here, 200, (reader) =>
    passwordPage({ username, error: null, reported: here.req.query('reported') !== undefined }, reader),
  )
}

/**
 * `POST /password`: changes the password by the present one, ends the other sessions unless told otherwise (S8), and gives this one a new identity. 200 with the
 * session, the token answer, or 303 for forms.
 */
export async function changePassword(here: Here): Promise<Response> {
  const { accounts } = here.var.desk
  const { session } = here.env.incoming
  if (accounts === null) return failureAnswer(here, 'not_found')
  if (session.user === null && wantsPage(here)) return goToLogin(here, '/password')
  const outside = await guarded(here, {})
  if (outside !== null) return outside
  const given = await formFields(here, fields)
  if (!given.ok) return failureAnswer(here, given.reason)
  const { current, password, others = 'end' } = given.value
  const judged = await judgeAgain(here, current)
  if (!judged.ok) return refused(here, judged)
  const changed = await accounts.setPassword(session.user ?? '', password)
  if (!changed.ok) return refused(here, changed)
  // After the change: a sign-in with the old password that was under way finds the account changed, or its session ended.
  if (others === 'end' && !(await endOthers(here))) return failureAnswer(here, 'others_not_ended')
  const answer = await session.stepUp()
  if ('access_token' in answer) return here.json(answer, 200, { 'Cache-Control': 'no-store', Pragma: 'no-cache' })
  return wantsPage(here) ? see(here, `/?password-changed=${others}`) : here.json(sessionView(here), 200)
}

/** False when it is not sure that they have ended. */
async function endOthers(here: Here): Promise<boolean> {
  const { id, user } = here.env.incoming.session
  try {
    await here.var.desk.auth.revokeAll({ user: user ?? '', except: id ?? '' }, 'password_changed')
    return true
  } catch (error) {
    if (isFault(error)) return false
    throw error
  }
}

async function refused(here: Here, refusal: Refused): Promise<Response> {
  const username = await ownName(here)
  return refusedForm(here, refusal, (error, reader) => passwordPage({ username, error, reported: false }, reader))
}
