import { readBody } from '../../adapters/node-entry.ts'
import { pickHead } from '../../adapters/node-head.ts'
import { accept, type Check, refuse } from '../../base/reasons.ts'
import { readFields, textField } from '../../http/body.ts'
import { failureAnswer, guarded, type Here, see, wantsPage } from '../respond.ts'

const scopes = ['local', 'others', 'global'] as const

/** Which sessions of the user end: this one, all but this one, or all. */
type Scope = (typeof scopes)[number]

/** `POST /logout`: ends the session everywhere, or with `scope` the others, or all. 204, or a page for a browser. */
export async function logout(here: Here): Promise<Response> {
  const scope = await scopeOf(here)
  if (!scope.ok) return failureAnswer(here, scope.reason)
  const { session } = here.env.incoming
  if (scope.value === 'others') {
    const refused = await guarded(here, {})
    if (refused !== null) return refused
    await here.var.desk.auth.revokeAll({ user: session.user as string, except: session.id as string }, 'logout')
    return wantsPage(here) ? see(here, '/?others-ended') : here.body(null, 204)
  }
  await (scope.value === 'global' ? session.logoutEverywhere() : session.logout())
  return wantsPage(here) ? see(here, '/login?out') : here.body(null, 204)
}

/** From the query or the body; without one, this session. */
async function scopeOf(here: Here): Promise<Check<Scope>> {
  const inQuery = here.req.query('scope')
  const body = await readBody(here.env.incoming)
  if (!body.ok) return body
  const fields = body.value.length === 0 ? accept(new Map()) : readFields(pickHead(here.env.incoming), body.value)
  if (!fields.ok) return fields
  const given = inQuery ?? textField(fields.value, 'scope') ?? 'local'
  const scope = scopes.find((one) => one === given)
  return scope === undefined ? refuse('invalid_request') : accept(scope)
}
