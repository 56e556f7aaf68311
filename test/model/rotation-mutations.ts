/** The rotation table with one guard removed, and the policies others use: each must turn a search red. */

import {
  decideRotation,
  type Presentation,
  type Rotation,
  type RotationTiming,
  type RotationVerdict,
} from '../../src/model/rotation.ts'
import type { Decide } from './rotation-model.ts'

type Zone = 'grace' | 'quiet' | 'later'

function zoneOf(state: Rotation, presented: Presentation, timing: RotationTiming): Zone {
  const age = presented.now - state.at
  if (age <= timing.grace) return 'grace'
  return age <= timing.grace + 2 * timing.transit ? 'quiet' : 'later'
}

function rotation(state: Rotation, now: number): RotationVerdict {
  const to = { cur: state.cur + 1, par: state.cur, grace: [state.par, state.cur], forks: 0, at: now }
  return { kind: 'advance', to, how: 'rotate' }
}

function forked(state: Rotation, now: number): RotationVerdict {
  const to = { cur: state.cur + 1, par: state.par, grace: [], forks: state.forks + 1, at: now }
  return { kind: 'advance', to, how: 'fork' }
}

const current: RotationVerdict = { kind: 'current' }
const reuse: RotationVerdict = { kind: 'reuse' }

/** The table, but in these zones the newest credential gets this instead. */
function newestGets(zones: readonly Zone[], verdict: (state: Rotation, now: number) => RotationVerdict): Decide {
  return (state, presented, timing) =>
    presented.counter === state.cur && zones.includes(zoneOf(state, presented, timing))
      ? verdict(state, presented.now)
      : decideRotation(state, presented, timing)
}

/** The table, but what it decides is changed afterwards. */
function afterwards(
  change: (verdict: RotationVerdict, state: Rotation, presented: Presentation) => RotationVerdict,
): Decide {
  return (state, presented, timing) => change(decideRotation(state, presented, timing), state, presented)
}

/** The table, but changes made in this way write this instead. */
function writing(how: 'rotate' | 'fork' | 'adopt', change: (to: Rotation, state: Rotation) => Rotation): Decide {
  return afterwards((verdict, state) =>
    verdict.kind === 'advance' && verdict.how === how ? { ...verdict, to: change(verdict.to, state) } : verdict,
  )
}

function isGrandparent(state: Rotation, presented: Presentation): boolean {
  return presented.counter !== state.par && state.grace.includes(presented.counter)
}

/** The table with one guard removed. */
export const withoutGuard = {
  'no minimum interval': newestGets(['grace'], rotation),
  'the quiet zone rotates': newestGets(['quiet'], rotation),
  'the quiet zone returns cur to cur': newestGets(['quiet'], () => current),
  'the quiet zone returns cur to par': afterwards((verdict, state, presented) =>
    (verdict.kind === 'admit' || verdict.kind === 'retry') && presented.counter < state.cur ? current : verdict,
  ),
  'the quiet zone forks': (state, presented, timing) =>
    presented.counter === state.par && zoneOf(state, presented, timing) === 'quiet'
      ? forked(state, presented.now)
      : decideRotation(state, presented, timing),
  'the quiet zone kills grandparents': (state, presented, timing) =>
    isGrandparent(state, presented) && zoneOf(state, presented, timing) === 'quiet'
      ? reuse
      : decideRotation(state, presented, timing),
  'the quiet zone ends at G + D': (state, presented, timing) =>
    decideRotation(state, presented, { ...timing, transit: timing.transit / 2 }),
  'the quiet zone ends 5 s early': (state, presented, timing) =>
    decideRotation(state, presented, { ...timing, transit: timing.transit - 2_500 }),
  'no grace set': writing('rotate', (to) => ({ ...to, grace: [] })),
  'the parent never forks': afterwards((verdict) =>
    verdict.kind === 'advance' && verdict.how === 'fork' ? reuse : verdict,
  ),
  'a fork makes the old cur the parent': writing('fork', (to, state) => ({ ...to, par: state.cur })),
  'a fork keeps the old cur': writing('fork', (to, state) => ({ ...to, grace: [state.cur] })),
  'a fork keeps the grace set': writing('fork', (to, state) => ({ ...to, grace: state.grace })),
  'a fork does not count': writing('fork', (to) => ({ ...to, forks: 0 })),
  'a grandparent forks': afterwards((verdict, state, presented) =>
    verdict.kind === 'reuse' && isGrandparent(state, presented) ? forked(state, presented.now) : verdict,
  ),
  'a skipped credential is only refused': afterwards((verdict) =>
    verdict.kind === 'reuse' ? { kind: 'refuse' } : verdict,
  ),
  'F_max = 3': (state, presented, timing) => decideRotation(state, presented, { ...timing, maxForks: 3 }),
  'F_max kills': afterwards((verdict) => (verdict.kind === 'reauthenticate' ? reuse : verdict)),
  'no body rule': (state, presented, timing) => decideRotation(state, { ...presented, hasBody: false }, timing),
  'uploads have the quiet zone of others': (state, presented, timing) =>
    decideRotation(state, presented, { ...timing, upload: timing.grace + 2 * timing.transit }),
  'U without 2D': (state, presented, timing) =>
    decideRotation(state, presented, { ...timing, upload: timing.upload - 2 * timing.transit }),
  'uploads kill when too late': afterwards((verdict) => (verdict.kind === 'refuse' ? reuse : verdict)),
  'returning cur changes t': afterwards((verdict, state, presented) =>
    verdict.kind === 'current' ? { kind: 'advance', to: { ...state, at: presented.now }, how: 'rotate' } : verdict,
  ),
  'a counter beyond cur kills': afterwards((verdict) =>
    verdict.kind === 'advance' && verdict.how === 'adopt' ? reuse : verdict,
  ),
  'adopting clears the grace set': writing('adopt', (to) => ({ ...to, grace: [] })),
} satisfies { readonly [name: string]: Decide }

/** What other policies do (protocol, section 5, last table). */
export const otherPolicies = {
  strict: (state, { counter, now }) => (counter === state.cur ? rotation(state, now) : reuse),
  'grace, parent only': (state, presented, timing) => {
    const inside = zoneOf(state, presented, timing) === 'grace'
    if (presented.counter === state.cur) return inside ? current : rotation(state, presented.now)
    return presented.counter === state.par && inside ? current : reuse
  },
  'parent always allowed': (state, presented, timing) => {
    const inside = zoneOf(state, presented, timing) === 'grace'
    if (presented.counter === state.cur) return inside ? current : rotation(state, presented.now)
    return presented.counter === state.par ? current : reuse
  },
  'fork only': (state, { counter, now }) => {
    if (counter === state.cur) return rotation(state, now)
    return counter === state.par ? forked(state, now) : reuse
  },
} satisfies { readonly [name: string]: Decide }
