/**
 * Explicit-state model of two holders of one family, the victim and a thief (protocol, section 5).
 *
 * Both keep every credential they ever received and present any of them at any time, the thief with a copy of the
 * victim's first one: this contains lost and late replies, several requests under way and every strategy. Only one
 * thing is asked of them: that presentations of different holders are more than G apart ("spaced").
 */

import { firstRotation, type Rotation, type RotationTiming } from '../../src/model/rotation.ts'
import {
  type Aged,
  codes,
  type Decide,
  decodeAged,
  encodeAged,
  nameIn,
  oldest,
  renamedRotation,
  renaming,
} from './rotation-model.ts'
import type { Machine, Party, Step } from './rotation-search.ts'

/** One search for a thief. Times in milliseconds; G is a whole number of ticks. */
export interface ThiefCase {
  readonly tick: number
  readonly offsets: readonly number[]
  readonly carrier: 'cookie' | 'token'
  /** Whether requests may also carry a body. Cookies only. */
  readonly bodies: boolean
  readonly decide: Decide
  readonly timing: RotationTiming
  /** Presentations of different holders are more than this apart. */
  readonly spacing: number
  /** What counts as being served: any admitted request, or only those that bring a credential. */
  readonly counts: 'requests' | 'renewals'
}

/** What one party knows, and for how many ticks it has been silent; saturates when the other may act. */
interface Holder {
  readonly holds: readonly number[]
  readonly silent: number
}

interface ThiefState {
  readonly record: Aged
  readonly victim: Holder
  readonly thief: Holder
  /** Counters that a fork skipped or that would once have killed: none of them may ever be accepted again. */
  readonly condemned: readonly number[]
}

/** Law: what was condemned stays so. Whether both are served for ever is asked of the whole graph (`searchRuns`). */
export function thiefMachine(model: ThiefCase): Machine<ThiefState> {
  const both = { holds: [1], silent: silence(model) }
  return {
    initial: { record: { rotation: firstRotation(0), age: 0 }, victim: both, thief: both, condemned: [] },
    steps: (state) => [pass(model, state), ...acts(model, state, 'victim'), ...acts(model, state, 'thief')],
    encode: (state) => encodeThief(renamed(state)),
    decode: decodeThief,
  }
}

/** Ticks after which "more than `spacing` ago" holds. */
function silence({ spacing, tick }: ThiefCase): number {
  return Math.floor(spacing / tick) + 1
}

function pass(model: ThiefCase, state: ThiefState): Step<ThiefState> {
  const wait = (holder: Holder): Holder => ({ ...holder, silent: Math.min(holder.silent + 1, silence(model)) })
  const record = { ...state.record, age: Math.min(state.record.age + 1, oldest(model)) }
  const after = { ...state, record, victim: wait(state.victim), thief: wait(state.thief) }
  return { label: `${model.tick / 1000} s pass`, to: { ...after, condemned: condemnedIn(model, after) } }
}

/** What was condemned, and what would now kill without a body. */
function condemnedIn(model: ThiefCase, state: ThiefState): number[] {
  const held = [...state.victim.holds, ...state.thief.holds]
  const kills = (counter: number): boolean =>
    model.offsets.every((offset) => present(model, state, counter, 'none', offset).kind === 'reuse')
  return [...new Set([...state.condemned, ...held.filter(kills)])]
}

function present(
  model: ThiefCase,
  state: ThiefState,
  counter: number,
  body: 'body' | 'none',
  offset: number,
): ReturnType<Decide> {
  const { rotation, age } = state.record
  const now = age * model.tick + offset
  const presented = { counter, carrier: model.carrier, hasBody: body === 'body', bound: false, now }
  return model.decide(rotation, presented, model.timing)
}

function acts(model: ThiefCase, state: ThiefState, party: Party): Step<ThiefState>[] {
  const other = party === 'victim' ? state.thief : state.victim
  if (other.silent < silence(model)) return []
  const bodies = model.bodies ? (['none', 'body'] as const) : (['none'] as const)
  return state[party].holds.flatMap((counter) =>
    bodies.flatMap((body) => model.offsets.flatMap((offset) => act(model, state, party, counter, body, offset))),
  )
}

/** Presentations that get nothing and change nothing lead nowhere and are left out; so are those that kill. */
function act(
  model: ThiefCase,
  state: ThiefState,
  party: Party,
  counter: number,
  body: 'body' | 'none',
  offset: number,
): Step<ThiefState>[] {
  const verdict = present(model, state, counter, body, offset)
  const { rotation, age } = state.record
  const what = `${party} presents ${nameIn(rotation, counter)}${body === 'body' ? ' with a body' : ''}`
  const when = `at age ${(age * model.tick + offset) / 1000} s`
  const label = `${what} ${when}: ${verdict.kind === 'advance' ? verdict.how : verdict.kind}`
  if (body === 'none' && verdict.kind !== 'reuse' && state.condemned.includes(counter)) {
    return [{ label, to: null, broken: 'a dead counter did not kill' }]
  }
  if (verdict.kind === 'admit') {
    const to = { ...state, [party]: { ...state[party], silent: 0 } }
    return [model.counts === 'requests' ? { label, to, serves: party } : { label, to }]
  }
  if (verdict.kind !== 'current' && verdict.kind !== 'advance') return []
  const to = verdict.kind === 'advance' ? verdict.to : rotation
  const holds = [...new Set([...state[party].holds, to.cur])]
  const after = { ...state, record: recordAfter(state.record, to, verdict.kind), [party]: { holds, silent: 0 } }
  const skipped = verdict.kind === 'advance' && verdict.how === 'fork' ? [rotation.cur] : []
  const condemned = [...new Set([...after.condemned, ...skipped])]
  return [{ label, to: { ...after, condemned }, serves: party }]
}

function recordAfter(record: Aged, to: Rotation, kind: 'current' | 'advance'): Aged {
  return kind === 'current' ? record : { rotation: { ...to, at: 0 }, age: 0 }
}

/** Dead counters become one, which is condemned: only what the record names can still be accepted. */
function renamed(state: ThiefState): ThiefState {
  const rename = renaming([state.record.rotation])
  const all = (counters: readonly number[]): number[] => [...new Set(counters.map(rename))].sort((a, b) => a - b)
  const held = all([...state.victim.holds, ...state.thief.holds])
  return {
    record: { ...state.record, rotation: renamedRotation(state.record.rotation, rename) },
    victim: { ...state.victim, holds: all(state.victim.holds) },
    thief: { ...state.thief, holds: all(state.thief.holds) },
    condemned: all(state.condemned).filter((counter) => held.includes(counter)),
  }
}

function encodeThief({ record, victim, thief, condemned }: ThiefState): string {
  const list = (counters: readonly number[]): string => String.fromCharCode(counters.length, ...counters)
  const silent = String.fromCharCode(victim.silent, thief.silent)
  return encodeAged(record) + silent + list(victim.holds) + list(thief.holds) + list(condemned)
}

function decodeThief(text: string): ThiefState {
  const [victimSilent = 0, thiefSilent = 0, ...lists] = codes(text.slice(7))
  const take = (): number[] => lists.splice(0, lists.shift() ?? 0)
  const victim = { holds: take(), silent: victimSilent }
  const thief = { holds: take(), silent: thiefSilent }
  return { record: decodeAged(text.slice(0, 7)), victim, thief, condemned: take() }
}
