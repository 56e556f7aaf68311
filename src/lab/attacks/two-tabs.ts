import { hour, minute, second } from '../../base/clock.ts'
import type { Attack } from '../attack.ts'
import type { Client, Reply } from '../client.ts'
import type { Stage, Target } from '../stage.ts'
import { standards } from '../standards.ts'
import { outcome, renew, seenOf, signIn, whoIs } from '../steps.ts'

/** Nobody attacks here: the defence against thieves takes the owner for one. */
export const twoTabs: Attack = {
  id: 'two-tabs',
  title: 'Two tabs renew at the same time',
  aim: 'No attacker at all: two tabs come back at once with the same old credential, and the answer to the first arrives last. A careless rotation takes the user for a thief.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'grace',
      title: 'The same successor for both',
      on: 'The defaults: for ten seconds, whoever shows the credential before gets the same new one',
      off: 'policy.grace and policy.transit of a millisecond: strictly once',
      rule: 'Within the time that an answer can be late, an old credential gets the successor that there is, byte for byte.',
      code: 'src/model/rotation.ts',
      standard: standards.rotation,
    },
  ],
  inBrowser: false,
  others: { not: 'they replace no credential at a renewal' },
  carryOut: async (stage) => {
    const strict = { grace: 1, transit: 1, upload: hour }
    const target = await stage.open({ policy: stage.has('grace') ? {} : strict })
    const browser = stage.client('victim', target)
    await signIn(browser)
    stage.clock.advance(6 * minute)
    stage.tell('victim', 'opens the laptop: two tabs come back at once')
    const first = await tab(stage, target, browser)
    stage.clock.advance(50)
    const other = await tab(stage, target, browser)
    // The answer to the second arrives first; what the first says is what stays.
    browser.take(other.held())
    browser.take(first.held())
    stage.tell('victim', 'the answer to the first tab arrives last, and stays')
    stage.clock.advance(6 * minute + second)
    const next = await renew(browser)
    const { user, seen } = await whoIs(browser)
    return outcome(user !== 'ada', `The next renewal: ${seenOf('', next).slice(2)}. Then ${seen}.`)
  },
}

/** A tab has the credentials of its browser, as they are when it sends. */
async function tab(stage: Stage, target: Target, browser: Client): Promise<Client> {
  const one = stage.client('victim', target)
  one.take(browser.held())
  const reply: Reply = await renew(one)
  if (reply.status !== 200) throw new Error(`a tab could not renew: ${reply.status} ${reply.reason}`)
  return one
}
