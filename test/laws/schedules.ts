import type { Check, Reason } from '../../src/base/reasons.ts'
import type { Renewed } from '../../src/engine/renew.ts'
import { handstamp, insideOf } from '../../src/http/auth.ts'
import { memory } from '../../src/stores/memory.ts'
import { timingFor } from '../model/rotation-model.ts'
import {
  type ClientBounds,
  type Door,
  honestSchedule,
  type Outcome,
  play,
  type Reply,
  type Schedule,
  thiefSchedule,
} from '../model/rotation-schedules.ts'
import { manualClock } from '../support/manual-clock.ts'

const D = 15_000

/** The clients that schedules are drawn for; see docs/decisions/012 for the two budgets of cookies. */
export const clients: Readonly<Record<'cookie' | 'uploading' | 'token', ClientBounds>> = {
  cookie: {
    carrier: 'cookie',
    timing: timingFor(0),
    transit: 10_000,
    headDeadline: 10_000,
    discardAfter: D,
    longestUpload: 0,
  },
  uploading: {
    carrier: 'cookie',
    timing: timingFor(120_000),
    transit: 10_000,
    headDeadline: 10_000,
    discardAfter: D,
    longestUpload: 120_000,
  },
  token: {
    carrier: 'token',
    timing: timingFor(0),
    transit: D,
    headDeadline: 10_000,
    discardAfter: D,
    longestUpload: 0,
  },
}

export interface ScheduleResult {
  readonly schedules: number
  readonly renewals: number
  /** Seeds of honest families that were killed, or signed out within F_max lost replies. */
  readonly broken: readonly number[]
  readonly killed: number
}

/** Plays honest schedules against the engine on a manual clock. */
export async function honestOnEngine(bounds: ClientBounds, firstSeed: number, count: number): Promise<ScheduleResult> {
  return playAll(bounds, firstSeed, count, honestSchedule, ({ killedBy, signedOutAfter }) => {
    return killedBy !== null || signedOutAfter.some((unlanded) => unlanded <= bounds.timing.maxForks)
  })
}

/** Plays thieves' schedules; `killed` counts the families that were found out. */
export async function thievesOnEngine(bounds: ClientBounds, firstSeed: number, count: number): Promise<ScheduleResult> {
  return playAll(bounds, firstSeed, count, thiefSchedule, ({ killedBy }) => killedBy === null)
}

async function playAll(
  bounds: ClientBounds,
  firstSeed: number,
  count: number,
  make: (seed: number, bounds: ClientBounds) => Schedule,
  isBroken: (outcome: Outcome) => boolean,
): Promise<ScheduleResult> {
  const clock = manualClock()
  const { grace, transit, upload, maxForks } = bounds.timing
  const policy = { grace, transit, upload, maxForks }
  const auth = handstamp({ backend: memory({ clock }), clock, present: 'both', policy })
  await auth.ready()
  const result = { schedules: 0, renewals: 0, broken: [] as number[], killed: 0 }
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const schedule = make(seed, bounds)
    const created = await auth.create({ user: `user ${seed}`, present: bounds.carrier })
    if (!created.ok) throw new Error(created.reason)
    const outcome = await play(schedule, created.value.credential, engineDoor(auth, clock, bounds.carrier))
    result.schedules++
    result.renewals += outcome.renewals.length
    if (outcome.killedBy !== null) result.killed++
    if (isBroken(outcome)) result.broken.push(seed)
  }
  await auth.close()
  return result
}

function engineDoor(
  auth: ReturnType<typeof handstamp>,
  clock: ReturnType<typeof manualClock>,
  carrier: 'cookie' | 'token',
): Door<string> {
  const login = clock.now()
  const { engine } = insideOf(auth).opened as NonNullable<ReturnType<typeof insideOf>['opened']>
  return async (credential, { hasBody }, at) => {
    clock.advance(login + at - clock.now())
    return replyOf(
      await engine.renew({ credential, carrier, hasBody: carrier === 'cookie' && hasBody, readOnly: false }),
    )
  }
}

function replyOf(renewed: Check<Renewed>): Reply<string> {
  if (!renewed.ok) return { kind: refusals[renewed.reason] ?? 'killed' }
  const credential = renewed.value.issued?.credential ?? null
  return credential === null ? { kind: 'admitted' } : { kind: 'renewed', credential }
}

const refusals: Partial<Record<Reason, 'retry' | 'refused' | 'reauthenticate' | 'killed'>> = {
  retry_renewal: 'retry',
  late_credential: 'refused',
  reauthenticate: 'reauthenticate',
  replayed_credential: 'killed',
}
