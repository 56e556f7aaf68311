import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  decideRotation,
  firstRotation,
  type Presentation,
  type Rotation,
  type RotationVerdict,
} from '../../src/model/rotation.ts'
import { timingFor } from './rotation-model.ts'
import { withoutGuard } from './rotation-mutations.ts'
import { type Outcome, play, type Schedule, type ScheduledRequest, tableDoor } from './rotation-schedules.ts'

const G = 10_000
const D = 15_000
const quietEnd = G + 2 * D
const timing = timingFor(60_000)
const U = timing.upload

/** Rotated from 5 to 7, with one fork between: 4 and 5 are in grace, 6 was skipped. */
const state: Rotation = { cur: 7, par: 5, grace: [4, 5], forks: 1, at: 1_000_000 }

type Shown = Partial<Presentation> & { readonly age: number }

const cookie = { carrier: 'cookie', hasBody: false, bound: false } as const
const upload = { carrier: 'cookie', hasBody: true, bound: false } as const
const token = { carrier: 'token', hasBody: true, bound: false } as const

function decide(counter: number, { age, ...shown }: Shown, from: Rotation = state): RotationVerdict {
  return decideRotation(from, { ...cookie, ...shown, counter, now: from.at + age }, timing)
}

const rotated = (age: number): RotationVerdict => ({
  kind: 'advance',
  to: { cur: 8, par: 7, grace: [5, 7], forks: 0, at: state.at + age },
  how: 'rotate',
})
const forked = (age: number): RotationVerdict => ({
  kind: 'advance',
  to: { cur: 8, par: 5, grace: [], forks: 2, at: state.at + age },
  how: 'fork',
})
const adopted = (age: number): RotationVerdict => ({
  kind: 'advance',
  to: { cur: 9, par: 8, grace: [5, 7], forks: 0, at: state.at + age },
  how: 'adopt',
})
const plain = (kind: 'current' | 'admit' | 'retry' | 'refuse' | 'reauthenticate' | 'reuse') => (): RotationVerdict => ({
  kind,
})

/** One row: the counter, how it is shown, and the verdict at the ends of each column. */
interface Row {
  readonly name: string
  readonly counter: number
  readonly shown: Partial<Presentation>
  readonly inGrace: (age: number) => RotationVerdict
  readonly inQuiet: (age: number) => RotationVerdict
  readonly later: (age: number) => RotationVerdict
  /** Where the quiet zone ends; uploads: U. */
  readonly end?: number
}

const kill = { inGrace: plain('reuse'), inQuiet: plain('reuse'), later: plain('reuse') }
const adopt = { inGrace: adopted, inQuiet: adopted, later: adopted }
const refuse = { inGrace: plain('refuse'), inQuiet: plain('refuse'), later: plain('refuse') }
const newest = { counter: 7, inGrace: plain('current'), inQuiet: plain('admit'), later: rotated }
const parent = { counter: 5, inGrace: plain('current'), later: forked }
const grandparent = { counter: 4, inGrace: plain('current') }

const rows: readonly Row[] = [
  { name: 'cookie, cur', shown: cookie, ...newest },
  { name: 'token, cur', shown: token, ...newest },
  { name: 'cookie with a body, cur', shown: upload, ...newest },
  { name: 'cookie, par', shown: cookie, ...parent, inQuiet: plain('admit') },
  { name: 'token, par', shown: token, ...parent, inQuiet: plain('retry') },
  { name: 'cookie with a body, par', shown: upload, ...parent, inQuiet: plain('admit'), end: U },
  { name: 'cookie, in grace', shown: cookie, ...grandparent, inQuiet: plain('admit'), later: plain('reuse') },
  { name: 'token, in grace', shown: token, ...grandparent, inQuiet: plain('retry'), later: plain('reuse') },
  {
    name: 'cookie with a body, in grace',
    shown: upload,
    ...grandparent,
    inQuiet: plain('admit'),
    later: plain('refuse'),
    end: U,
  },
  { name: 'cookie, beyond cur', counter: 8, shown: cookie, ...adopt },
  { name: 'token, beyond cur', counter: 8, shown: token, ...adopt },
  { name: 'cookie with a body, beyond cur', counter: 8, shown: upload, ...adopt },
  { name: 'cookie, skipped by a fork', counter: 6, shown: cookie, ...kill },
  { name: 'token, skipped by a fork', counter: 6, shown: token, ...kill },
  { name: 'cookie with a body, skipped by a fork', counter: 6, shown: upload, ...refuse, end: U },
  { name: 'cookie, long dead', counter: 1, shown: cookie, ...kill },
  { name: 'token, long dead', counter: 1, shown: token, ...kill },
  { name: 'cookie with a body, long dead', counter: 1, shown: upload, ...refuse, end: U },
  { name: 'cookie, zero', counter: 0, shown: cookie, ...kill },
  { name: 'token, zero', counter: 0, shown: token, ...kill },
]

