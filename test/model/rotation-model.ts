/**
 * Explicit-state model of the rotation table under honest clients (protocol, section 5).
 *
 * Time runs in ticks, 5 s unless a case says otherwise (then G = 2, D = 3); ages are relative and saturate, counters
 * are renamed by rank, so that the state space is finite with no bound on time, idle gaps or losses.
 */

import {
  firstRotation,
  type Presentation,
  type Rotation,
  type RotationTiming,
  type RotationVerdict,
} from '../../src/model/rotation.ts'
import type { Machine, Step } from './rotation-search.ts'

export type Decide = (state: Rotation, presented: Presentation, timing: RotationTiming) => RotationVerdict

/** The protocol's times in milliseconds, for uploads that a proxy may hold up to `longestUpload` milliseconds. */
export function timingFor(longestUpload: number): RotationTiming {
  const grace = 10_000
  const transit = 15_000
  return { grace, transit, upload: longestUpload + grace + 2 * transit, maxForks: 5 }
}

/**
 * What the honest client, and the server around the table, may do in one search. Times in milliseconds, whole ticks.
 */
export interface HonestCase {
  readonly tick: number
  /**
   * What the store's clock may show beyond a whole tick. [0, 1] tries every presentation from both sides of the table's
   * bounds, so that all bounds are closed; whole ticks then reach all that continuous time reaches, and ties besides.
   */
  readonly offsets: readonly number[]
  readonly carrier: 'cookie' | 'token'
  readonly decide: Decide
  readonly timing: RotationTiming
  /** Requests under way at once; token mode: tabs. */
  readonly requests: number
  /** How many of them may be uploads, and how long a proxy may hold one. */
  readonly uploads: number
  readonly longestUpload: number
  /** Cookie: sending to operation + head to landing. Token: sending to operation. */
  readonly transit: number
  /**
   * Cookie: how much of `transit` is for the way to the operation; the rest is for the way back. One split for all
   * requests of a run; null = every request splits it as it likes, so that a slow way back of one and a slow way there
   * of another add up to twice as much.
   */
  readonly sendWithin: number | null
  /** Cookie: Set-Cookie is written only if the head leaves within this time of the operation. */
  readonly headDeadline: number
  /** Token: an answer is discarded this long after sending, or after the operation. */
  readonly discard: { readonly after: number; readonly since: 'sending' | 'operation' }
  /** Token: how long a tab may hold what it read before it sends. */
  readonly hold: number
  /** Consecutive lost replies that must not lead to a 401. */
  readonly lostReplies: number
  /** How often in a run the store may lose its last change, within one tick of it. */
  readonly rollbacks: number
}

/** An honest cookie client: three requests, no uploads, H = D = 10 s, so that H + 2D fits the quiet zone. */
export const honestCookie: Omit<HonestCase, 'decide'> = {
  tick: 5_000,
  offsets: [0],
  carrier: 'cookie',
  timing: timingFor(0),
  requests: 3,
  uploads: 0,
  longestUpload: 0,
  transit: 10_000,
  sendWithin: null,
  headDeadline: 10_000,
  discard: { after: 10_000, since: 'sending' },
  hold: 0,
  lostReplies: 5,
  rollbacks: 0,
}

/** The honest token client of the protocol: three tabs that share one storage. */
export const honestToken: Omit<HonestCase, 'decide'> = {
  ...honestCookie,
  carrier: 'token',
  transit: 15_000,
  discard: { after: 15_000, since: 'sending' },
}

/** A record with its age in ticks, saturated, in place of `at`. */
export interface Aged {
  readonly rotation: Rotation
  readonly age: number
}

interface Request {
  readonly kind: 'hold' | 'sent' | 'upload' | 'reply'
  readonly counter: number
  /** Ticks until it has arrived or landed at the latest; then it is lost. */
  readonly left: number
  /** Uploads: changes of the record since it was sent; saturates at 2. Others: 0. */
  readonly changes: number
}

interface HonestState {
  readonly record: Aged
  /** What a rollback would bring back. */
  readonly before: Aged | null
  /** The counter the client holds. */
  readonly jar: number
  /** Changes since a newest credential landed; saturates. */
  readonly unlanded: number
  readonly requests: readonly Request[]
  readonly rollbacks: number
}

const kinds = ['hold', 'sent', 'upload', 'reply'] as const

/**
 * The transition system of an honest client, all times in ticks inside. Laws: the family is never killed; no 401 within
 * `lostReplies` lost replies; an upload that outlives at most one change is served.
 */
