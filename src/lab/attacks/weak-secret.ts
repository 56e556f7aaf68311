import { randomBytes } from 'node:crypto'
import { signJws, signKey } from '../../crypto/jws.ts'
import type { Attack, Outcome } from '../attack.ts'
import type { Client } from '../client.ts'
import { standards } from '../standards.ts'
import { asVictim, outcome, signIn } from '../steps.ts'

/** Secrets that stand in documentation and answers on the web; each is long enough, and everybody has read it. */
export const knownSecrets: readonly string[] = [
  'keyboard cat keyboard cat keyboard cat',
  'your-256-bit-secret-your-256-bit-secret',
  'change-me-change-me-change-me-please',
  'this-is-a-very-secret-key-change-me!',
  'complex_password_at_least_32_characters_long',
]

export const weakSecret: Attack = {
  id: 'weak-secret',
  title: 'A secret that can be guessed',
  aim: 'The attacker signs in to an account of their own, tries known secrets on what they got, without asking the server, and then makes a session for somebody else.',
  presents: ['token'],
  otherwise:
    'A guessed SESSION_SECRET alone makes no cookie: the credential also takes the salt in the record, and the snapshot the random name of the store.',
  defences: [
    {
      id: 'random-secret',
      title: 'A random secret',
      on: 'keys.secrets of 32 random bytes (or no HS256 at all: the default is a pair of keys, ES256)',
      off: 'A secret from an example on the web; shorter ones, and ones of few letters, are refused',
      rule: 'There is nothing to guess in 256 random bits.',
      code: 'src/crypto/signing-keys.ts',
      standard: standards.keyStrength,
    },
  ],
  inBrowser: false,
  others: { not: 'their keys are derived in other ways; the guess would be the same' },
  carryOut: async (stage) => {
    const known = knownSecrets[3] as string
    const secret = stage.has('random-secret') ? randomBytes(32).toString('base64url') : known
    const target = await stage.open({ keys: { alg: 'HS256', secrets: [secret] } })
    const attacker = stage.client('attacker', target)
    await signIn(attacker, 'mallory')
    const tried = forgeToken(attacker)
    if (tried.guessed === null) return outcome(false, `None of ${knownSecrets.length} known secrets fits.`)
    stage.tell('attacker', `has found the secret, without asking the server: ${tried.guessed}`)
    return guessed(await asVictim(attacker), tried.guessed)
  },
}

interface Tried {
  readonly guessed: string | null
}

function guessed({ succeeded, evidence }: Outcome, secret: string): Outcome {
  return outcome(succeeded, `“${secret}” fits. ${evidence}`)
}

/** Signs what is there again, until it comes to the same. */
function forgeToken(attacker: Client): Tried {
  const { access } = attacker.held()
  const [head = '', body = '', signature] = (access ?? '').split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { readonly kid: string; readonly typ: string }
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  for (const secret of knownSecrets) {
    const key = signKey(header.kid, 'HS256', secret)
    const again = signJws(claims, key, header.typ)
    if (again.split('.')[2] !== signature) continue
    attacker.take({ cookies: new Map(), access: signJws({ ...claims, sub: 'ada' }, key, header.typ), refresh: null })
    return { guessed: secret }
  }
  return { guessed: null }
}
