import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { type Credential, parseCredential, tagMatches } from '../crypto/credential.ts'
import { partitionOfSid } from '../model/partition.ts'
import { timingOf } from '../model/policy.ts'
import { decideRotation, type Rotation, type RotationVerdict } from '../model/rotation.ts'
import { type SessionRecord, withRotation } from '../model/session.ts'
import { type Snapshot, takeSnapshot } from '../model/snapshot.ts'
import type { Advanced, Found } from '../model/store.ts'
import type { Context } from './context.ts'
import { type Issued, issue } from './issue.ts'
import { endFamily, judgeRead, type Live } from './read.ts'
import { newIdentity } from './reidentify.ts'
import { rememberUntil } from './remember.ts'

/** A presentation of the long-lived credential. */
export interface RenewRequest {
  readonly credential: string
  readonly carrier: 'cookie' | 'token'
  /** The request has a body, so that a proxy may have held it. */
  readonly hasBody: boolean
  /** Nothing can be sent back (prefetch, server components): admit or refuse, send nothing. Reuse still ends the family. */
  readonly readOnly: boolean
  /** R of this route (the policy's). */
  readonly bound?: Millis | undefined
}

export interface Renewed {
  readonly record: SessionRecord
  readonly snapshot: Snapshot
  /** null: this request is admitted, and nothing is to be sent. */
  readonly issued: Issued | null
  /** The node's monotonic clock just before the store was asked: cookies leave within D of it or never. */
  readonly startedAt: Millis
}

export type Renew = (request: RenewRequest) => Promise<Check<Renewed>>

/** How often a renewal that lost a race reads again; each loss is somebody else's success. */
const mostAttempts = 16

/**
 * The one operation behind cookies that are renewed in passing and refresh tokens: the rotation table, carried out on the record.
 *
 * Equal presentations that arrive together share one operation and one answer. A forged or killed credential costs no I/O.
 *
 * @returns or refuses with a reason of the groups credentials and sessions
 * @throws Fault `store_unavailable`, `not_stored`
 * Cost: one write, or one read where nothing rotates; what `readLive` costs beyond its read.
 * @see protocol section 5
 */
export function createRenew(context: Context): Renew {
  const flights = new Map<string, Promise<Check<Renewed>>>()

  return async (request) => {
    const parsed = precheck(context, request.credential)
    if (!parsed.ok) return parsed
    const key = `${request.carrier} ${request.hasBody} ${request.readOnly} ${request.bound} ${request.credential}`
    const running = flights.get(key)
    if (running !== undefined) {
      const joined = await running
      // What has ended while this request waited for another one's answer is not admitted by it.
      if (!joined.ok || isStillGood(context, joined.value.snapshot, request.bound)) return joined
      return renewNow(context, request, parsed.value)
    }
    const flight = renewNow(context, request, parsed.value).finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }
}

/** Only where this node may answer from memory about it, by the bound of this request. */
function isStillGood({ view }: Context, snapshot: Snapshot, bound: Millis | undefined): boolean {
  return view.catchUp(partitionOfSid(snapshot.sid), bound) && view.judge(snapshot, null) === 'live'
}

/** All that can be refused without asking the store. */
function precheck(context: Context, text: string): Check<Credential> {
  const parsed = parseCredential(text, context.ring)
  if (!parsed.ok) return parsed
  const { sid } = parsed.value
  context.view.catchUp(partitionOfSid(sid))
  if (context.view.isKilled(sid)) return refuse('revoked')
  const salt = context.suspects.saltOf(sid)
  return salt !== undefined && !tagMatches(parsed.value, salt) ? refuse('forged_credential') : parsed
}

async function renewNow(context: Context, request: RenewRequest, credential: Credential): Promise<Check<Renewed>> {
  if (request.carrier === 'token') await context.tokens.settle()
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const outcome = await renewOnce(context, request, credential)
    if (outcome !== 'again') return outcome
  }
  throw new Fault('store_unavailable', 'The session is being renewed too often at once; try again.')
}

async function renewOnce(
  context: Context,
  request: RenewRequest,
  credential: Credential,
): Promise<Check<Renewed> | 'again'> {
  const startedAt = context.clock.monotonic()
  const now = context.clock.now()
  await context.view.start()
  const first = await present(context, request, credential, now)
  if (first === null) return refuse('unknown_session')
  const live = await judgeRead(context, first, { credential, bound: request.bound })
  if (!live.ok) {
    if (live.reason === 'forged_credential' && first.to !== null) await takeBack(context, first, first.to)
    return live
  }
  if (live.value.record.presentation !== request.carrier) return refuse('wrong_type')
  const step: Step = { context, request, live: live.value, now, startedAt }
  if (first.to === null) return carryOut(step, verdictOf(step, credential))
  return accept(answerAnew(step, withRotation(live.value.record, first.to, now), 'rotate'))
}

