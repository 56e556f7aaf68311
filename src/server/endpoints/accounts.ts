import { z } from 'zod'
import type { PublicSession } from '../../model/session.ts'
import type { OtherAccount } from '../pages/other-accounts.ts'
import { failureAnswer, formFields, type Here, see, wantsPage } from '../respond.ts'
import { sessionView } from './session-view.ts'

const fields = z.object({ id: z.string().min(1).max(64) })

/** `GET /accounts`: who else is signed in in this browser. */
export async function listAccounts(here: Here): Promise<Response> {
  return here.json({ accounts: await accountsHere(here) })
}

/** `POST /accounts/switch`: goes on as another one of them, who stays signed in as whoever was here does. JSON and forms, with `id`. */
export async function switchAccount(here: Here): Promise<Response> {
  const given = await formFields(here, fields)
  if (!given.ok) return failureAnswer(here, given.reason)
  const session = await here.env.incoming.session.switchTo(given.value.id)
  if (session === null) return wantsPage(here) ? see(here, '/') : failureAnswer(here, 'not_found')
  return wantsPage(here) ? see(here, '/') : here.json(sessionView(here))
}

/** `POST /accounts/leave`: signs another one of them out. */
export async function leaveAccount(here: Here): Promise<Response> {
  const given = await formFields(here, fields)
  if (!given.ok) return failureAnswer(here, given.reason)
  const left = await here.env.incoming.session.leave(given.value.id)
  if (wantsPage(here)) return see(here, '/')
  return left ? here.body(null, 204) : failureAnswer(here, 'not_found')
}

/** The others of this browser. Cost: one read each. */
export async function accountsHere(here: Here): Promise<readonly OtherAccount[]> {
  return (await here.env.incoming.session.others()).map(accountOf)
}

function accountOf({ id, user, claims }: PublicSession): OtherAccount {
  const name = claims.preferred_username
  return { id, name: typeof name === 'string' ? name : String(user) }
}
