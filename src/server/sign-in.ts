import { pickHead } from '../adapters/node-head.ts'
import type { Millis } from '../base/clock.ts'
import type { Reason } from '../base/reasons.ts'
import { insideOf } from '../http/auth.ts'
import { clientAddress } from '../http/origin.ts'
import type { Credentials, VerifiedUser } from './accounts.ts'
import type { Here } from './respond.ts'
import { networkOf } from './source.ts'

export type Judged =
  | { readonly ok: true; readonly value: VerifiedUser }
  /** `wait`: how long until the next try, where there were too many. */
  | { readonly ok: false; readonly reason: Reason; readonly wait: Millis | null }

/**
 * Judges a name and a password, and counts the try (L5).
 *
 * @param session the session of that user in which it is tried
 * @throws Fault `store_unavailable`; then it does not count
 */
export async function judgePassword(here: Here, credentials: Credentials, session?: string): Promise<Judged> {
  const { attempts, verify, auth, operations } = here.var.desk
  const { settings } = insideOf(auth)
  const address = clientAddress(pickHead(here.env.incoming), settings.origin)
  const { username } = credentials
  const attempt = await attempts.begin({ username, address, ...(session === undefined ? {} : { session }) })
  const what = session === undefined ? 'login' : 'reauthentication'
  const tell = (result: 'ok' | Reason, user: string | null): void =>
    operations.hub.emit({
      kind: 'login.judged',
      what,
      result,
      user,
      network: networkOf(address),
      at: settings.clock.now(),
    })
  if (!attempt.ok) {
    tell('too_many_attempts', null)
    return { ok: false, reason: 'too_many_attempts', wait: attempt.wait }
  }
  try {
    const verified = await verify(credentials)
    if (verified.ok) await attempt.succeeded()
    else if (verified.reason !== 'wrong_login') await attempt.abandoned()
    tell(verified.ok ? 'ok' : verified.reason, verified.ok ? verified.value.user : null)
    return verified.ok ? verified : { ...verified, wait: null }
  } catch (error) {
    // The engine that did not answer may not take it back either; then it has counted.
    await attempt.abandoned().catch(() => {})
    throw error
  }
}

/**
 * Judges the password of whoever is signed in: full re-authentication (S13).
 *
 * @returns or refuses: `wrong_password`, `too_many_attempts`, `too_many_logins`
 */
export async function judgeAgain(here: Here, password: string): Promise<Judged> {
  const { session } = here.env.incoming
  const username = await ownName(here)
  const judged = await judgePassword(here, { username, password }, session.id ?? '')
  if (judged.ok && judged.value.user !== session.user) return { ok: false, reason: 'wrong_password', wait: null }
  return judged.ok || judged.reason !== 'wrong_login' ? judged : { ok: false, reason: 'wrong_password', wait: null }
}

/** The name that the user of this session signs in with. */
export async function ownName(here: Here): Promise<string> {
  const { session } = here.env.incoming
  const account = await here.var.desk.accounts?.findById(session.user ?? '')
  const { preferred_username: name } = session.claims as { readonly preferred_username?: string }
  return account?.username ?? name ?? session.user ?? ''
}
