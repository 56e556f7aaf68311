import { minute, second } from '../../base/clock.ts'
import type { Route } from '../application.ts'
import type { Attack } from '../attack.ts'
import type { Stage } from '../stage.ts'
import { standards } from '../standards.ts'
import { asVictim, signIn } from '../steps.ts'

export const staleCache: Attack = {
  id: 'stale-cache',
  title: 'A stale cache after a revocation',
  aim: 'An administrator ends the session of a stolen laptop. A cache in front of the check still says that it is good.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'view-after-cache',
      title: 'The view is asked after every cache',
      on: 'The default: what is cached is the cryptography; whether the session has ended is looked up in memory each time',
      off: 'The application keeps “who is this” for a minute, by credential',
      rule: 'No verdict is cached: a cache holds what a credential says, the view whether it still counts.',
      code: 'src/engine/check.ts',
      standard: standards.revocation,
    },
  ],
  inBrowser: false,
  others: { not: 'a cache in front of the check is the application’s own' },
  carryOut: async (stage) => {
    const target = await stage.openOwn(stage.has('view-after-cache') ? {} : { route: cached(stage) })
    const victim = stage.client('victim', target)
    const thief = stage.client('attacker', target)
    await signIn(victim)
    thief.take(victim.held())
    await thief.send('GET', '/me')
    stage.tell('attacker', 'uses the stolen laptop, and the answer is cached')
    for (const { id } of await target.auth.list('ada')) await target.auth.revoke(id)
    stage.tell('application', 'an administrator ends that session')
    stage.clock.advance(10 * second)
    return asVictim(thief)
  },
}

function cached({ clock }: Stage): Route {
  const verdicts = new Map<string, { readonly user: string | null; readonly until: number }>()
  return ({ request, url, json }) => {
    if (url.pathname !== '/me') return false
    const key = `${request.headers.cookie} ${request.headers.authorization}`
    const known = verdicts.get(key)
    const user = known !== undefined && known.until > clock.now() ? known.user : request.session.user
    if (known === undefined) verdicts.set(key, { user, until: clock.now() + minute })
    json(user === null ? 401 : 200, { user })
    return true
  }
}
