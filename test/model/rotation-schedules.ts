/**
 * Random schedules of honest clients and of thieves as plain data, from a seed; and a player that runs one against
 * anything that renews: the rotation table alone, or a real engine under a manual clock.
 */

import { firstRotation, type RotationTiming } from '../../src/model/rotation.ts'
import type { Decide } from './rotation-model.ts'

export type Holder = 'victim' | 'thief'

/** One request. All times in milliseconds. */
export interface ScheduledRequest {
  readonly holder: Holder
  /** Since login. The credential is read in the same step. */
  readonly sentAt: number
  /** From sending until the store decides. */
  readonly arrivesAfter: number
  /** From the store's decision until the response head leaves: the handler. */
  readonly answersAfter: number
  /** From the head's leaving until the answer has landed. */
  readonly landsAfter: number
  readonly hasBody: boolean
  readonly lost: 'nothing' | 'request' | 'reply'
  /** Which credential of its own the holder presents: honest clients the newest. */
  readonly presents: 'newest' | 'previous'
}

/** What happens to one family from its login on. */
export interface Schedule {
  readonly name: string
  readonly carrier: 'cookie' | 'token'
  readonly timing: RotationTiming
  /** H: a Set-Cookie is dropped if its head leaves later than this after the store's decision. */
  readonly headDeadline: number
  /** A token client discards an answer this long after sending. */
  readonly discardAfter: number
  /** When the thief copies the victim's credential, milliseconds since login; null = nobody steals. */
  readonly stolenAt: number | null
  readonly requests: readonly ScheduledRequest[]
}

/** What a client sees. `renewed` carries the credential it is to keep from now on, be it new or the same again. */
export type Reply<Credential> =
  | { readonly kind: 'renewed'; readonly credential: Credential }
  | { readonly kind: 'admitted' | 'retry' | 'refused' | 'reauthenticate' | 'killed' }

/** Whatever a schedule is played against. `at`: milliseconds since login, never decreasing; set the clock to it. */
export type Door<Credential> = (
  credential: Credential,
  request: ScheduledRequest,
  at: number,
) => Reply<Credential> | Promise<Reply<Credential>>

/** What became of a family. Indices point into `schedule.requests`. */
export interface Outcome {
  readonly killedBy: number | null
  /** For each `reauthenticate`: how many new credentials in a row had not landed. */
  readonly signedOutAfter: readonly number[]
  /** Who received a credential, in order. */
  readonly renewals: readonly Holder[]
  /** Requests refused for themselves (uploads). */
  readonly refused: readonly number[]
}

interface Event {
  readonly at: number
  readonly kind: 'theft' | 'send' | 'decide' | 'land'
  readonly request: number
}

/**
 * The steps of a schedule in the order of time; on a tie the earlier request, and within it the earlier step, comes
 * first.
 */
export function eventsOf(schedule: Schedule): Event[] {
  const events: Event[] = schedule.stolenAt === null ? [] : [{ at: schedule.stolenAt, kind: 'theft', request: -1 }]
  schedule.requests.forEach((request, index) => {
    const decidedAt = request.sentAt + request.arrivesAfter
    const landsAt = decidedAt + request.answersAfter + request.landsAfter
    events.push({ at: request.sentAt, kind: 'send', request: index })
    if (request.lost === 'request') return
    events.push({ at: decidedAt, kind: 'decide', request: index })
    if (request.lost === 'nothing' && keeps(schedule, request))
      events.push({ at: landsAt, kind: 'land', request: index })
  })
  return events.sort((a, b) => a.at - b.at || a.request - b.request)
}

/** Whether the holder would keep what the answer carries: the head left in time, the answer came in time. */
function keeps(schedule: Schedule, request: ScheduledRequest): boolean {
  if (schedule.carrier === 'cookie') return request.answersAfter <= schedule.headDeadline
  return request.arrivesAfter + request.answersAfter + request.landsAfter <= schedule.discardAfter
}

/** What a holder has: the newest is what a cookie jar or a storage holds. */
interface Wallet<Credential> {
  newest: Credential
  previous: Credential
}

/**
 * Plays a schedule until its end or until the family is killed.
 *
 * @param first the credential that login gave, at time 0
 * @param door what answers; credentials are compared with `===`
 */
export async function play<Credential>(
  schedule: Schedule,
  first: Credential,
  door: Door<Credential>,
): Promise<Outcome> {
  const wallets: Record<Holder, Wallet<Credential>> = {
    victim: { newest: first, previous: first },
    thief: { newest: first, previous: first },
  }
  const presented = new Map<number, Credential>()
  const replies = new Map<number, Credential>()
  const outcome = { signedOutAfter: [] as number[], renewals: [] as Holder[], refused: [] as number[] }
  let issued = first
  let unlanded = 0
  for (const { at, kind, request: index } of eventsOf(schedule)) {
    const request = schedule.requests[index]
    if (request === undefined) {
      wallets.thief = { ...wallets.victim }
      continue
    }
    if (kind === 'send') presented.set(index, wallets[request.holder][request.presents])
    if (kind === 'land' && replies.has(index)) {
      const landed = replies.get(index) as Credential
      if (landed === issued) unlanded = 0
      keep(wallets[request.holder], landed)
    }
    if (kind !== 'decide') continue
    const reply = await door(presented.get(index) as Credential, request, at)
    if (reply.kind === 'killed') return { ...outcome, killedBy: index }
    if (reply.kind === 'reauthenticate') outcome.signedOutAfter.push(unlanded)
    if (reply.kind === 'refused') outcome.refused.push(index)
    if (reply.kind !== 'renewed') continue
    outcome.renewals.push(request.holder)
    replies.set(index, reply.credential)
    if (reply.credential !== issued) unlanded += 1
    issued = reply.credential
  }
  return { ...outcome, killedBy: null }
}

