import { createHash } from 'node:crypto'
import { decoded } from './signed-value.ts'
import type { Migrant, Source } from './source.ts'

export interface IronSessions {
  /** As given to `getIronSession`: `cookieName`. */
  readonly cookie: string
  /** Opens a seal, as iron-session does: `(seal) => unsealData(seal, { password })`. What it cannot open it answers with an empty object. */
  readonly unseal: (seal: string) => Promise<unknown>
  /** Whose session it is, from its data; null for somebody anonymous. */
  readonly user: (data: Readonly<Record<string, unknown>>) => Migrant | null
}

/**
 * Sessions of iron-session: all of one is in its cookie. iron-session cannot end one, so that older copies of a cookie are good too, each once, for as long as the seal lives.
 */
export function ironSessions({ cookie, unseal, user }: IronSessions): Source {
  return {
    name: 'iron-session',
    cookie,
    read: async (value) => {
      const seal = decoded(value)
      const data = seal === null ? null : await unseal(seal)
      if (typeof data !== 'object' || data === null) return null
      const migrant = user(data as Readonly<Record<string, unknown>>)
      if (migrant === null) return null
      return { id: createHash('sha256').update(value).digest('base64url'), migrant }
    },
  }
}
