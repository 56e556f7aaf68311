/**
 * Lease and log as a finite machine (protocol 2 and 3.1): one engine that may fall back to an older state, one node that follows it, one session that is ended. Every order of sending, executing,
 * answering, losing and failing over is tried.
 *
 * A chain is written as the history itself, so that equal chains are equal histories; a sequence is its length. `K` ends the session, every other letter is the end of somebody else’s.
 */
export interface LeaseState {
  /** The engine’s log. */
  readonly log: string
  /** How long ago the end of the session was committed. All ages stop at two more than R: nothing differs beyond. */
  readonly killed: number | null
  /** Events that have been logged so far, lost ones included: each has a letter of its own. */
  readonly made: number
  readonly hasFailed: boolean
  /** A hint under way: the history that it leads to. */
  readonly hint: string | null
  /** What the node has applied; null after it has found the history to be another one. */
  readonly applied: string | null
  /** What it knows of the session. */
  readonly knows: boolean
  /** How long ago the heartbeat was sent that its lease counts from. */
  readonly lease: number | null
  /** It knew of the end when it sent that heartbeat, and the engine had failed over when it was answered. */
  readonly hasTold: boolean
  readonly beat: Beat | null
  readonly read: Read | null
  /** What the engine knows of the node. */
  readonly follower: { readonly age: number; readonly applied: number } | null
  /** Whoever ended the session was told that every node refuses it. */
  readonly confirmed: boolean
}

interface Beat {
  readonly age: number
  /** What the node had applied then. */
  readonly applied: string
  /** The engine’s head when it was executed, and whether that was after the fail-over. */
  readonly head: string | null
  readonly isAfter: boolean
  /** It knew of the end when it was sent. */
  readonly knew: boolean
}

interface Read {
  readonly after: string
  /** The answer: what follows, or that the history is another one. */
  readonly answer: string | 'diverged' | null
}

/** Rules that can be left out, each to be missed. */
export type Guard =
  | 'answers need a lease'
  | 'a lease is not longer than R'
  | 'a lease counts from the sending'
  | 'a lease needs what the heartbeat named'
  | 'a head is compared by its chain'
  | 'a head behind what was applied is a loss'
  | 'a hint is applied only when it is the next'
  | 'a hint is applied only on the history that it follows'
  | 'reading goes on from a chain'
  | 'what the engine has lost is told again'
  | 'a confirmation waits for leases'

export const guards: readonly Guard[] = [
  'answers need a lease',
  'a lease is not longer than R',
  'a lease counts from the sending',
  'a lease needs what the heartbeat named',
  'a head is compared by its chain',
  'a head behind what was applied is a loss',
  'a hint is applied only when it is the next',
  'a hint is applied only on the history that it follows',
  'reading goes on from a chain',
  'what the engine has lost is told again',
  'a confirmation waits for leases',
]

export interface LeaseModel {
  readonly bound: number
  readonly mostEvents: number
  /** Left out. */
  readonly without?: Guard
}

const letters = 'KABCDEFG'

export const firstState: LeaseState = {
  log: '',
  killed: null,
  made: 0,
  hasFailed: false,
  hint: null,
  applied: '',
  knows: false,
  lease: null,
  hasTold: false,
  beat: null,
  read: null,
  follower: null,
  confirmed: false,
}

/** Whether the node answers from memory now. */
function answers({ lease }: LeaseState, { bound, without }: LeaseModel): boolean {
  if (without === 'answers need a lease') return true
  const most = without === 'a lease is not longer than R' ? bound + 1 : bound
  return lease !== null && lease <= most
}

