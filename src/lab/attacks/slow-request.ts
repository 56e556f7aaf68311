import type { Route } from '../application.ts'
import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { outcome, seenOf, signIn, whoIs } from '../steps.ts'

export const slowRequest: Attack = {
  id: 'slow-request',
  title: 'Logout undone by a slow request',
  aim: 'A slow request is under way while the user signs out. When it ends, it saves the session that it began with; whoever sits down at that computer next is signed in.',
  presents: ['cookie'],
  otherwise:
    'An answer to a token client carries no session: only the token endpoint gives tokens, for a record that lives.',
  defences: [
    {
      id: 'changes-never-create',
      title: 'A change never brings a session back',
      on: 'The slow request changes a key of the session’s data: session.update()',
      off: 'It saves the user that it has read before: session.login() at the end of the request',
      rule: 'Every write names the session that lives; one that is over stays over, whatever was read before.',
      code: 'src/engine/data.ts',
      standard: standards.races,
    },
  ],
  inBrowser: false,
  others: 'data',
  carryOut: async (stage) => {
    const target = await stage.open(stage.has('changes-never-create') ? {} : { route: savesAll })
    const browser = stage.client('victim', target)
    await signIn(browser)
    const slow = browser.sendSlowly('POST', '/slow?key=cart&value=book')
    await target.waiting(1)
    stage.tell('victim', 'signs out while a request is under way')
    await browser.send('POST', '/logout')
    target.goOn()
    const { reply, keep } = await slow
    keep()
    stage.tell('attacker', 'sits down at the computer')
    const { user, seen } = await whoIs(browser)
    return outcome(user === 'ada', `${seenOf('The slow request', reply)}. In the same browser, afterwards: ${seen}.`)
  },
}

const savesAll: Route = async ({ request: { session }, url, hold, done }) => {
  if (url.pathname !== '/slow') return false
  const { user } = session
  await hold()
  if (user !== null) await session.login({ user })
  done(204)
  return true
}
