import { toSeconds } from '../../base/clock.ts'
import type { Claims, PublicSession } from '../../model/session.ts'
import { deviceOf } from '../pages/device.ts'
import { english } from '../pages/words/english.ts'
import type { Here } from '../respond.ts'

/** The session of this request as JSON. Times in seconds since the Unix epoch. No I/O. */
export function sessionView(here: Here) {
  const { session } = here.env.incoming
  const { user } = session
  const claims = session.claims as Claims
  return {
    id: session.id,
    user: typeof claims.preferred_username === 'string' ? claims.preferred_username : user,
    user_id: user,
    role: claims.role ?? null,
    present: session.presentation,
    level: session.level,
    authenticated_at: session.authenticatedAt === null ? null : toSeconds(session.authenticatedAt),
    expires_at: session.endsAt === null ? null : toSeconds(session.endsAt),
  }
}

/** One of the user's sessions as JSON. Never a usable secret. */
export function listedView(session: PublicSession, current: string | null) {
  return {
    id: session.id,
    current: session.id === current,
    device: deviceOf(session.device.agent, english.device),
    address: session.device.address,
    present: session.presentation,
    level: session.level,
    methods: session.methods,
    bound: session.binding,
    remembered: session.persistent,
    created_at: toSeconds(session.createdAt),
    authenticated_at: session.authenticatedAt === null ? null : toSeconds(session.authenticatedAt),
    last_seen_at: toSeconds(session.seenAt),
    expires_at: toSeconds(session.expiresAt),
    ends_at: toSeconds(session.endsAt),
  }
}
