import type { Route } from '../application.ts'
import { crossSiteAttack, originCheck } from '../csrf.ts'
import { form } from '../pages-of-others.ts'
import { standards } from '../standards.ts'

export const csrfJson = crossSiteAttack({
  id: 'csrf-json',
  title: 'CSRF with JSON in a form',
  aim: 'The application takes JSON. The attacker’s form is of type text/plain, with a field that happens to be JSON.',
  deed: ({ asked }) => asked.note,
  page: (action, { fields }) => {
    const name = JSON.stringify({ ...fields, x: '' }).slice(0, -2)
    return form(action, { [name]: '"}' }, 'text/plain')
  },
  defences: [
    originCheck,
    {
      id: 'content-type',
      title: 'JSON is application/json',
      on: 'A body of another type is refused with 415',
      off: 'Whatever can be parsed is taken',
      rule: 'No form can send application/json, and a script of another site may not without being asked for.',
      code: 'src/http/body.ts',
      standard: standards.contentType,
    },
  ],
  open: (stage) => ({ route: stage.has('content-type') ? typed : untyped }),
  others: { not: 'what their routes parse is for the application to say' },
  changed: ({ notes }) => notes > 0,
})

/** The note is read as the endpoints of the library read theirs. */
const typed: Route = async ({ url, fields, done }) => {
  if (url.pathname !== '/note') return false
  const refused = typeof (await fields()).get('text') !== 'string'
  if (refused) done(415)
  return refused
}

const untyped: Route = async ({ url, body, done }) => {
  if (url.pathname !== '/note') return false
  const refused = textIn(await body()) === null
  if (refused) done(400)
  return refused
}

function textIn(body: string): string | null {
  try {
    const { text } = JSON.parse(body) as { readonly text?: unknown }
    return typeof text === 'string' ? text : null
  } catch {
    return null
  }
}