describe('each cell of the rotation table, at the ends of its column', () => {
  for (const { name, counter, shown, inGrace, inQuiet, later, end = quietEnd } of rows) {
    test(name, () => {
      for (const age of [-5_000, 0, 1, G]) {
        assert.deepEqual(decide(counter, { ...shown, age }), inGrace(age), `age ${age}`)
      }
      for (const age of [G + 1, end]) assert.deepEqual(decide(counter, { ...shown, age }), inQuiet(age), `age ${age}`)
      for (const age of [end + 1, 1e12]) assert.deepEqual(decide(counter, { ...shown, age }), later(age), `age ${age}`)
    })
  }
})

describe('what stands beside the table', () => {
  test('a fork clears the grace set, keeps the parent and kills the old cur at once, also inside G', () => {
    const fork = decide(5, { age: quietEnd + 1 })
    assert.ok(fork.kind === 'advance' && fork.how === 'fork')
    assert.deepEqual(decide(7, { age: 0 }, fork.to), { kind: 'reuse' })
    assert.deepEqual(decide(4, { age: 0 }, fork.to), { kind: 'reuse' })
    assert.deepEqual(decide(5, { age: 0 }, fork.to), { kind: 'current' })
    assert.deepEqual(decide(7, { age: 0, hasBody: true }, fork.to), { kind: 'refuse' })
  })

  test('at F_max a late parent must sign in again, changes nothing and kills nothing, body or not', () => {
    const tired = { ...state, forks: timing.maxForks }
    assert.deepEqual(decide(5, { age: quietEnd + 1 }, tired), { kind: 'reauthenticate' })
    assert.deepEqual(decide(5, { ...token, age: quietEnd + 1 }, tired), { kind: 'reauthenticate' })
    assert.deepEqual(decide(5, { ...upload, age: U + 1 }, tired), { kind: 'reauthenticate' })
    assert.deepEqual(decide(5, { age: quietEnd }, tired), { kind: 'admit' })
    assert.equal(decide(7, { age: quietEnd + 1 }, tired).kind, 'advance')
  })

  test('two further rotations make a late parent dead', () => {
    let family = state
    for (let round = 0; round < 2; round++) {
      const verdict = decide(family.cur, { age: quietEnd + 1 }, family)
      assert.ok(verdict.kind === 'advance')
      family = verdict.to
    }
    assert.deepEqual(decide(5, { age: 0 }, family), { kind: 'reuse' })
  })

  test('a new family rotates from counter 1, and nothing matches its missing parent', () => {
    const fresh = firstRotation(state.at)
    assert.deepEqual(fresh, { cur: 1, par: 0, grace: [], forks: 0, at: state.at })
    assert.deepEqual(decide(0, { age: quietEnd + 1 }, fresh), { kind: 'reuse' })
    const verdict = decide(1, { age: quietEnd + 1 }, fresh)
    assert.ok(verdict.kind === 'advance')
    assert.equal(verdict.to.cur, 2)
    assert.deepEqual(decide(0, { age: 1 }, verdict.to), { kind: 'reuse' })
    assert.deepEqual(decide(0, { age: 1, bound: true }, verdict.to), { kind: 'refuse' })
  })

  test('with a valid proof every earlier counter is a parent, forks without limit and never kills', () => {
    const tired = { ...state, forks: 1_000 }
    for (const counter of [1, 4, 5, 6]) {
      for (const shown of [cookie, token]) {
        const at = (age: number): RotationVerdict => decide(counter, { ...shown, bound: true, age }, tired)
        assert.deepEqual(at(G), { kind: 'current' })
        assert.deepEqual(at(quietEnd), { kind: shown.carrier === 'cookie' ? 'admit' : 'retry' })
        const later = at(quietEnd + 1)
        assert.ok(later.kind === 'advance' && later.how === 'fork')
        assert.deepEqual(
          { cur: later.to.cur, par: later.to.par, forks: later.to.forks },
          { cur: 8, par: 5, forks: 1_001 },
        )
      }
    }
  })

  test('after a rollback the newest counter is adopted and older requests of the same client go on', () => {
    const before = { cur: 3, par: 2, grace: [1, 2], forks: 0, at: state.at }
    const oneLost = decide(4, { age: 1 }, before)
    assert.ok(oneLost.kind === 'advance')
    assert.deepEqual(oneLost.to, { cur: 5, par: 4, grace: [2, 3], forks: 0, at: state.at + 1 })
    const manyLost = decide(9, { age: 1 }, before)
    assert.ok(manyLost.kind === 'advance')
    assert.deepEqual(manyLost.to, { cur: 10, par: 9, grace: [7, 8], forks: 0, at: state.at + 1 })
    for (const counter of [7, 8, 9]) assert.equal(decide(counter, { age: D }, manyLost.to).kind, 'admit')
  })
})

