import type { Millis } from '../base/clock.ts'
import { accept, type Check, type Reason, refuse } from '../base/reasons.ts'
import { type Credential, tagMatches } from '../crypto/credential.ts'
import type { Scope } from '../model/revocation.ts'
import type { Cause, SessionRecord, Sid } from '../model/session.ts'
import { timeoutOf } from '../model/session.ts'
import type { Found } from '../model/store.ts'
import type { Context } from './context.ts'
import { rememberUntil } from './remember.ts'

/** A record that was just read and found live. */
export interface Live {
  readonly record: SessionRecord
  /** The store's clock at the read. */
  readonly at: Millis
  /** The last activity known: the recorded one, or later on this node. */
  readonly seenAt: Millis
}

/** A moved family is followed this far; each move is a change of rights. */
const longestTrail = 16

/**
 * Reads a session at the store and judges whether it lives: ended, timed out, or over with its user, tenant or everyone.
 *
 * A session that has timed out is ended for good, so that no clock brings it back. With a credential its tag is checked first, against the record that it names.
 *
 * @returns or refuses: `unknown_session`, `forged_credential`, `revoked`, `idle_timeout`, `absolute_timeout`
 * Cost: one read; one more for the generation of everyone and one for that of its tenant, on engines of which this node does not know them; one more for each move.
 */
export async function readLive(context: Context, sid: Sid, asked: Asked = {}): Promise<Check<Live>> {
  await context.view.start()
  const first = await context.backend.store.find(sid)
  if (first === null) return refuse('unknown_session')
  return judgeRead(context, first, asked)
}

/** What a read is for. */
export interface Asked {
  /** Its tag is checked first. */
  readonly credential?: Credential
  /** How old anything may be that is not read now (the policy's R). */
  readonly bound?: Millis | undefined
}

/**
 * Judges whether a session lives that was just read.
 *
 * @returns or refuses as `readLive`
 * Cost: as `readLive`, without the first read.
 */
export async function judgeRead(context: Context, first: Found, { credential, bound }: Asked): Promise<Check<Live>> {
  if (credential !== undefined && !tagMatches(credential, first.record.salt)) {
    context.suspects.remember(first.record.sid, first.record.salt)
    return refuse('forged_credential')
  }
  const found = await followMoves(context, first)
  if (found === null) return refuse('unknown_session')
  const { record } = found
  if (record.state.kind !== 'live') return refuse('revoked')
  if (record.user !== null && record.generations.user < found.userGeneration) return refuse('revoked')
  // What this node has heard of is final: after a fail-over the record may be an older one.
  if (context.view.judge(record, null) === 'revoked') return refuse('revoked')
  if (await isOver(context, record, bound)) return refuse('revoked')
  const seenAt = Math.max(record.seenAt, context.activity.lastOf(record.sid))
  const now = Math.max(found.at, context.clock.now())
  const timeout = timeoutOf({ ...record, seenAt }, now)
  if (timeout === null) return accept({ record, at: found.at, seenAt })
  await end(context, record, timeoutCauses[timeout] as Cause)
  return refuse(timeout)
}

const timeoutCauses: Partial<Record<Reason, Cause>> = { idle_timeout: 'idle', absolute_timeout: 'absolute' }

async function followMoves(context: Context, first: Found): Promise<Found | null> {
  let found: Found | null = first
  for (let step = 0; step < longestTrail; step++) {
    if (found === null || found.record.state.kind !== 'moved') return found
    found = await context.backend.store.find(found.record.state.to)
  }
  return null
}

async function isOver(context: Context, record: SessionRecord, bound: Millis | undefined): Promise<boolean> {
  const { tenant, generations } = record
  if (generations.everyone < (await generationOf(context, { kind: 'everyone' }, bound))) return true
  return tenant !== null && generations.tenant < (await generationOf(context, { kind: 'tenant', tenant }, bound))
}

/** As this node follows it, within R; read where it does not. What is issued under it is judged by the view like everything else. */
async function generationOf({ view, backend }: Context, scope: Scope, bound: Millis | undefined): Promise<number> {
  const known = view.generationOf(scope, bound)
  if (known !== null) return known
  const generation = await backend.store.generation(scope)
  view.know(scope, generation)
  return generation
}

/** Ends a session and tells about it. False when it had ended already. Cost: one write. */
export async function end(
  context: Context,
  record: Pick<SessionRecord, 'sid' | 'user'>,
  cause: Cause,
): Promise<boolean> {
  const now = context.clock.now()
  const until = rememberUntil(context, now)
  const ended = await context.backend.store.kill(record.sid, cause, until)
  if (ended) context.view.learn({ kind: 'kill', sid: record.sid, cause, until })
  context.activity.forget(record.sid)
  if (ended) context.emit({ kind: 'session.ended', id: record.sid, user: record.user, cause, at: now })
  return ended
}

/**
 * Ends a session under whatever identity it goes on: a renewal may have moved it after it was read.
 *
 * @returns the handle that was live, or null when the session had ended already
 * Cost: one write; one read and one write more for each move.
 */
export async function endFamily(
  context: Context,
  record: Pick<SessionRecord, 'sid' | 'user'>,
  cause: Cause,
): Promise<Sid | null> {
  let { sid } = record
  for (let step = 0; step <= longestTrail; step++) {
    if (await end(context, { sid, user: record.user }, cause)) return sid
    const found = await context.backend.store.find(sid)
    if (found?.record.state.kind !== 'moved') return null
    sid = found.record.state.to
  }
  return null
}