/** What must never be, or null. */
export function violation(state: LeaseState, model: LeaseModel): string | null {
  const { killed, knows, confirmed, hasFailed, log, hasTold } = state
  if (killed === null || !answers(state, model)) return null
  if (!knows && !hasFailed && killed > model.bound) return 'P-I1 an ended session is accepted after R'
  if (!knows && confirmed && !hasFailed) return 'P-I2 an ended session is accepted after the confirmation'
  if (!knows && log.includes('K') && hasFailed && killed > model.bound) return 'P-I1 … after a fail-over'
  if (hasTold && !log.includes('K')) return 'P-H1 it answers from memory, and the engine has lost the end'
  return null
}

/** Every state that can come next. */
export function* successors(state: LeaseState, model: LeaseModel): Generator<LeaseState> {
  yield later(state, model.bound + 2)
  yield* engineSteps(state, model)
  yield* hintSteps(state, model)
  yield* beatSteps(state, model)
  yield* readSteps(state, model)
  if (state.killed !== null && !state.confirmed && mayConfirm(state, model)) yield { ...state, confirmed: true }
}

/** Time goes by. */
function later(state: LeaseState, oldest: number): LeaseState {
  const older = (age: number): number => Math.min(oldest, age + 1)
  const { killed, lease, beat, follower } = state
  return {
    ...state,
    killed: killed === null ? null : older(killed),
    lease: lease === null ? null : older(lease),
    beat: beat === null ? null : { ...beat, age: older(beat.age) },
    follower: follower === null ? null : { ...follower, age: older(follower.age) },
  }
}

function* engineSteps(state: LeaseState, model: LeaseModel): Generator<LeaseState> {
  const { log, made } = state
  if (made < model.mostEvents) {
    const isKill = state.killed === null
    for (const kill of isKill ? [true, false] : [false]) {
      const letter = kill ? 'K' : letters.charAt(made + 1)
      const next = { ...state, log: log + letter, made: made + 1, killed: kill ? 0 : state.killed }
      yield next
      if (state.hint === null) yield { ...next, hint: next.log }
    }
  }
  if (!state.hasFailed && log !== '') yield { ...state, log: log.slice(0, -1), hasFailed: true, follower: null }
}

function* hintSteps(state: LeaseState, { without }: LeaseModel): Generator<LeaseState> {
  const { hint, applied } = state
  if (hint === null) return
  const rest = { ...state, hint: null }
  yield rest
  if (applied === null || applied === hint) return
  const isNext = hint.length === applied.length + 1
  const follows = hint.slice(0, -1) === applied
  const inAnyOrder = without === 'a hint is applied only when it is the next'
  const anywhere = without === 'a hint is applied only on the history that it follows'
  if (inAnyOrder || (isNext && (follows || anywhere)))
    yield { ...rest, applied: hint, knows: state.knows || hint.endsWith('K') }
  else if (state.read === null) yield { ...rest, read: { after: applied, answer: null } }
}

function* beatSteps(state: LeaseState, model: LeaseModel): Generator<LeaseState> {
  const { beat, applied } = state
  if (beat === null) {
    if (applied !== null) yield { ...state, beat: { age: 0, applied, head: null, isAfter: false, knew: state.knows } }
    return
  }
  yield { ...state, beat: null }
  if (beat.head === null) {
    const follower = { age: 0, applied: beat.applied.length }
    yield { ...state, follower, beat: { ...beat, head: state.log, isAfter: state.hasFailed } }
    return
  }
  if (applied === null) return
  const isBehind = beat.head.length < beat.applied.length
  if (isBehind && model.without !== 'a head behind what was applied is a loss') {
    yield { ...state, applied: null, lease: null, hasTold: false, beat: null, read: null }
  } else if (hasPassed(applied, beat.head, model)) {
    const age = model.without === 'a lease counts from the sending' ? 0 : beat.age
    const hasTold = beat.isAfter && beat.knew
    yield { ...state, beat: null, lease: Math.min(age, state.lease ?? age), hasTold: hasTold || state.hasTold }
  } else if (state.read === null) {
    yield { ...state, read: { after: applied, answer: null } }
  }
}