/** A request that takes no time and is not lost. */
function at(sentAt: number, how: Partial<ScheduledRequest> = {}): ScheduledRequest {
  const instant = { arrivesAfter: 0, answersAfter: 0, landsAfter: 0, hasBody: false, lost: 'nothing' } as const
  return { holder: 'victim', sentAt, presents: 'newest', ...instant, ...how }
}

function trace(requests: readonly ScheduledRequest[], how: Partial<Schedule> = {}): Schedule {
  const deadlines = { headDeadline: D, discardAfter: D }
  return { name: 'trace', carrier: 'cookie', timing, ...deadlines, stolenAt: null, requests, ...how }
}

function outcome(schedule: Schedule, decide = decideRotation): Promise<Outcome> {
  return play(schedule, 1, tableDoor(schedule, decide))
}

const renewal = quietEnd + 1

describe('the four traces of the protocol, and one beyond its honest client', () => {
  test('1: three rotations just over G apart push a token in flight out of the grace set', async () => {
    const first = at(G + 1, { landsAfter: 9_000 })
    const straggler = at(19_000, { arrivesAfter: D })
    const schedule = trace([first, straggler, at(2 * G + 2), at(3 * G + 3)])
    assert.equal((await outcome(schedule)).killedBy, null)
    assert.equal((await outcome(schedule, withoutGuard['the quiet zone rotates'])).killedBy, 1)
  })

  test('2: a late Set-Cookie from a handler slower than D puts a skipped counter back', async () => {
    const slow = at(renewal, { answersAfter: 120_000 })
    const fork = at(2 * renewal)
    const afterwards = at(renewal + 120_001)
    const requests = [slow, fork, afterwards]
    assert.equal((await outcome(trace(requests))).killedBy, null)
    assert.equal((await outcome(trace(requests, { headDeadline: Number.POSITIVE_INFINITY }))).killedBy, 2)
  })

  test('3: an upload held for 50 s arrives with the parent after the renewal of its own tab', async () => {
    const held = at(renewal, { hasBody: true, arrivesAfter: 50_000, answersAfter: 1_000 })
    const renewed = at(renewal + 1_000)
    const meanwhile = at(renewal + 50_000, { arrivesAfter: 500 })
    const schedule = trace([held, renewed, meanwhile])
    assert.equal((await outcome(schedule)).killedBy, null)
    assert.equal((await outcome(schedule, withoutGuard['no body rule'])).killedBy, 2)
  })

  test('4: replies lost four times in a row under F_max = 3', async () => {
    const lost = [1, 2, 3, 4].map((round) => at(round * renewal, { lost: 'reply' }))
    const schedule = trace([...lost, at(5 * renewal), at(6 * renewal)])
    assert.deepEqual((await outcome(schedule)).signedOutAfter, [])
    assert.deepEqual((await outcome(schedule, withoutGuard['F_max = 3'])).signedOutAfter, [4, 4])
  })

  test('5: D on the way back and D on the way there, in two requests, are more than the quiet zone holds', async () => {
    const slow = at(renewal, { answersAfter: D, landsAfter: D })
    const straggler = at(renewal + 2 * D - 1, { arrivesAfter: D })
    const afterwards = at(renewal + 2 * D + 1, { arrivesAfter: D })
    const requests = [slow, straggler, afterwards]
    assert.equal((await outcome(trace(requests))).killedBy, 2)
    assert.equal((await outcome(trace(requests, { timing: { ...timing, transit: 1.5 * D } }))).killedBy, null)
    assert.equal((await outcome(trace(requests, { headDeadline: 10_000 }))).killedBy, null)
  })
})

