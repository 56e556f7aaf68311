import { hour, minute } from '../base/clock.ts'
import type { Advice, Choice, Engine, Present } from './advice.ts'
import { programOf } from './program.ts'
import { type Answers, isAnswer, questionNames } from './questions.ts'
import { costsOf, reasonsFor } from './reasons.ts'

/**
 * Chooses between cookies and tokens, an engine and a policy, and says why. Pure: the same answers give the same advice.
 *
 * @throws RangeError for an answer that there is not
 */
export function advise(answers: Answers): Advice {
  for (const name of questionNames)
    if (!isAnswer(name, answers[name])) throw new RangeError(`${name} cannot be ${String(answers[name])}.`)
  const choice = choose(answers)
  return {
    choice,
    headline: headlines[choice.present],
    reasons: reasonsFor(answers, choice),
    alternatives: costsOf(answers, choice),
    files: programOf(choice),
  }
}

const headlines: Readonly<Record<Present, string>> = {
  cookie: 'Take cookies: your clients are browsers, and your application checks its own sessions.',
  token: 'Take tokens: your clients keep no cookies.',
  both: 'Take both from the same sessions: cookies for browsers, tokens for the rest.',
}

function choose(answers: Answers): Choice {
  return {
    present: presentFor(answers),
    engine: engineFor(answers),
    framework: answers.framework,
    policy: { ...accessFor(answers), ...timeoutsFor(answers) },
  }
}

function presentFor({ clients, domains, verifiers }: Answers): Present {
  if (clients === 'programs') return 'token'
  return clients === 'both' || verifiers !== 'application' || domains === 'several' ? 'both' : 'cookie'
}

function engineFor({ nodes, store, framework }: Answers): Engine {
  if (store !== 'none') return store
  if (nodes === 'hosts') return 'postgres'
  return nodes === 'process' && framework !== 'server' ? 'memory' : 'sqlite'
}

/** Whoever verifies without asking hears of an end when the access token does. */
function accessFor({ verifiers, revocation }: Answers): Choice['policy'] {
  return verifiers !== 'application' && revocation !== 'minutes' ? { access: minute } : {}
}

/** NIST SP 800-63B-4: AAL2 1 hour unused and 24 hours (the defaults), AAL3 15 minutes and 12 hours. */
function timeoutsFor({ assurance }: Answers): Choice['policy'] {
  return assurance === 'aal3' ? { idle: 15 * minute, absolute: 12 * hour } : {}
}
