import { systemClock } from '../base/clock.ts'
import type { Presentation } from '../model/session.ts'
import { type Attack, expectedOf, type Outcome, type Trial } from './attack.ts'
import { createStage, type Other, type Staged } from './stage.ts'
import type { Entry } from './transcript.ts'

/** What came of one run. */
export interface Run {
  readonly attack: string
  readonly present: Presentation
  /** Ids of the defences that were in place. */
  readonly on: readonly string[]
  /** Null where nothing is expected: of other products. */
  readonly expected: boolean | null
  readonly observed: Outcome
  readonly entries: readonly Entry[]
  readonly milliseconds: number
}

const underWay = new Set<Staged>()

/** Ends what is under way: the attacks on it break. */
export async function endRuns(): Promise<void> {
  await Promise.allSettled([...underWay].map((staged) => staged.close()))
}

/** Carries out an attack on a server of its own, which is gone afterwards. @param other another product in place of ours @throws what broke on the way: then nothing was shown */
export async function carryOut(trial: Trial, other: Other | null = null): Promise<Run> {
  const { attack, present, on } = trial
  const begun = systemClock.monotonic()
  const staged = createStage({ present, on, other })
  underWay.add(staged)
  try {
    const observed = await inTime(attack.carryOut(staged.stage))
    return {
      attack: attack.id,
      present,
      on: [...on],
      expected: other === null ? expectedOf(trial) : null,
      observed,
      entries: staged.entries(),
      milliseconds: Math.round(systemClock.monotonic() - begun),
    }
  } finally {
    underWay.delete(staged)
    await staged.close()
  }
}

/** Every cell of the matrix: without any defence, then with each of them alone, in both presentations where both apply. */
export function everyTrial(attacks: readonly Attack[]): readonly Trial[] {
  return attacks.flatMap((attack) =>
    attack.presents.flatMap((present) => [
      { attack, present, on: new Set<string>() },
      ...attack.defences.map(({ id }) => ({ attack, present, on: new Set([id]) })),
    ]),
  )
}

/** Longer than any takes; whoever waits for something that never comes is told so. */
const patience = 60_000

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`The attack did not end within ${patience / 1000} s.`)),
    patience,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
