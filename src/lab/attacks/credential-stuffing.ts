import type { Attack } from '../attack.ts'
import { openServer } from '../server-target.ts'
import { standards } from '../standards.ts'
import { outcome } from '../steps.ts'

const count = 120
const name = (index: number): string => `person${index}`
/** Every third has used the same password elsewhere, and there it leaked. */
const reuses = (index: number): boolean => index % 3 === 0

export const credentialStuffing: Attack = {
  id: 'credential-stuffing',
  title: 'Credential stuffing',
  aim: 'The attacker has names and passwords that leaked elsewhere, and tries each once: one guess for each account, so that no account is tried often.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'counted-sources',
      title: 'A source is counted over all names',
      on: 'The default: thirty tries that fail from a source (IPv6: a /64), then one in six seconds, whatever the names; a few accounts are opened until then',
      off: 'Passwords are looked at as often as somebody likes',
      rule: 'What a source tries is counted whether the names exist or not.',
      code: 'src/server/attempts.ts',
      standard: standards.guesses,
    },
  ],
  inBrowser: false,
  others: {
    not: 'express-session and tokens leave passwords to the application; Better Auth counts in production only',
  },
  carryOut: async (stage) => {
    const leaked = Array.from({ length: count }, (_, index) => [name(index), `geese-${index}-in-a-row`] as const)
    const people = new Map(
      leaked.map(([who, password], index) => [who, reuses(index) ? password : `${password}-other`]),
    )
    const server = await openServer(stage, { people, countsNothing: !stage.has('counted-sources') })
    let [opened, refused] = [0, 0]
    for (const [username, password] of leaked) {
      const attacker = stage.client('attacker', server)
      const { status } = await attacker.send('POST', '/login', { json: { username, password, present: stage.present } })
      if (status === 200) opened++
      if (status === 429) refused++
    }
    const open = leaked.filter((_, index) => reuses(index)).length
    // Some are opened before the source is stopped: most are not.
    return outcome(
      opened > open / 2,
      `${opened} of the ${open} accounts that could be opened were; ${refused} tries were refused with 429.`,
    )
  },
}