export function honestMachine(model: HonestCase): Machine<HonestState> {
  return {
    initial: {
      record: { rotation: firstRotation(0), age: 0 },
      before: null,
      jar: 1,
      unlanded: 0,
      requests: [],
      rollbacks: model.rollbacks,
    },
    steps: (state) => [
      pass(model, state),
      ...sends(model, state),
      ...rollback(model, state),
      ...state.requests.flatMap((request, index) => proceed(model, state, request, index)),
    ],
    encode: (state) => encodeHonest(renamed(state)),
    decode: decodeHonest,
  }
}

function pass(model: HonestCase, state: HonestState): Step<HonestState> {
  const record = older(state.record, oldest(model))
  const requests = state.requests
    .map((request) => ({ ...request, left: request.left - 1 }))
    .filter((request) => request.left >= 0)
  const before = record.age > 1 ? null : state.before
  return { label: `${model.tick / 1000} s pass`, to: { ...state, record, before, requests } }
}

function sends(model: HonestCase, state: HonestState): Step<HonestState>[] {
  if (state.requests.length >= model.requests) return []
  const add = (kind: Request['kind'], left: number): Step<HonestState> => ({
    label: `${kind === 'hold' ? 'read' : kind === 'upload' ? 'send upload with' : 'send'} ${nameOf(state, state.jar)}`,
    to: { ...state, requests: [...state.requests, { kind, counter: state.jar, left, changes: 0 }] },
  })
  const ticks = (time: number): number => time / model.tick
  const steps = [
    model.hold > 0 ? add('hold', ticks(model.hold)) : add('sent', ticks(model.sendWithin ?? model.transit)),
  ]
  const uploads = state.requests.filter((request) => request.kind === 'upload').length
  if (uploads < model.uploads) steps.push(add('upload', ticks(model.longestUpload)))
  return steps
}

function rollback(model: HonestCase, state: HonestState): Step<HonestState>[] {
  if (state.before === null || state.rollbacks === 0) return []
  const record = older(state.before, oldest(model), state.record.age)
  return [{ label: 'the store loses its last change', to: { ...state, record, before: null, rollbacks: 0 } }]
}

function proceed(model: HonestCase, state: HonestState, request: Request, index: number): Step<HonestState>[] {
  const others = state.requests.toSpliced(index, 1)
  if (request.kind === 'hold') {
    const sent: Request = { kind: 'sent', counter: request.counter, left: model.transit / model.tick, changes: 0 }
    const to = { ...state, requests: [...others, sent] }
    return [{ label: `send held ${nameOf(state, request.counter)}`, to }]
  }
  if (request.kind === 'reply') {
    const unlanded = request.counter === state.record.rotation.cur ? 0 : state.unlanded
    const to = { ...state, jar: request.counter, unlanded, requests: others }
    return [{ label: `${nameOf(state, request.counter)} lands`, to }]
  }
  return model.offsets.flatMap((offset) => {
    const now = state.record.age * model.tick + offset
    return arrive(model, { ...state, requests: others }, request, now)
  })
}

function arrive(model: HonestCase, state: HonestState, request: Request, now: number): Step<HonestState>[] {
  const { rotation } = state.record
  const hasBody = request.kind === 'upload'
  const presented = { counter: request.counter, carrier: model.carrier, hasBody, bound: false, now }
  const verdict = model.decide(rotation, presented, model.timing)
  const what = `${hasBody ? 'upload with ' : ''}${nameOf(state, request.counter)} arrives at age ${now / 1000} s`
  const label = `${what}: ${verdict.kind === 'advance' ? verdict.how : verdict.kind}`
  if (verdict.kind === 'reuse') return [{ label, to: null, broken: 'an honest family was killed' }]
  if (verdict.kind === 'reauthenticate' && state.unlanded <= model.lostReplies) {
    return [{ label, to: null, broken: `401 after ${state.unlanded} lost replies` }]
  }
  if (verdict.kind === 'refuse' && request.changes < 2) return [{ label, to: null, broken: 'an upload was refused' }]
  if (verdict.kind !== 'current' && verdict.kind !== 'advance') return [{ label, to: state }]
  const after = verdict.kind === 'current' ? state : advanced(model, state, verdict.to)
  const reply: Request = {
    kind: 'reply',
    counter: after.record.rotation.cur,
    left: replyTime(model, request),
    changes: 0,
  }
  const lost = { label: `${label}, reply lost`, to: after }
  return reply.left < 0 ? [lost] : [lost, { label, to: { ...after, requests: [...after.requests, reply] } }]
}

function advanced(model: HonestCase, state: HonestState, to: Rotation): HonestState {
  const before = state.rollbacks > 0 ? state.record : null
  const unlanded = Math.min(state.unlanded + 1, model.lostReplies + 1)
  const requests = state.requests.map((request) =>
    request.kind === 'upload' ? { ...request, changes: Math.min(request.changes + 1, 2) } : request,
  )
  return { ...state, record: { rotation: { ...to, at: 0 }, age: 0 }, before, unlanded, requests }
}