function keep<Credential>(wallet: Wallet<Credential>, landed: Credential): void {
  if (landed !== wallet.newest) wallet.previous = wallet.newest
  wallet.newest = landed
}

/** The table alone as a door: credentials are bare counters, the first one is 1. */
export function tableDoor({ carrier, timing }: Schedule, decide: Decide): Door<number> {
  let state = firstRotation(0)
  return (counter, { hasBody }, now) => {
    const verdict = decide(state, { counter, carrier, hasBody, bound: false, now }, timing)
    if (verdict.kind === 'advance') state = verdict.to
    if (verdict.kind === 'advance' || verdict.kind === 'current') return { kind: 'renewed', credential: state.cur }
    return { kind: answers[verdict.kind] }
  }
}

const answers = {
  admit: 'admitted',
  retry: 'retry',
  refuse: 'refused',
  reauthenticate: 'reauthenticate',
  reuse: 'killed',
} as const

/** The bounds an honest client keeps, in milliseconds, and the times of the table it meets. */
export interface ClientBounds {
  readonly carrier: 'cookie' | 'token'
  readonly timing: RotationTiming
  /** D: under way to the store + on the way back; token mode: to the store. */
  readonly transit: number
  readonly headDeadline: number
  readonly discardAfter: number
  /** 0 = no uploads. */
  readonly longestUpload: number
}

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Draw = () => number

function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  return items[Math.floor(draw() * items.length)] as Item
}

/** None, all or some of it: extremes are where races live. */
function share(draw: Draw, most: number): number {
  return Math.round(pick(draw, [0, most, draw() * most]))
}

/**
 * A random honest schedule: three slots, rounds of requests close together, gaps just beyond the bounds of the table,
 * delays at their extremes, handlers slower than H, runs of at most five lost rounds.
 */
export function honestSchedule(seed: number, bounds: ClientBounds, rounds = 30): Schedule {
  const draw = random(seed)
  const { timing } = bounds
  const quietEnd = timing.grace + 2 * timing.transit
  const slots = [0, 0, 0]
  const requests: ScheduledRequest[] = []
  let start = 0
  let losing = 0
  for (let round = 0; round < rounds; round++) {
    const gaps = [
      1,
      timing.grace,
      timing.grace + 1,
      quietEnd,
      quietEnd + 1,
      draw() * quietEnd,
      draw() * 2 * timing.upload,
    ]
    start += Math.round(pick(draw, gaps))
    losing = losing > 0 ? losing - 1 : draw() < 0.1 ? 5 : 0
    for (let slot = 0; slot < slots.length; slot++) {
      const sentAt = Math.max(start + share(draw, timing.transit), slots[slot] as number)
      const request = honestRequest(draw, bounds, sentAt, losing > 0 ? 0.9 : 0.1)
      slots[slot] = sentAt + request.arrivesAfter + request.answersAfter + request.landsAfter
      requests.push(request)
    }
  }
  requests.sort((a, b) => a.sentAt - b.sentAt)
  return { ...bounds, name: `honest ${bounds.carrier} ${seed}`, stolenAt: null, requests }
}

function honestRequest(draw: Draw, bounds: ClientBounds, sentAt: number, losses: number): ScheduledRequest {
  const hasBody = bounds.longestUpload > 0 && draw() < 0.25
  const arrivesAfter = share(draw, hasBody ? bounds.longestUpload : bounds.transit)
  const cookie = bounds.carrier === 'cookie'
  const answersAfter = share(draw, cookie && draw() < 0.1 ? 20 * bounds.headDeadline : bounds.headDeadline)
  const back = hasBody || !cookie ? bounds.transit : bounds.transit - arrivesAfter
  const lost = draw() >= losses ? 'nothing' : pick(draw, ['request', 'reply', 'reply'] as const)
  const landsAfter = share(draw, back)
  return { holder: 'victim', sentAt, arrivesAfter, answersAfter, landsAfter, hasBody, lost, presents: 'newest' }
}

/** A random schedule in which a thief holds the first credential and both keep going, spaced: more than G apart. */
export function thiefSchedule(seed: number, bounds: ClientBounds, presentations = 60): Schedule {
  const draw = random(seed)
  const { timing } = bounds
  const quietEnd = timing.grace + 2 * timing.transit
  const requests: ScheduledRequest[] = []
  let at = 0
  let holder: Holder = 'victim'
  for (let count = 0; count < presentations; count++) {
    const next: Holder = draw() < 0.5 ? 'victim' : 'thief'
    const apart = next === holder ? 0 : timing.grace + 1
    at += Math.round(apart + pick(draw, [0, timing.grace, quietEnd, quietEnd + 1, draw() * 2 * quietEnd]))
    holder = next
    const hasBody = bounds.longestUpload > 0 && draw() < 0.25
    const presents = holder === 'thief' && draw() < 0.3 ? 'previous' : 'newest'
    const lost = holder === 'victim' && draw() < 0.2 ? 'reply' : 'nothing'
    requests.push({ holder, sentAt: at, arrivesAfter: 0, answersAfter: 0, landsAfter: 0, hasBody, lost, presents })
  }
  return { ...bounds, name: `thief ${bounds.carrier} ${seed}`, stolenAt: 0, requests }
}

/** How often receiving credentials passed from one holder to the other. */
export function handoversIn(renewals: readonly Holder[]): number {
  return ['victim' as const, ...renewals].filter((holder, index, all) => index > 0 && holder !== all[index - 1]).length
}