/**
 * The usual renewal, the newest credential of a session after the quiet zone, is one call of the store; anything else only reads. The tag can be checked only when the record is there: behind a
 * good mark it is wrong where a key leaked or one guess in 2^32 was right.
 */
async function present(
  { backend, policy }: Context,
  { carrier, readOnly }: RenewRequest,
  { sid, counter }: Credential,
  now: Millis,
): Promise<Advanced | null> {
  if (!readOnly) {
    const quiet = policy.grace + 2 * policy.transit
    return backend.store.advance(sid, { counter, presentation: carrier, quiet }, now)
  }
  const found = await backend.store.find(sid)
  return found && { ...found, to: null }
}

/** The rotation that a wrong tag has brought about, unless the session has gone on since: then its holder has renewed, and nothing is lost. */
async function takeBack({ backend }: Context, { record }: Found, to: Rotation): Promise<void> {
  await backend.store.rotate(record.sid, to, record.rotation, record.seenAt)
}

interface Step {
  readonly context: Context
  readonly request: RenewRequest
  readonly live: Live
  /** Read before the store was asked (P-I5). */
  readonly now: Millis
  readonly startedAt: Millis
}

function verdictOf(step: Step, credential: Credential): RotationVerdict {
  const { request, live, context } = step
  const presented = {
    counter: credential.counter,
    carrier: request.carrier,
    hasBody: request.hasBody,
    bound: false,
    now: live.at,
  }
  const verdict = decideRotation(live.record.rotation, presented, timingOf(context.policy))
  if (!request.readOnly) return verdict
  if (verdict.kind === 'advance') return { kind: credential.counter >= live.record.rotation.cur ? 'admit' : 'refuse' }
  return verdict.kind === 'current' ? { kind: 'admit' } : verdict
}

async function carryOut(step: Step, verdict: RotationVerdict): Promise<Check<Renewed> | 'again'> {
  switch (verdict.kind) {
    case 'current':
      return accept(await answer(step, 'all'))
    case 'admit':
      return accept(await answer(step, step.request.carrier === 'token' ? 'access' : 'nothing'))
    case 'advance':
      return advance(step, verdict)
    case 'retry':
      return refuse('retry_renewal')
    case 'refuse':
      return refuse('late_credential')
    case 'reauthenticate':
      return refuse('reauthenticate')
    case 'reuse':
      return killFamily(step)
  }
}

/** Answers from the record as it was read; activity that is due is written first, so that no snapshot outlives what is recorded. */
async function answer(step: Step, send: 'all' | 'access' | 'nothing'): Promise<Renewed> {
  const { context, now, live, startedAt } = step
  const { record } = live
  let { seenAt } = record
  if (now - seenAt >= record.idle * context.policy.touchRatio) {
    await context.backend.store.touch(new Map([[record.sid, now]]))
    seenAt = now
  } else {
    context.activity.note(record.sid, now, record.idle, seenAt)
  }
  if (send === 'nothing') {
    const snapshot = takeSnapshot(record, now, context.policy.access, seenAt)
    return { record, snapshot, issued: null, startedAt }
  }
  const issued = issue(context, record, { now, seenAt, withCredential: send === 'all' })
  return { record, snapshot: issued.snapshot, issued, startedAt }
}

type Advance = Extract<RotationVerdict, { kind: 'advance' }>

async function advance(step: Step, verdict: Advance): Promise<Check<Renewed> | 'again'> {
  const { context, now, live } = step
  const { record } = live
  const { store } = context.backend
  const next = withRotation(record, verdict.to, now)
  const moved = record.renewIdentity ? newIdentity(next) : null
  const change = await (moved === null
    ? store.rotate(record.sid, record.rotation, verdict.to, next.seenAt)
    : store.move(record, moved, rememberUntil(context, now)))
  if (change !== 'done') return 'again'
  const { sid, user } = record
  if (moved !== null) context.emit({ kind: 'session.moved', id: sid, to: moved.sid, user, at: now })
  return accept(answerAnew(step, moved ?? next, verdict.how))
}

/** Answers with the credential that was just written. */
function answerAnew({ context, live, now, startedAt }: Step, record: SessionRecord, how: Advance['how']): Renewed {
  const issued = issue(context, record, { now, seenAt: record.seenAt, withCredential: true })
  context.activity.forget(live.record.sid)
  context.emit({ kind: 'session.renewed', id: record.sid, user: record.user, how, at: now })
  return { record, snapshot: issued.snapshot, issued, startedAt }
}

async function killFamily(step: Step): Promise<Check<Renewed>> {
  const { context, live, now } = step
  const ended = await endFamily(context, live.record, 'reuse')
  if (ended !== null) context.emit({ kind: 'session.reuse', id: ended, user: live.record.user, at: now })
  return refuse('replayed_credential')
}
