/**
 * Which searches are made: those that must find nothing, and for each guard removed one that must find a
 * counterexample.
 */

import { decideRotation, firstRotation } from '../../src/model/rotation.ts'
import {
  type Aged,
  type Decide,
  decodeAged,
  encodeAged,
  type HonestCase,
  honestCookie,
  honestMachine,
  honestToken,
  oldest,
  timingFor,
} from './rotation-model.ts'
import { otherPolicies, withoutGuard } from './rotation-mutations.ts'
import { type Finding, type Machine, searchRuns, searchStates } from './rotation-search.ts'
import { type ThiefCase, thiefMachine } from './rotation-thief.ts'

/** A named search. */
export interface SearchCase {
  readonly name: string
  readonly search: () => Finding
}

const second = 1_000

/**
 * The quiet zone ends at G + 3D: for clients whose D is 15 s and whose Set-Cookie may leave up to 15 s after the
 * operation.
 */
function longQuiet(longestUpload: number): HonestCase['timing'] {
  const timing = timingFor(longestUpload)
  return { ...timing, transit: 1.5 * timing.transit, upload: timing.upload + timing.transit }
}

/** The protocol's own honest cookie client: H = D = 15 s, and one split of D between the two ways in a run. */
function splitCookie(sendWithin: number): Omit<HonestCase, 'decide'> {
  return { ...honestCookie, transit: 15 * second, headDeadline: 15 * second, sendWithin: sendWithin * second }
}

const fullCookie = { ...honestCookie, transit: 15 * second, headDeadline: 15 * second, timing: longQuiet(0) }
const holdingToken = { ...honestToken, hold: 15 * second, timing: longQuiet(0) }
/**
 * Every bound of the table from both sides; the client then needs a margin of one tick, or ties are counted against it.
 */
const continuous = { offsets: [0, 1] }

function uploads(how: { readonly held: number; readonly uploads: number; readonly others: number }) {
  const longestUpload = how.held * second
  const timing = timingFor(longestUpload)
  return { ...honestCookie, requests: how.uploads + how.others, uploads: how.uploads, longestUpload, timing }
}

const oneUpload = uploads({ held: 50, uploads: 1, others: 1 })
const slowUpload = uploads({ held: 100, uploads: 1, others: 1 })
const rollback = { rollbacks: 1, lostReplies: 0 }

const twoHolders: Omit<ThiefCase, 'decide'> = {
  tick: 5 * second,
  offsets: [0, 1],
  carrier: 'cookie',
  bodies: false,
  timing: timingFor(0),
  spacing: 10 * second,
  counts: 'requests',
}
const uploadingHolders = { ...twoHolders, bodies: true, timing: timingFor(20 * second) }

function honest(name: string, model: Omit<HonestCase, 'decide'>, decide: Decide = decideRotation): SearchCase {
  return { name, search: () => searchStates(honestMachine({ ...model, decide })) }
}

function thief(name: string, model: Omit<ThiefCase, 'decide'>, decide: Decide = decideRotation): SearchCase {
  return { name, search: () => searchRuns(thiefMachine({ ...model, decide })) }
}

/** The table as it stands: nothing may be found. */
export const lawfulCases: readonly SearchCase[] = [
  ...[0, 5, 10, 15].map((send) =>
    honest(`cookie, 3 requests, H = D = 15 s, ${send} s to the server and ${15 - send} s back`, splitCookie(send)),
  ),
  honest('cookie, 2 requests + 1 upload of 50 s, H = D = 15 s, 5 s to the server and 10 s back', {
    ...splitCookie(5),
    uploads: 1,
    longestUpload: 50 * second,
    timing: timingFor(50 * second),
  }),
  honest('cookie, 3 requests, H = D = 10 s', honestCookie),
  honest('cookie, 3 requests, H = D = 10 s, ticks of 2.5 s', { ...honestCookie, tick: 2_500 }),
  honest('cookie, 3 requests, H = 7.5 s, D = 10 s, continuous time', {
    ...honestCookie,
    ...continuous,
    tick: 2_500,
    headDeadline: 7_500,
  }),
  honest('cookie, 3 requests, H = D = 15 s, quiet zone to G + 3D', fullCookie),
  honest('cookie, 1 upload of 50 s + 1', oneUpload),
  honest('cookie, 1 upload of 50 s + 2', uploads({ held: 50, uploads: 1, others: 2 })),
  honest('cookie, 1 upload of 100 s + 1', slowUpload),
  honest('cookie, 3 requests, one rollback', { ...honestCookie, ...rollback }),
  honest('token, 3 tabs, D = 15 s', honestToken),
  honest('token, 3 tabs, D = 15 s, ticks of 2.5 s', { ...honestToken, tick: 2_500 }),
  honest('token, 3 tabs, D = 15 s, answers kept for D after the operation', {
    ...honestToken,
    discard: { after: 15 * second, since: 'operation' },
  }),
  honest('token, 3 tabs, D = 12.5 s, continuous time', {
    ...honestToken,
    ...continuous,
    tick: 2_500,
    transit: 12_500,
    discard: { after: 12_500, since: 'operation' },
  }),
  honest('token, 3 tabs that hold a token for D, quiet zone to G + 3D', holdingToken),
  honest('token, 3 tabs, one rollback', { ...honestToken, ...rollback }),
  thief('thief, cookie', twoHolders),
  thief('thief, cookie, with bodies', uploadingHolders),
  thief('thief, cookie, with bodies, ticks of 1.25 s', { ...uploadingHolders, tick: 1_250 }),
  thief('thief, token', { ...twoHolders, carrier: 'token' }),
  thief('thief, token, ticks of 1.25 s', { ...twoHolders, carrier: 'token', tick: 1_250 }),
  { name: 'a family in steady use rotates', search: () => searchRuns(steadyMachine(decideRotation)) },
]

