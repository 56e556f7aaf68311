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
  changed: ({ notes }) => notes > 0,
})

const typed: Route = ({ request, url, done }) => {
  const refused = url.pathname === '/note' && !/^application\/json\b/i.test(request.headers['content-type'] ?? '')
  if (refused) done(415)
  return refused
}

const untyped: Route = () => false
