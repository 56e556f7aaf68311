import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decideRotation } from '../../src/model/rotation.ts'
import { mostHandovers } from './rotation-cases.ts'
import { type Decide, timingFor } from './rotation-model.ts'
import { otherPolicies, withoutGuard } from './rotation-mutations.ts'
import {
  type ClientBounds,
  handoversIn,
  honestSchedule,
  type Outcome,
  play,
  type Schedule,
  tableDoor,
  thiefSchedule,
} from './rotation-schedules.ts'

const firstSeed = 20_260_101
const schedules = 2_000
const D = 15_000

const cookie: ClientBounds = {
  carrier: 'cookie',
  timing: timingFor(0),
  transit: 10_000,
  headDeadline: 10_000,
  discardAfter: D,
  longestUpload: 0,
}
const uploading: ClientBounds = { ...cookie, timing: timingFor(120_000), longestUpload: 120_000 }
const token: ClientBounds = { ...cookie, carrier: 'token', transit: D }

async function outcomes(
  make: (seed: number) => Schedule,
  decide: Decide,
): Promise<{ seed: number; outcome: Outcome }[]> {
  const all = []
  for (let seed = firstSeed; seed < firstSeed + schedules; seed++) {
    const schedule = make(seed)
    all.push({ seed, outcome: await play(schedule, 1, tableDoor(schedule, decide)) })
  }
  return all
}

describe(`random schedules against the table, seeds from ${firstSeed}`, () => {
  for (const [name, bounds] of Object.entries({ cookie, uploading, token })) {
    test(`honest, ${name}: never killed, no 401 within F_max lost replies`, async (t) => {
      const all = await outcomes((seed) => honestSchedule(seed, bounds), decideRotation)
      for (const { seed, outcome } of all) {
        assert.equal(outcome.killedBy, null, `seed ${seed}`)
        for (const unlanded of outcome.signedOutAfter) assert.ok(unlanded > bounds.timing.maxForks, `seed ${seed}`)
      }
      const renewals = all.reduce((sum, { outcome }) => sum + outcome.renewals.length, 0)
      t.diagnostic(`${schedules} schedules, ${renewals} renewals`)
      assert.ok(renewals > 10 * schedules)
    })
  }

  for (const [name, bounds] of Object.entries({ cookie, uploading, token })) {
    test(`thief, ${name}: renewing passes between the two at most ${mostHandovers} times`, async (t) => {
      const all = await outcomes((seed) => thiefSchedule(seed, bounds), decideRotation)
      const most = Math.max(...all.map(({ outcome }) => handoversIn(outcome.renewals)))
      const killed = all.filter(({ outcome }) => outcome.killedBy !== null).length
      t.diagnostic(`${schedules} schedules, ${killed} families killed, at most ${most} hand-overs`)
      assert.ok(most <= mostHandovers)
    })
  }
})

describe('the random schedules find what the exhaustive search finds', () => {
  const found = (all: readonly { outcome: Outcome }[], hurt: (outcome: Outcome) => boolean): number =>
    all.filter(({ outcome }) => hurt(outcome)).length
  const killed = ({ killedBy }: Outcome): boolean => killedBy !== null

  const honestCases: readonly [string, ClientBounds, Decide][] = [
    ['no minimum interval', cookie, withoutGuard['no minimum interval']],
    ['the quiet zone forks', cookie, withoutGuard['the quiet zone forks']],
    ['the quiet zone rotates', cookie, withoutGuard['the quiet zone rotates']],
    ['the quiet zone ends at G + D', token, withoutGuard['the quiet zone ends at G + D']],
    [
      'the head deadline is D, the quiet zone ends at G + 2D',
      { ...cookie, transit: D, headDeadline: D },
      decideRotation,
    ],
    ['no body rule', uploading, withoutGuard['no body rule']],
    ['strict', token, otherPolicies.strict],
    ['grace, parent only', token, otherPolicies['grace, parent only']],
    ['fork only', token, otherPolicies['fork only']],
  ]
  for (const [name, bounds, decide] of honestCases) {
    test(name, async (t) => {
      const hurt = found(await outcomes((seed) => honestSchedule(seed, bounds), decide), killed)
      t.diagnostic(`${hurt} of ${schedules} honest families killed`)
      assert.ok(hurt > 0)
    })
  }

  test('F_max = 3', async (t) => {
    const early = ({ signedOutAfter }: Outcome): boolean => signedOutAfter.some((unlanded) => unlanded <= 5)
    const all = await outcomes((seed) => honestSchedule(seed, cookie), withoutGuard['F_max = 3'])
    t.diagnostic(`${found(all, early)} of ${schedules} honest families signed out early`)
    assert.ok(found(all, early) > 0)
  })

  test('parent always allowed', async (t) => {
    const all = await outcomes((seed) => thiefSchedule(seed, cookie), otherPolicies['parent always allowed'])
    const many = ({ renewals }: Outcome): boolean => handoversIn(renewals) > mostHandovers
    t.diagnostic(`${found(all, many)} of ${schedules} families served both beyond ${mostHandovers} hand-overs`)
    assert.ok(found(all, many) > 0)
  })
})