const killed = 'an honest family was killed'
const late = { after: 45 * second, since: 'operation' } as const
const signedOut = '401 after 4 lost replies'
const refused = 'an upload was refused'
const runs = 'both are served for ever'
const alive = 'a dead counter did not kill'

/** The same searches with one guard removed, and the law that each then breaks. */
export const unguardedCases: readonly (SearchCase & { readonly breaks: string })[] = [
  ...onGuards(killed, honestCookie, [
    'no minimum interval',
    'the quiet zone rotates',
    'the quiet zone returns cur to cur',
    'the quiet zone returns cur to par',
    'the quiet zone forks',
    'the quiet zone ends at G + D',
    'the quiet zone ends 5 s early',
    'the parent never forks',
    'a fork makes the old cur the parent',
    'F_max kills',
  ]),
  ...onGuards(signedOut, honestCookie, ['F_max = 3']),
  breaks(
    killed,
    honest('every request splits D = 10 s as it likes, H = 15 s', { ...honestCookie, headDeadline: 15 * second }),
  ),
  breaks(killed, honest('the head deadline is not enforced', { ...honestCookie, headDeadline: 60 * second })),
  breaks(killed, honest('every request splits D as it likes, H = D = 15 s', { ...fullCookie, timing: timingFor(0) })),
  ...onGuards(killed, oneUpload, ['no body rule', 'uploads have the quiet zone of others', 'U without 2D']),
  ...onGuards(killed, oneUpload, ['the quiet zone kills grandparents']),
  ...onGuards(killed, slowUpload, ['uploads kill when too late']),
  ...onGuards(refused, oneUpload, ['no grace set']),
  ...onGuards(killed, { ...honestCookie, ...rollback }, [
    'a counter beyond cur kills',
    'adopting clears the grace set',
  ]),
  ...onGuards(killed, { ...honestToken, tick: 2_500, lostReplies: 0 }, [
    'the quiet zone returns cur to cur',
    'the quiet zone returns cur to par',
    'the quiet zone ends 5 s early',
  ]),
  breaks(killed, honest('token: late answers are kept', { ...honestToken, discard: late })),
  breaks(killed, honest('token: requests arrive later than D', { ...honestToken, transit: 30 * second })),
  breaks(killed, honest('token: held for D, quiet zone to G + 2D', { ...holdingToken, timing: timingFor(0) })),
  ...onHolders(alive, twoHolders, [
    'a fork keeps the old cur',
    'a fork keeps the grace set',
    'a skipped credential is only refused',
  ]),
  ...onHolders(runs, twoHolders, ['a fork does not count', 'a grandparent forks', 'the quiet zone returns cur to par']),
  breaks(runs, thief('thief and victim within G', { ...twoHolders, spacing: 5 * second })),
  breaks(runs, {
    name: 'returning cur changes t',
    search: () => searchRuns(steadyMachine(withoutGuard['returning cur changes t'])),
  }),
  breaks(killed, honest('policy: strict', honestCookie, otherPolicies.strict)),
  breaks(killed, honest('policy: grace, parent only', honestCookie, otherPolicies['grace, parent only'])),
  breaks(runs, thief('policy: parent always allowed', twoHolders, otherPolicies['parent always allowed'])),
  breaks(killed, honest('policy: fork only', honestCookie, otherPolicies['fork only'])),
]

