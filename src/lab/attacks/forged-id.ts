import type { Route } from '../application.ts'
import type { Attack } from '../attack.ts'
import type { Held } from '../client.ts'
import { standards } from '../standards.ts'
import { outcome, renew, seenOf, signIn, whoIs, whoseAnswer } from '../steps.ts'

export const forgedId: Attack = {
  id: 'forged-id',
  title: 'Forged session id',
  aim: 'The attacker has seen the public id of a session, in a log line or a list of devices, and sends it as if it were the credential.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'tagged-credential',
      title: 'An id is no credential',
      on: 'The credential carries a mark over all of it, and a tag for this session alone, both made with the server’s secret; it is stored nowhere',
      off: 'The application takes ?session=ID and looks the session up by its public id: auth.find()',
      rule: 'A credential whose mark was not made here is refused before the store is asked; behind it stands a tag of 128 bits that also takes the salt in the record.',
      code: 'src/crypto/credential.ts',
      standard: standards.strictIds,
    },
  ],
  inBrowser: false,
  others: { not: 'their ids are secrets, and are not shown anywhere' },
  carryOut: async (stage) => {
    let find: (id: string) => Promise<string | null> = async () => null
    const byId: Route = async ({ url, json }) => {
      const id = url.searchParams.get('session')
      if (id === null || stage.has('tagged-credential')) return false
      json(200, { user: await find(id) })
      return true
    }
    const target = await stage.openOwn({ route: byId })
    find = async (id) => (await target.auth.find(id as never))?.user ?? null
    const victim = stage.client('victim', target)
    await signIn(victim)
    const [session] = await target.auth.list('ada')
    const id = String(session?.id)
    stage.tell('attacker', `has read the public id in a log: ${id}`)
    const attacker = stage.client('attacker', target)
    const asked = whoseAnswer('GET /me?session=…', await attacker.send('GET', `/me?session=${id}`))
    if (asked.user === 'ada') return outcome(true, `The attacker’s ${asked.seen}.`)
    await signIn(attacker, 'mallory')
    attacker.take(forged(attacker.held(), id))
    stage.tell('attacker', 'puts that id into a credential of their own')
    const reply = await renew(attacker)
    const { user, seen } = await whoIs(attacker)
    return outcome(
      user === 'ada',
      `The attacker’s ${asked.seen}; ${seenOf('with that id in a credential', reply)}, ${seen}.`,
    )
  },
}

/** The attacker’s own credential with the victim's id in it: everything is right but what the secret makes. */
function forged({ cookies, refresh }: Held, id: string): Held {
  const own = Buffer.from(cookies.get('__Host-session') ?? refresh ?? '', 'base64url')
  Buffer.from(id.slice(-22), 'base64url').copy(own, 8)
  const credential = own.toString('base64url')
  if (refresh !== null) return { cookies: new Map(), access: null, refresh: credential }
  return { cookies: new Map([['__Host-session', credential]]), access: null, refresh: null }
}
