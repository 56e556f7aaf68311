import { type Clock, systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { isSignedBy, splitSigned } from './signed-value.ts'
import type { Migrant, Source } from './source.ts'

export interface BetterAuthSessions {
  /** `secret` of Better Auth, or BETTER_AUTH_SECRET. */
  readonly secret: string
  /** (`better-auth.session_token`; over https with `__Secure-` before it) */
  readonly cookie?: string
  /** The row of the table `session` by its `token`, null where there is none. */
  readonly find: (token: string) => Promise<BetterAuthRow | null>
  /** Whose session it is (its `userId`). */
  readonly user?: (row: BetterAuthRow) => Migrant | null | Promise<Migrant | null>
  /** (the machine's clock) */
  readonly clock?: Clock
}

export interface BetterAuthRow {
  readonly userId: string
  /** As the database gives it. */
  readonly expiresAt: Date | string | number
}

/** Sessions of Better Auth: the signature of the cookie is checked, the row is read once. */
export function betterAuthSessions(options: BetterAuthSessions): Source {
  const { secret, cookie = 'better-auth.session_token', find, clock = systemClock } = options
  const user = options.user ?? (({ userId }: BetterAuthRow) => ({ user: userId }))
  if (secret === '')
    throw new Fault('invalid_option', 'betterAuthSessions({ secret }) must be the secret of Better Auth.')
  return {
    name: 'better-auth',
    cookie,
    secure: cookie.startsWith('__Secure-'),
    read: async (value) => {
      const signed = splitSigned(value)
      if (signed === null || !isSignedBy([secret], signed.text, signed.signature)) return null
      const row = await find(signed.text)
      if (row === null || !(millisOf(row.expiresAt) > clock.now())) return null
      const migrant = await user(row)
      return migrant === null ? null : { id: signed.text, migrant }
    },
  }
}

/** NaN for what is no instant. */
function millisOf(at: BetterAuthRow['expiresAt']): number {
  if (typeof at === 'number') return at
  return at instanceof Date ? at.getTime() : Date.parse(at)
}
