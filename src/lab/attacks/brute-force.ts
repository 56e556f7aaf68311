import type { Attack } from '../attack.ts'
import { openServer } from '../server-target.ts'
import { standards } from '../standards.ts'
import { outcome, seenOf, whoseAnswer } from '../steps.ts'

const password = 'marmalade-77-lighthouse'
/** A list of the usual kind; the right one stands near its end. */
const guesses = Array.from({ length: 90 }, (_, index) => `marmalade-${index}-lighthouse`)

export const bruteForce: Attack = {
  id: 'brute-force',
  title: 'Guessing a password',
  aim: 'The attacker knows a name and tries a list of passwords at the login of handstamp serve, as fast as it answers.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'counted-tries',
      title: 'Tries are counted',
      on: 'The default: by account and by source, on all nodes together; whoever signed in from here before has tries of their own',
      off: 'Passwords are looked at as often as somebody likes',
      rule: 'After thirty names and passwords, a source gets one try in six seconds; an account far fewer from strangers.',
      code: 'src/server/attempts.ts',
      standard: standards.guesses,
    },
  ],
  inBrowser: false,
  others: {
    not: 'express-session and tokens leave passwords to the application; Better Auth counts in production only',
  },
  carryOut: async (stage) => {
    const people = new Map([['ada', password]])
    const server = await openServer(stage, { people, countsNothing: !stage.has('counted-tries') })
    const attacker = stage.client('attacker', server)
    let looked = 0
    let refused = ''
    for (const guess of guesses) {
      const json = { username: 'ada', password: guess, present: stage.present }
      const reply = await attacker.send('POST', '/login', { json })
      if (reply.status !== 429) looked++
      else if (refused === '') refused = seenOf(`; after ${looked} guesses`, reply)
      if (reply.status === 200) break
    }
    const { user, seen } = whoseAnswer('GET /session', await attacker.send('GET', '/session'))
    return outcome(user === 'ada', `${looked} of ${guesses.length} guesses were looked at${refused}. ${seen}.`)
  },
}
