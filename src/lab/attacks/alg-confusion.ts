import { createHmac } from 'node:crypto'
import { believesTheAlgorithm } from '../mistakes.ts'
import { standards } from '../standards.ts'
import { inputOf, tokenForgery } from '../token-forgery.ts'

export const algConfusion = tokenForgery({
  id: 'alg-confusion',
  title: 'Algorithm confusion',
  aim: 'The attacker signs with HMAC, and takes for its secret what everybody can read: the public key.',
  defence: {
    id: 'one-algorithm',
    title: 'One algorithm for each key',
    on: 'The key says how it is used; a header that says otherwise is refused',
    off: 'A check written by hand that does what the header says, as in CVE-2015-9235',
    rule: 'The algorithm belongs to the key, and the header has to name that one.',
  },
  standard: standards.algorithms,
  mistake: believesTheAlgorithm,
  forge: ({ header, claims, publicPem }) => {
    const input = inputOf({ ...header, alg: 'HS256' }, claims)
    return `${input}.${createHmac('sha256', publicPem).update(input).digest('base64url')}`
  },
})
