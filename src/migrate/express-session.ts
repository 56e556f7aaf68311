import { Fault } from '../base/fault.ts'
import { type Json, parseJson } from '../base/json.ts'
import { isSignedBy, splitSigned } from './signed-value.ts'
import type { Migrant, Source } from './source.ts'

export interface ExpressSessions {
  /** As given to `session()` of express-session; all that still verify. */
  readonly secret: string | readonly string[]
  /** (`connect.sid`) */
  readonly cookie?: string
  /**
   * The stored text of a session by its id, null where there is none. With connect-redis:
   * `(sid) => client.get('sess:' + sid)`.
   */
  readonly find: (sid: string) => Promise<string | null>
  /** Whose session it is, from its data; null for somebody anonymous. */
  readonly user: (data: { readonly [name: string]: Json }) => Migrant | null
}

/**
 * Sessions of express-session, in whatever store: the signature of the cookie is checked, the data is read once.
 *
 * @throws Fault `invalid_option` without a secret
 */
export function expressSessions({ secret, cookie = 'connect.sid', find, user }: ExpressSessions): Source {
  const secrets = [secret].flat()
  if (secrets.length === 0 || secrets.includes(''))
    throw new Fault(
      'invalid_option',
      'expressSessions({ secret }) must be what session() of express-session was given.',
    )
  return {
    name: 'express-session',
    cookie,
    read: async (value) => {
      const signed = splitSigned(value)
      if (signed === null || !signed.text.startsWith('s:')) return null
      const id = signed.text.slice(2)
      if (!isSignedBy(secrets, id, signed.signature)) return null
      const text = await find(id)
      const data = text === null ? null : parseJson(text)
      if (typeof data !== 'object' || data === null || Array.isArray(data)) return null
      const migrant = user(data as { readonly [name: string]: Json })
      return migrant === null ? null : { id, migrant }
    },
  }
}