/**
 * The most often that receiving credentials passes between victim and thief in any spaced run. Found by search,
 * whatever the tick; what a family of random schedules may be held to.
 */
export const mostHandovers = 7

/** The searches that `mostHandovers` stands for, with what each finds. */
export function handovers(): number[] {
  const models = [
    twoHolders,
    uploadingHolders,
    { ...twoHolders, tick: 1_250 },
    { ...twoHolders, carrier: 'token' as const },
  ]
  return models.map((model) => {
    const machine = thiefMachine({ ...model, counts: 'renewals', decide: decideRotation })
    return searchRuns(machine).handovers
  })
}

/** Larger searches, about two minutes in all, for the evidence run: more uploads, finer time, deeper quiet zones. */
export function largeCases(): readonly SearchCase[] {
  return [
    honest('cookie, 2 uploads of 50 s + 1', uploads({ held: 50, uploads: 2, others: 1 })),
    honest('cookie, 1 upload of 100 s + 2', uploads({ held: 100, uploads: 1, others: 2 })),
    honest('cookie, 3 requests, H = D = 10 s, ticks of 1.25 s', { ...honestCookie, tick: 1_250 }),
    honest('cookie, 3 requests, H = D = 15 s, quiet zone to G + 3D, ticks of 2.5 s', { ...fullCookie, tick: 2_500 }),
    honest('cookie, 1 upload of 50 s + 2, H = D = 15 s, quiet zone to G + 3D', {
      ...fullCookie,
      uploads: 1,
      longestUpload: 50 * second,
      timing: longQuiet(50 * second),
    }),
    honest('cookie, 4 requests, H = D = 10 s', { ...honestCookie, requests: 4 }),
    honest('cookie, 3 requests, H = 9 s, D = 10 s, continuous time, ticks of 1 s', {
      ...honestCookie,
      ...continuous,
      tick: 1_000,
      headDeadline: 9_000,
    }),
    honest('token, 3 tabs, D = 14 s, continuous time, ticks of 1 s', {
      ...honestToken,
      ...continuous,
      tick: 1_000,
      transit: 14_000,
      discard: { after: 14_000, since: 'sending' },
    }),
    honest('token, 3 tabs, ticks of 1.25 s', { ...honestToken, tick: 1_250 }),
    honest('token, 4 tabs', { ...honestToken, requests: 4 }),
    thief('thief, cookie, with bodies, ticks of 0.5 s', { ...uploadingHolders, tick: 500 }),
    thief('thief, token, ticks of 0.5 s', { ...twoHolders, carrier: 'token', tick: 500 }),
  ]
}

function breaks(law: string, search: SearchCase): SearchCase & { readonly breaks: string } {
  return { ...search, breaks: law }
}

function onGuards(
  law: string,
  model: Omit<HonestCase, 'decide'>,
  guards: readonly (keyof typeof withoutGuard)[],
): (SearchCase & { readonly breaks: string })[] {
  return guards.map((guard) => breaks(law, honest(`${model.carrier}: ${guard}`, model, withoutGuard[guard])))
}

function onHolders(
  law: string,
  model: Omit<ThiefCase, 'decide'>,
  guards: readonly (keyof typeof withoutGuard)[],
): (SearchCase & { readonly breaks: string })[] {
  return guards.map((guard) => breaks(law, thief(`thief: ${guard}`, model, withoutGuard[guard])))
}

/**
 * A client that renews again and again but for whom the record never changes: receiving cur stands for the victim's
 * being served, the passing of time for the thief's, and a run that has both for ever is a family that never rotates.
 */
function steadyMachine(decide: Decide): Machine<Aged> {
  const timing = timingFor(0)
  const model = { timing, tick: 5 * second }
  return {
    initial: { rotation: firstRotation(0), age: 0 },
    steps: ({ rotation, age }) => {
      const presented = { counter: rotation.cur, carrier: 'cookie', hasBody: false, bound: false } as const
      const verdict = decide(rotation, { ...presented, now: age * model.tick }, timing)
      const older = { rotation, age: Math.min(age + 1, oldest(model)) }
      const same = verdict.kind !== 'advance' || verdict.to.cur === rotation.cur
      const after = verdict.kind === 'advance' ? { rotation: { ...verdict.to, at: 0 }, age: 0 } : { rotation, age }
      return [
        { label: '5 s pass', to: older, serves: 'thief' },
        { label: `cur: ${verdict.kind}`, to: same ? after : null, serves: 'victim' },
      ]
    },
    encode: encodeAged,
    decode: decodeAged,
  }
}
