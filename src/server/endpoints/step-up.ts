import { z } from 'zod'
import { stepUpPage } from '../pages/step-up.ts'
import {
  failureAnswer,
  formFields,
  guarded,
  type Here,
  page,
  refusedForm,
  safeNext,
  see,
  wantsPage,
} from '../respond.ts'
import { judgeAgain, ownName } from '../sign-in.ts'
import { goToLogin } from './login.ts'
import { sessionView } from './session-view.ts'

const fields = z.object({ password: z.string().min(1).max(4096), next: z.string().max(2048).optional() })

/** `GET /step-up`: asks for the password once more. */
export async function stepUpForm(here: Here): Promise<Response> {
  const next = here.req.query('next')
  if (here.env.incoming.session.user === null) return goToLogin(here, safeNext(next))
  const view = { next: safeNext(next), username: await ownName(here), error: null }
  return page(here, 200, (reader) => stepUpPage(view, reader))
}

/** `POST /step-up`: the password once more raises the age of the sign-in, under a new identity (S13, S2). 200 with the session, the token answer, or 303 for forms. */
export async function stepUp(here: Here): Promise<Response> {
  if (here.env.incoming.session.user === null && wantsPage(here)) return goToLogin(here, '/step-up')
  const refused = await guarded(here, {})
  if (refused !== null) return refused
  const given = await formFields(here, fields)
  if (!given.ok) return failureAnswer(here, given.reason)
  const { password, next } = given.value
  const judged = await judgeAgain(here, password)
  if (!judged.ok) {
    const username = await ownName(here)
    return refusedForm(here, judged, (error, reader) => stepUpPage({ next: safeNext(next), username, error }, reader))
  }
  const { level, methods } = judged.value
  const { session } = here.env.incoming
  // A password alone never lowers what a second factor has proven.
  const raised = level === undefined || level <= session.level ? {} : { level, ...(methods && { methods }) }
  const answer = await session.stepUp(raised)
  if ('access_token' in answer) return here.json(answer, 200, { 'Cache-Control': 'no-store', Pragma: 'no-cache' })
  return wantsPage(here) ? see(here, safeNext(next)) : here.json(sessionView(here), 200)
}
