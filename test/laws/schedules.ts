import type { RequestListener } from 'node:http'
import express from 'express'
import * as expressDoor from '../../src/adapters/express.ts'
import * as nodeDoor from '../../src/adapters/node.ts'
import type { Clock, Millis } from '../../src/base/clock.ts'
import { writeCredential } from '../../src/crypto/credential.ts'
import { createKeyRing } from '../../src/crypto/keyring.ts'
import { type Auth, handstamp } from '../../src/http/auth.ts'
import { decideRotation } from '../../src/model/rotation.ts'
import type { Sid } from '../../src/model/session.ts'
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
  type ScheduledRequest,
  tableDoor,
  thiefSchedule,
} from '../model/rotation-schedules.ts'
import { type Answer, type Client, connect, cookiesOf, sessionCookie } from './client.ts'
import { listen } from './race-app.ts'
import { secret } from './race-world.ts'

const D = 15_000

/**
 * The clients that schedules are drawn for. Heads may leave until D after the operation, as the server has it; so that H + 2d is no more than 2D, a packet takes at most half
 * of D: see docs/decisions/012 for the budget of cookies.
 */
const cookie: ClientBounds = {
  carrier: 'cookie',
  timing: timingFor(0),
  transit: D / 2,
  headDeadline: D,
  discardAfter: D,
  longestUpload: 0,
}

export const clients: Readonly<Record<'cookie' | 'uploading' | 'token', ClientBounds>> = {
  cookie,
  uploading: { ...cookie, timing: timingFor(120_000), longestUpload: 120_000 },
  token: { ...cookie, carrier: 'token', transit: D, headDeadline: 10_000 },
}

export interface ScheduleResult {
  readonly schedules: number
  readonly renewals: number
  /** Seeds of honest families that were killed, or signed out within F_max lost replies. */
  readonly broken: readonly number[]
  readonly killed: number
  /** Seeds in which the server did otherwise than the table alone. */
  readonly different: readonly number[]
}

/** Plays honest schedules against real servers on a manual clock. */
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
  const stage = await openStage(bounds)
  const result = { schedules: 0, renewals: 0, broken: [] as number[], killed: 0, different: [] as number[] }
  try {
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const schedule = make(seed, bounds)
      const { credential, door, isLive } = await stage.signIn(`user ${seed}`, seed)
      const outcome = await play(schedule, credential, door)
      result.schedules++
      result.renewals += outcome.renewals.length
      if (outcome.killedBy !== null) result.killed++
      const isKilled = !(await isLive())
      if (isBroken(outcome) || isKilled !== (outcome.killedBy !== null)) result.broken.push(seed)
      const byTable = await play(schedule, 1, tableDoor(schedule, decideRotation))
      if (JSON.stringify(endOf(outcome)) !== JSON.stringify(endOf(byTable))) result.different.push(seed)
    }
  } finally {
    await stage.close()
  }
  return result
}

/** What a client can tell apart, whether or not a dropped answer would have renewed it. */
function endOf({ killedBy, signedOutAfter, refused }: Outcome): Omit<Outcome, 'renewals'> {
  return { killedBy, signedOutAfter, refused }
}

interface SignedIn {
  readonly credential: string
  readonly door: Door<string>
  /** Whether the store holds the family live. */
  isLive(): Promise<boolean>
}

/** Both doors in front of one engine. */
interface Stage {
  signIn(user: string, seed: number): Promise<SignedIn>
  close(): Promise<void>
}

