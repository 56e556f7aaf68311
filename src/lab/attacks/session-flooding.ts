import type { Route } from '../application.ts'
import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { outcome } from '../steps.ts'

const visits = 300

export const sessionFlooding: Attack = {
  id: 'session-flooding',
  title: 'Flooding the store with empty sessions',
  aim: 'A program visits the front page again and again without cookies, so that the store fills up with sessions of nobody.',
  presents: ['cookie'],
  otherwise: 'Without a sign-in there is no token, and nothing is stored.',
  defences: [
    {
      id: 'nothing-stored',
      title: 'No session before something is stored',
      on: 'The default: a visit stores nothing and sets no cookie',
      off: "The application counts visits in the session: session.set('seen', …) on every page",
      rule: 'A record begins with the first thing that is worth keeping.',
      code: 'src/http/request-data.ts',
      standard: standards.anonymous,
    },
  ],
  inBrowser: false,
  others: { not: 'set up as their documentation says, they store nothing for a visit either' },
  carryOut: async (stage) => {
    const target = await stage.openOwn(stage.has('nothing-stored') ? {} : { route: countsVisits })
    const attacker = stage.client('attacker', target)
    for (let visit = 0; visit < visits; visit++) {
      await attacker.send('GET', '/')
      attacker.forget()
    }
    let stored = 0
    for (let page = await target.auth.scan(1000); ; page = await target.auth.scan(1000, page.next)) {
      stored += page.sessions.length
      if (page.next === null) break
    }
    return outcome(stored >= visits, `${visits} visits left ${stored} sessions in the store.`)
  },
}

const countsVisits: Route = async ({ request: { session }, url }) => {
  if (url.pathname === '/') await session.update('seen', (seen = 0) => seen + 1)
  return false
}
