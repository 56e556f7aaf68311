import { createHash, timingSafeEqual } from 'node:crypto'
import { pickHead } from '../../adapters/node-head.ts'
import { second } from '../../base/clock.ts'
import { accept, type Check, refuse } from '../../base/reasons.ts'
import { insideOf } from '../../http/auth.ts'
import { clientAddress } from '../../http/origin.ts'
import { visitOf } from '../../http/visit.ts'
import type { Here } from '../respond.ts'
import { networkOf, sourceOf } from '../source.ts'

/** Who administers. */
export interface Administrator {
  /** As it stands in the audit log. */
  readonly actor: string
  /** Network of the address. */
  readonly source: string
}

/** Where programs, and administrators without a second factor, show the secret of the configuration. */
export const adminSecretHeader = 'X-Admin-Secret'

/** Wrong ones from one source, and requests with the right one that are under way. */
const guesses = { burst: 100, every: second }

/**
 * Lets in who shows the admin secret, or is signed in with the role `admin` and two factors. The secret is no session: nothing is set, and it counts for this request.
 *
 * @returns or refuses: `anonymous` and others of the session, `claim_required`, `step_up_required`, `wrong_password`, `too_many_attempts`
 * Cost: none; with a secret two writes, or one where it is wrong.
 */
export async function administrator(here: Here): Promise<Check<Administrator>> {
  const { incoming } = here.env
  const { auth, adminSecret, limits } = here.var.desk
  const head = pickHead(incoming)
  const address = clientAddress(head, insideOf(auth).settings.origin)
  const source = networkOf(address)
  const shown = head.header('x-admin-secret')
  if (shown !== undefined) {
    // Taken before it is looked at: past the limit the right one is refused as well, so that guessing on tells nothing.
    const key = `admin-secret ${sourceOf(address)}`
    if ((await limits.take(key, guesses)) > 0) return refuse('too_many_attempts')
    if (adminSecret === null || !isSame(shown, adminSecret)) return refuse('wrong_password')
    await limits.give(key, guesses)
    return accept({ actor: 'admin secret', source })
  }
  const visit = visitOf(incoming)
  // The role first: nobody is asked for a second factor that would not help.
  const admitted = visit.guard({ claim: { role: 'admin' } })
  const proven = admitted.ok ? visit.guard({ level: 2 }) : admitted
  return proven.ok ? accept({ actor: `user:${proven.value.user}`, source }) : proven
}

/** In a time that tells nothing of the secret, not even its length. */
function isSame(shown: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(shown), digest(secret))
}
