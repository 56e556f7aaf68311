import { createHash, timingSafeEqual } from 'node:crypto'
import { pickHead } from '../../adapters/node-head.ts'
import { type Millis, minute, second } from '../../base/clock.ts'
import { accept, type Check, refuse } from '../../base/reasons.ts'
import { insideOf } from '../../http/auth.ts'
import { clientAddress } from '../../http/origin.ts'
import { visitOf } from '../../http/visit.ts'
import type { Desk } from '../desk.ts'
import type { Here } from '../respond.ts'
import { networkOf, sourceOf } from '../source.ts'

/** Who administers. */
export interface Administrator {
  /** As it stands in the audit log. */
  readonly actor: string
  /** Network of the address. */
  readonly source: string
  /** Whether they still may, for what lasts longer than a request. Cost: one read; none with the secret in a header. */
  readonly stillMay: () => Promise<boolean>
}

/** Where programs, and administrators without a second factor, show the secret of the configuration. */
export const adminSecretHeader = 'X-Admin-Secret'

/** Wrong ones from one source, and requests with the right one that are under way. */
const guesses = { burst: 100, every: second }

/** What a session holds once the secret was shown in it: the instant until which that counts. */
const markKey = 'admin-until'

/** How long the secret counts for a session. */
export const markedFor: Millis = 30 * minute

/**
 * Lets in who shows the admin secret, is signed in with the role `admin` and two factors, or has shown the secret in this session within half an hour. In a header the secret is no session: nothing is set, and it
 * counts for this request.
 *
 * @returns or refuses: `anonymous` and others of the session, `claim_required`, `step_up_required`, `wrong_password`, `too_many_attempts`
 * Cost: none for two factors, otherwise one read; with a secret two writes, or one where it is wrong.
 */
export async function administrator(here: Here): Promise<Check<Administrator>> {
  const { incoming } = here.env
  const shown = pickHead(incoming).header('x-admin-secret')
  if (shown !== undefined) {
    const right = await judgeSecret(here, shown)
    return right.ok ? accept({ actor: 'admin secret', source: sourceHere(here), stillMay: async () => true }) : right
  }
  const visit = visitOf(incoming)
  // The role first: nobody is asked for a second factor that would not help.
  const admitted = visit.guard({ claim: { role: 'admin' } })
  const proven = admitted.ok ? visit.guard({ level: 2 }) : admitted
  if (proven.ok) return accept(bySession(here, Number.POSITIVE_INFINITY))
  const until = await markedUntil(here)
  return until === null ? proven : accept(bySession(here, until))
}

/** Until when the secret counts for this session; null: it does not. Cost: one read; none where nobody is signed in. */
export async function markedUntil({ env, var: { desk } }: Here): Promise<Millis | null> {
  const { session } = env.incoming
  if (session.user === null) return null
  const until = await session.get(markKey)
  return typeof until === 'number' && nowAt(desk) < until ? until : null
}

/**
 * Lets the right secret count for this session from now on, under a new identity (S2): whoever has planted or seen the one before has nothing.
 *
 * @returns or refuses: `wrong_password`, `too_many_attempts`
 * Cost: as a step-up, and three writes.
 */
export async function markSession(here: Here, secret: string): Promise<Check<null>> {
  const right = await judgeSecret(here, secret)
  if (!right.ok) return right
  const { session } = here.env.incoming
  const actor = `user:${session.user}`
  await here.var.desk.audit.append({ actor, action: 'admin.unlock', subject: null, source: sourceHere(here) })
  await session.stepUp()
  await session.set(markKey, nowAt(here.var.desk) + markedFor)
  return accept(null)
}

function bySession(here: Here, until: Millis): Administrator {
  const { id, user } = here.env.incoming.session
  const { desk } = here.var
  return {
    actor: `user:${user}`,
    source: sourceHere(here),
    stillMay: async () => nowAt(desk) < until && (await desk.auth.find(id ?? '')) !== null,
  }
}

async function judgeSecret(here: Here, shown: string): Promise<Check<null>> {
  const { adminSecret, limits } = here.var.desk
  // Taken before it is looked at: past the limit the right one is refused as well, so that guessing on tells nothing.
  const key = `admin-secret ${sourceOf(addressOf(here))}`
  if ((await limits.take(key, guesses)) > 0) return refuse('too_many_attempts')
  if (adminSecret === null || !isSame(shown, adminSecret)) return refuse('wrong_password')
  await limits.give(key, guesses)
  return accept(null)
}

function sourceHere(here: Here): string {
  return networkOf(addressOf(here))
}

function addressOf({ env, var: { desk } }: Here): string | null {
  return clientAddress(pickHead(env.incoming), insideOf(desk.auth).settings.origin)
}

function nowAt({ auth }: Pick<Desk, 'auth'>): Millis {
  return insideOf(auth).settings.clock.now()
}

/** In a time that tells nothing of the secret, not even its length. */
function isSame(shown: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(shown), digest(secret))
}