/** Ticks from the operation until the reply has landed at the latest. */
function replyTime(model: HonestCase, request: Request): number {
  const { after, since } = model.discard
  if (model.carrier === 'token' && since === 'operation') return after / model.tick
  if (model.carrier === 'token') return (after - model.transit) / model.tick + request.left
  const landing = model.transit - (model.sendWithin ?? 0)
  const split = model.sendWithin !== null || request.kind === 'upload'
  return model.headDeadline / model.tick + (split ? landing / model.tick : request.left)
}

/** The age in ticks beyond which the table no longer changes its mind. */
export function oldest({ timing, tick }: { readonly timing: RotationTiming; readonly tick: number }): number {
  return Math.ceil(Math.max(timing.grace + 2 * timing.transit, timing.upload) / tick) + 1
}

function older({ rotation, age }: Aged, saturation: number, by = 1): Aged {
  return { rotation, age: Math.min(age + by, saturation) }
}

function nameOf(state: HonestState, counter: number): string {
  return nameIn(state.record.rotation, counter)
}

/** What a counter is to a record, for traces. */
export function nameIn({ cur, par, grace }: Rotation, counter: number): string {
  if (counter > cur) return 'cur+'
  if (counter === cur) return 'cur'
  if (counter === par) return 'par'
  return grace.includes(counter) ? 'grandparent' : 'dead'
}

/**
 * Renames counters so that what the table cannot tell apart becomes equal: 0 stays, everything dead is 1, what records
 * name is ranked from 2, what lies beyond cur keeps its distance.
 */
export function renaming(records: readonly Rotation[]): (counter: number) => number {
  const newest = (records[0] as Rotation).cur
  const named = records.flatMap(({ cur, par, grace }) => [cur, par, ...grace])
  const live = [...new Set(named)].filter((counter) => counter > 0 && counter <= newest).sort((a, b) => a - b)
  return (counter) => {
    if (counter === 0) return 0
    if (counter > newest) return live.length + 1 + counter - newest
    return live.indexOf(counter) + 2
  }
}

/** A record under a renaming, with nothing in its grace that never matches. */
export function renamedRotation(rotation: Rotation, rename: (counter: number) => number): Rotation {
  const grace = [...new Set(rotation.grace)].filter((counter) => counter > 0).map(rename)
  return { ...rotation, cur: rename(rotation.cur), par: rename(rotation.par), grace: grace.sort((a, b) => a - b) }
}

function renamed(state: HonestState): HonestState {
  const { record, before } = state
  const rename = renaming(before === null ? [record.rotation] : [record.rotation, before.rotation])
  return {
    ...state,
    record: { ...record, rotation: renamedRotation(record.rotation, rename) },
    before: before === null ? null : { ...before, rotation: renamedRotation(before.rotation, rename) },
    jar: rename(state.jar),
    requests: state.requests.map((request) => ({ ...request, counter: rename(request.counter) })),
  }
}

function encodeHonest(state: HonestState): string {
  const requests = state.requests
    .map(({ kind, counter, left, changes }) => String.fromCharCode(kinds.indexOf(kind), counter, left, changes))
    .sort()
    .join('')
  const before = state.before === null ? '' : encodeAged(state.before)
  const head = String.fromCharCode(state.jar, state.unlanded, state.rollbacks, before.length, state.requests.length)
  return head + encodeAged(state.record) + before + requests
}

/** Seven characters for a record whose grace names at most two counters. */
export function encodeAged({ rotation: { cur, par, grace, forks }, age }: Aged): string {
  if (grace.length > 2) throw new Error('grace holds at most two counters')
  return String.fromCharCode(cur, par, grace.length, grace[0] ?? 0, grace[1] ?? 0, forks, age)
}

export function decodeAged(text: string): Aged {
  const [cur = 0, par = 0, length = 0, first = 0, second = 0, forks = 0, age = 0] = codes(text)
  return { rotation: { cur, par, grace: [first, second].slice(0, length), forks, at: 0 }, age }
}

function decodeHonest(text: string): HonestState {
  const [jar = 0, unlanded = 0, rollbacks = 0, beforeLength = 0, count = 0] = codes(text.slice(0, 5))
  const tail = codes(text.slice(12 + beforeLength))
  const requests = Array.from({ length: count }, (_, index) => ({
    kind: kinds[tail[4 * index] ?? 0] ?? 'sent',
    counter: tail[4 * index + 1] ?? 0,
    left: tail[4 * index + 2] ?? 0,
    changes: tail[4 * index + 3] ?? 0,
  }))
  const before = beforeLength === 0 ? null : decodeAged(text.slice(12, 19))
  return { record: decodeAged(text.slice(5, 12)), before, jar, unlanded, requests, rollbacks }
}

export function codes(text: string): number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}
