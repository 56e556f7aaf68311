import { hour, minute, second } from '../../base/clock.ts'
import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { asVictim, capital, outcome, renew, seenOf, signIn, whoIs } from '../steps.ts'

/** Replay of a refresh token, and the same with the cookie. */
export const stolenCredential: Attack = {
  id: 'stolen-credential',
  title: 'Replay of a refresh token or a copied cookie',
  aim: 'The long-lived credential was copied. The user goes on working; half an hour later the copy is used.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'rotation',
      title: 'Each renewal replaces the credential',
      on: 'The defaults: one that was replaced is good for ten seconds, for answers that were lost. Later it is the sign of a thief',
      off: 'policy.grace of two hours: the credential stays as it is for that long',
      rule: 'A credential that is older than the one before the newest ends the whole session: two parties hold it.',
      code: 'src/model/rotation.ts',
      standard: standards.rotation,
    },
  ],
  inBrowser: false,
  others: { not: 'time has to go by, and the clock of other products cannot be moved' },
  carryOut: async (stage) => {
    const weak = { grace: 2 * hour, upload: 3 * hour }
    const target = await stage.open({ policy: stage.has('rotation') ? {} : weak })
    const victim = stage.client('victim', target)
    const attacker = stage.client('attacker', target)
    await signIn(victim)
    attacker.take(victim.held())
    stage.tell('attacker', 'copies the credential')
    for (let renewals = 0; renewals < 3; renewals++) {
      stage.clock.advance(6 * minute + second)
      await renew(victim)
    }
    stage.clock.advance(12 * minute)
    stage.tell('everybody', 'the user has worked on for half an hour')
    const shownAgain = seenOf('the copy', await renew(attacker))
    const { succeeded, evidence } = await asVictim(attacker)
    if (succeeded) return outcome(true, evidence)
    const { seen } = await whoIs(victim)
    const after = seenOf('the user’s next renewal', await renew(victim))
    return outcome(
      false,
      `${capital(shownAgain)}. ${evidence} The session is over for both: ${stage.present === 'cookie' ? `the user’s ${seen}` : after}.`,
    )
  },
}
