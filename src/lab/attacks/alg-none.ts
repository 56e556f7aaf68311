import { believesTheAlgorithm } from '../mistakes.ts'
import { standards } from '../standards.ts'
import { inputOf, tokenForgery } from '../token-forgery.ts'

export const algNone = tokenForgery({
  id: 'alg-none',
  title: 'A token without a signature',
  aim: 'The attacker writes a name into a token and says that its algorithm is “none”.',
  defence: {
    id: 'always-signed',
    title: 'Nothing is believed unsigned',
    on: '“none” is on no list, in no spelling',
    off: 'A check written by hand that does what the header says, as RFC 8725 section 2.1 tells of',
    rule: 'A token is signed with the algorithm of its key, or it is refused.',
  },
  standard: standards.algorithms,
  mistake: believesTheAlgorithm,
  forge: ({ header, claims }) => `${inputOf({ ...header, alg: 'none' }, claims)}.`,
})