describe('properties', () => {
  const now = fc.integer({ min: 0, max: 3 * U })
  const presentation = fc.record({
    counter: fc.integer({ min: 0, max: 40 }),
    carrier: fc.constantFrom('cookie' as const, 'token' as const),
    hasBody: fc.boolean(),
    bound: fc.boolean(),
    now,
  })
  /** Counters near cur, times that mostly advance by less than the quiet zone. */
  const history = fc.array(
    fc.record({
      back: fc.integer({ min: -1, max: 8 }),
      carrier: fc.constantFrom('cookie' as const, 'token' as const),
      hasBody: fc.boolean(),
      bound: fc.boolean(),
      wait: fc.oneof(
        fc.integer({ min: 0, max: 2 * quietEnd }),
        fc.constantFrom(-1_000, G + 1, quietEnd, renewal, U + 1),
      ),
    }),
    { maxLength: 60 },
  )
  type Move = { back: number; carrier: 'cookie' | 'token'; hasBody: boolean; bound: boolean; wait: number }

  /** Every step of a life, from login on; reuse ends it. */
  function live(moves: readonly Move[]): { before: Rotation; presented: Presentation; verdict: RotationVerdict }[] {
    const steps = []
    let family = firstRotation(0)
    let clock = 0
    for (const { back, carrier, hasBody, bound, wait } of moves) {
      clock += wait
      const presented = { counter: family.cur - back, carrier, hasBody, bound, now: clock }
      const verdict = decideRotation(family, presented, timing)
      steps.push({ before: family, presented, verdict })
      if (verdict.kind === 'reuse') break
      if (verdict.kind === 'advance') family = verdict.to
    }
    return steps
  }

  const runs = { numRuns: 3_000, seed: 20_260_101 }

  test('the state keeps its size, its order and its limits', () => {
    const check = (moves: readonly Move[]): void => {
      for (const { verdict } of live(moves)) {
        if (verdict.kind !== 'advance') continue
        const { cur, par, grace, forks } = verdict.to
        assert.deepEqual(Object.keys(verdict.to), ['cur', 'par', 'grace', 'forks', 'at'])
        assert.ok(grace.length <= 2 && grace.every((counter) => counter < cur))
        assert.ok(par < cur && forks >= 0)
      }
    }
    fc.assert(fc.property(history, check), runs)
  })

  test('cur grows by one, and beyond that only to meet a counter that it had lost', () => {
    const check = (moves: readonly Move[]): void => {
      for (const { before, presented, verdict } of live(moves)) {
        if (verdict.kind !== 'advance') continue
        const base = verdict.how === 'adopt' ? presented.counter : before.cur
        assert.equal(verdict.to.cur, base + 1)
        assert.equal(verdict.to.at, presented.now)
      }
    }
    fc.assert(fc.property(history, check), runs)
  })

  test('two changes of one family are more than G + 2D apart, whatever caused them', () => {
    const check = (moves: readonly Move[]): void => {
      const changes = live(moves.filter(({ back }) => back >= 0)).filter(({ verdict }) => verdict.kind === 'advance')
      for (const { before, presented } of changes) assert.ok(presented.now - before.at > quietEnd)
    }
    fc.assert(fc.property(history, check), runs)
  })

  test('an equal request has an equal answer, and nothing is changed in place', () => {
    const check = (presented: Presentation, presentedLater: Presentation): void => {
      const frozen = Object.freeze({ ...state, at: 0, grace: Object.freeze([...state.grace]) })
      const first = decideRotation(frozen, presented, timing)
      decideRotation(frozen, presentedLater, timing)
      assert.deepEqual(decideRotation(frozen, presented, timing), first)
    }
    fc.assert(fc.property(presentation, presentation, check), runs)
  })

  test('the retry of a request that changed the record gets the same credential, within G', () => {
    const check = (moves: readonly Move[], soon: number): void => {
      for (const { presented, verdict } of live(moves)) {
        if (verdict.kind !== 'advance') continue
        const again = decideRotation(verdict.to, { ...presented, now: presented.now + soon }, timing)
        assert.deepEqual(again, { kind: 'current' })
      }
    }
    fc.assert(fc.property(history, fc.integer({ min: 0, max: G }), check), runs)
  })

  test('a body never kills in cookie mode, a proof never kills, and only tokens are told to retry', () => {
    const check = (presented: Presentation): void => {
      const { kind } = decideRotation({ ...state, at: 0 }, presented, timing)
      const { carrier, hasBody, bound } = presented
      if (kind === 'reuse') assert.ok(!bound && (carrier === 'token' || !hasBody))
      if (kind === 'retry') assert.equal(carrier, 'token')
      if (kind === 'refuse') assert.ok(bound || (carrier === 'cookie' && hasBody))
      if (kind === 'reauthenticate') assert.ok(!bound)
    }
    fc.assert(fc.property(presentation, check), runs)
  })
})