function hasPassed(applied: string, head: string, { without }: LeaseModel): boolean {
  if (without === 'a lease needs what the heartbeat named') return true
  if (without === 'a head is compared by its chain') return applied.length >= head.length
  return applied.startsWith(head)
}

function* readSteps(state: LeaseState, model: LeaseModel): Generator<LeaseState> {
  const { read, log, applied } = state
  if (applied === null) {
    yield adopted(state, model)
    return
  }
  if (read === null) return
  yield { ...state, read: null }
  if (read.answer === null) {
    const isOn = log.startsWith(read.after)
    const bySeq = model.without === 'reading goes on from a chain' && log.length >= read.after.length
    yield { ...state, read: { ...read, answer: isOn || bySeq ? log : 'diverged' } }
  } else if (read.answer === 'diverged') {
    yield { ...state, read: null, applied: null, lease: null, hasTold: false, beat: null }
  } else {
    // Hints may have moved it on meanwhile: only what comes next is applied.
    const news = read.answer.slice(applied.length)
    const isOn = read.answer.startsWith(applied) || model.without === 'reading goes on from a chain'
    const next = isOn && news !== '' ? { applied: read.answer, knows: state.knows || news.includes('K') } : {}
    yield { ...state, read: null, ...next }
  }
}

/** Tells the engine again what it has lost, then begins anew. */
function adopted(state: LeaseState, { without }: LeaseModel): LeaseState {
  const isLost = state.knows && !state.log.includes('K') && without !== 'what the engine has lost is told again'
  const log = isLost ? `${state.log}K` : state.log
  return { ...state, log, applied: log, knows: state.knows || log.includes('K'), read: null }
}

function mayConfirm({ follower, log, hasFailed }: LeaseState, { bound, without }: LeaseModel): boolean {
  if (hasFailed) return false
  if (without === 'a confirmation waits for leases') return true
  if (follower === null) return true
  return follower.applied > log.indexOf('K') || follower.age > bound
}

export interface Searched {
  readonly states: number
  /** The way to what must never be, or null. */
  readonly trace: readonly LeaseState[] | null
  readonly broken: string | null
}

/** Breadth first, so that the way is a shortest one. */
export function search(model: LeaseModel): Searched {
  const seen = new Set<string>([keyOf(firstState)])
  const from = new Map<LeaseState, LeaseState>()
  let layer: LeaseState[] = [firstState]
  while (layer.length > 0) {
    const next: LeaseState[] = []
    for (const state of layer) {
      for (const successor of successors(state, model)) {
        const key = keyOf(successor)
        if (seen.has(key)) continue
        seen.add(key)
        const broken = violation(successor, model)
        if (broken !== null) return { states: seen.size, trace: [...wayTo(from, state), successor], broken }
        if (model.without !== undefined) from.set(successor, state)
        next.push(successor)
      }
    }
    layer = next
  }
  return { states: seen.size, trace: null, broken: null }
}

function wayTo(from: ReadonlyMap<LeaseState, LeaseState>, state: LeaseState): readonly LeaseState[] {
  const way: LeaseState[] = []
  for (let at: LeaseState | undefined = state; at !== undefined; at = from.get(at)) way.unshift(at)
  return way
}

function keyOf(state: LeaseState): string {
  const { beat, read, follower } = state
  return [
    state.log,
    state.killed ?? '-',
    state.made,
    state.hasFailed ? 1 : 0,
    state.hint ?? '-',
    state.applied ?? '!',
    state.knows ? 1 : 0,
    state.lease ?? '-',
    state.hasTold ? 1 : 0,
    beat === null ? '-' : `${beat.age}.${beat.applied}.${beat.head ?? '-'}.${beat.isAfter}.${beat.knew}`,
    read === null ? '-' : `${read.after}.${read.answer ?? '-'}`,
    follower === null ? '-' : `${follower.age}.${follower.applied}`,
    state.confirmed ? 1 : 0,
  ].join(' ')
}
