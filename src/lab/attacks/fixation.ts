import type { Route } from '../application.ts'
import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { asVictim, signIn } from '../steps.ts'

export const fixation: Attack = {
  id: 'fixation',
  title: 'Session fixation',
  aim: 'The attacker begins a session, plants its cookie in the victim’s browser, and waits until the victim has signed in to it.',
  presents: ['cookie'],
  otherwise: 'A token is made at sign-in: there is none before it that could be planted.',
  defences: [
    {
      id: 'new-identity',
      title: 'A new identity at every sign-in',
      on: 'session.login(): the session that was there before is over, and its data moves to a new one',
      off: "The application writes the user into the session that is there: session.set('user', …)",
      rule: 'Signing in never raises a session: it begins another one, under another id.',
      code: 'src/engine/start.ts',
      standard: standards.fixation,
    },
  ],
  inBrowser: false,
  others: { not: 'what stands in a session before the sign-in is for the application to say' },
  carryOut: async (stage) => {
    const target = await stage.open({ route: stage.has('new-identity') ? visits : loginByData })
    const attacker = stage.client('attacker', target)
    const victim = stage.client('victim', target)
    await attacker.send('POST', '/visit')
    victim.take(attacker.held())
    stage.tell('attacker', 'plants the cookie of this session in the victim’s browser')
    await signIn(victim)
    return asVictim(attacker)
  },
}

const visits: Route = async ({ request, url, done }) => {
  if (request.method !== 'POST' || url.pathname !== '/visit') return false
  await request.session.set('seen', 1)
  done(204)
  return true
}

/** Who it is stands in the data of a session that may have been there before. */
const loginByData: Route = async (here) => {
  const { request, url, json } = here
  if (await visits(here)) return true
  if (url.pathname === '/login') {
    await request.session.set('user', url.searchParams.get('user') ?? '')
    json(200, {})
    return true
  }
  if (url.pathname !== '/me') return false
  const user = await request.session.get('user')
  json(user === undefined ? 401 : 200, { user })
  return true
}
