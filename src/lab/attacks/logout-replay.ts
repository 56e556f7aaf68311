import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { asVictim, signIn } from '../steps.ts'

/** The off-switch: the page forgets what it holds, and the server is told nothing. */
export const logoutReplay: Attack = {
  id: 'logout-replay',
  title: 'Replay after logout',
  aim: 'Somebody has copied the session, from a shared computer or a log. The user signs out; the copy is used afterwards.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'ends-on-the-server',
      title: 'Logout ends the session on the server',
      on: 'POST /logout calls session.logout(): the record is ended, and the log of revocations tells every node',
      off: 'The page throws away its cookies or tokens, and nobody tells the server',
      rule: 'Ending is final, and every check asks the view of the revocation log, after every cache.',
      code: 'src/engine/end.ts',
      standard: standards.logout,
    },
  ],
  inBrowser: false,
  others: 'requests',
  carryOut: async (stage) => {
    const target = await stage.open()
    const victim = stage.client('victim', target)
    const attacker = stage.client('attacker', target)
    await signIn(victim)
    attacker.take(victim.held())
    stage.tell('attacker', 'copies what the victim’s browser holds')
    if (stage.has('ends-on-the-server')) await victim.send('POST', '/logout')
    victim.forget()
    stage.tell('victim', 'is signed out, as far as the page shows')
    return asVictim(attacker)
  },
}