async function openStage({ carrier, timing }: ClientBounds): Promise<Stage> {
  const clock = handlerClock()
  const backend = memory({ clock })
  const ring = createKeyRing([secret])
  let renewals = 0
  const auth = handstamp({
    backend,
    clock,
    secrets: secret,
    present: 'both',
    policy: timing,
    events: ({ kind }) => {
      if (kind === 'session.renewed') renewals += 1
    },
  })
  await auth.ready()
  const servers = await Promise.all([nodeApp(auth, clock), expressApp(auth, clock)].map(listen))
  const doors = servers.map(({ url }) => connect(url))

  async function newestOf(sid: Sid): Promise<string> {
    const record = (await backend.store.find(sid))?.record
    return record === undefined ? '' : writeCredential(record.sid, record.rotation.cur, record.salt, ring)
  }

  return {
    signIn: async (user, seed) => {
      const created = await auth.create({ user, present: carrier })
      if (!created.ok) throw new Error(created.reason)
      const { session, credential } = created.value
      const client = doors[seed % doors.length] as Client
      const login = clock.now()
      const door: Door<string> = async (held, request, at) => {
        clock.setWall(login + at)
        if (carrier === 'token') return tokenReply(await refresh(client, held))
        clock.handlerTakes = request.answersAfter
        const before = renewals
        const reply = cookieReply(await visit(client, held, request))
        clock.handlerTakes = 0
        const isLate = request.answersAfter > timing.transit
        if (reply.kind === 'renewed' && isLate) throw new Error('a late head carried the cookie')
        if (reply.kind !== 'admitted' || before === renewals) return reply
        if (!isLate) throw new Error('the head was in time and carried no cookie')
        // Renewed, and dropped like a lost reply: nobody has this one.
        return { kind: 'renewed', credential: await newestOf(session.id) }
      }
      const isLive = async (): Promise<boolean> => (await backend.store.find(session.id))?.record.state.kind === 'live'
      return { credential, door, isLive }
    },
    close: async () => {
      for (const client of doors) client.close()
      for (const { close } of servers) await close()
      await auth.close()
    },
  }
}

/** A clock whose wall time is set by the schedule, while the handler of a request lets only the monotonic time pass: others may arrive meanwhile. */
interface HandlerClock extends Clock {
  handlerTakes: Millis
  setWall(at: Millis): void
  handle(): void
}

function handlerClock(): HandlerClock {
  let wall = 1_700_000_000_000
  let monotonic = 0
  return {
    handlerTakes: 0,
    now: () => wall,
    monotonic: () => monotonic,
    setWall: (at) => {
      wall = at
    },
    handle() {
      monotonic += this.handlerTakes
    },
  }
}

function nodeApp(auth: Auth, clock: HandlerClock): RequestListener {
  const endpoints = nodeDoor.routes(auth, { at: '/auth' })
  const guarded = nodeDoor.requireSession()((_request, response) => {
    clock.handle()
    response.end()
  })
  return nodeDoor.session(auth)(async (request, response) => {
    if (!(await endpoints(request, response))) await guarded(request, response)
  })
}

function expressApp(auth: Auth, clock: HandlerClock): RequestListener {
  const app = express()
  app.use(expressDoor.session(auth))
  app.use('/auth', expressDoor.routes(auth))
  app.use(expressDoor.requireSession(), (_request, response) => {
    clock.handle()
    response.end()
  })
  app.use(expressDoor.problems())
  return app
}

/** With the long-lived cookie alone: the snapshot is missing, so the session is renewed in passing. */
function visit(client: Client, credential: string, { hasBody }: ScheduledRequest): Promise<Answer> {
  const cookie = `${sessionCookie}=${credential}`
  return hasBody ? client.ask('POST', '/', { cookie, form: { a: 'b' } }) : client.ask('GET', '/', { cookie })
}

function refresh(client: Client, credential: string): Promise<Answer> {
  return client.ask('POST', '/auth/token', { form: { grant_type: 'refresh_token', refresh_token: credential } })
}

function cookieReply(answer: Answer): Reply<string> {
  if (answer.status !== 200) return refusalOf(answer)
  const credential = cookiesOf(answer).get(sessionCookie)
  return credential === undefined ? { kind: 'admitted' } : { kind: 'renewed', credential }
}

function tokenReply(answer: Answer): Reply<string> {
  if (answer.status !== 200) return refusalOf(answer)
  const { refresh_token: credential } = JSON.parse(answer.body) as { refresh_token?: string }
  return credential === undefined ? { kind: 'admitted' } : { kind: 'renewed', credential }
}

function refusalOf({ status, body }: Answer): Reply<string> {
  const { reason = '' } = JSON.parse(body) as { reason?: string }
  const kind = refusals[reason]
  if (kind === undefined) throw new Error(`answered ${status}: ${body}`)
  return { kind }
}

const refusals: Readonly<Record<string, 'retry' | 'refused' | 'reauthenticate' | 'killed'>> = {
  retry_renewal: 'retry',
  late_credential: 'refused',
  reauthenticate: 'reauthenticate',
  replayed_credential: 'killed',
}
