import { z } from 'zod'
import { csp } from '../../http/csp.ts'
import { administrator, markedUntil, markSession } from '../admin/access.ts'
import { goToLogin } from '../endpoints/login.ts'
import { pagePolicyWith } from '../headers.ts'
import { failureAnswer, formFields, guarded, type Here, page, refusedForm, see } from '../respond.ts'
import { consoleBundle } from './bundle.ts'
import { consolePage, unlockPage } from './pages.ts'

const fields = z.object({ secret: z.string().min(1).max(4096) })

/** `GET /console`: for administrators; others are asked for the admin secret, and strangers to sign in. */
export async function showConsole(here: Here): Promise<Response> {
  if (here.env.incoming.session.user === null) return goToLogin(here, '/console')
  const may = await administrator(here)
  if (!may.ok) return page(here, 200, (reader) => unlockPage({ error: null, hasSecret: hasSecret(here) }, reader))
  const bundle = consoleBundle()
  if (bundle === null) throw new Error('The console was not built: npm run build:console.')
  const until = await markedUntil(here)
  const answer = await page(here, 200, (reader) => consolePage(bundle, until, reader))
  // It asks this server, and listens to it.
  answer.headers.set('Content-Security-Policy', pagePolicyWith({ 'connect-src': [csp.self] }))
  return answer
}

/** `POST /console/unlock`: the admin secret, for half an hour of this session. */
export async function unlockConsole(here: Here): Promise<Response> {
  if (here.env.incoming.session.user === null) return goToLogin(here, '/console')
  const refused = await guarded(here, {})
  if (refused !== null) return refused
  // A token client would not hear of its new tokens; it has the header.
  if (here.env.incoming.session.presentation !== 'cookie') return failureAnswer(here, 'invalid_request')
  const given = await formFields(here, fields)
  if (!given.ok) return failureAnswer(here, given.reason)
  const marked = await markSession(here, given.value.secret)
  if (marked.ok) return see(here, '/console')
  return refusedForm(here, { reason: marked.reason }, (explained, reader) => {
    const error = marked.reason === 'wrong_password' ? reader.words.console.wrong : explained
    return unlockPage({ error, hasSecret: hasSecret(here) }, reader)
  })
}

function hasSecret(here: Here): boolean {
  return here.var.desk.adminSecret !== null
}
