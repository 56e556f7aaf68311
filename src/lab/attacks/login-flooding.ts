import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { outcome, signIn } from '../steps.ts'

const logins = 250

export const loginFlooding: Attack = {
  id: 'login-flooding',
  title: 'Flooding an account with sessions',
  aim: 'Whoever has one password signs in without end, so that the store fills up and the list of devices can no longer be read.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'session-limit',
      title: 'A limit of sessions for each user',
      on: 'The default: a hundred at once; another one ends that which was unused for longest',
      off: 'policy.maxSessions of a million',
      rule: 'The limit is kept in the same step as the new session, by the store.',
      code: 'src/engine/start.ts',
      standard: standards.limits,
    },
  ],
  inBrowser: false,
  others: { not: 'they have no such limit to switch' },
  carryOut: async (stage) => {
    const target = await stage.openOwn({ policy: stage.has('session-limit') ? {} : { maxSessions: 1_000_000 } })
    const attacker = stage.client('attacker', target)
    for (let login = 0; login < logins; login++) {
      await signIn(attacker)
      attacker.forget()
    }
    const { length } = await target.auth.list('ada')
    return outcome(length >= logins, `${logins} logins left ${length} sessions of the user.`)
  },
}
