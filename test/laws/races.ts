import { seededRandom } from '../support/random.ts'
import type { Answer } from './client.ts'
import { type Choose, everyChoice, release } from './interleave.ts'
import type { Story } from './race-stories.ts'
import type { World } from './race-world.ts'

/** What a story came to. */
export interface RaceResult {
  readonly trials: number
  /** Whether those were all the orders there are. */
  readonly exhaustive: boolean
  readonly broken: readonly Breach[]
  /** What happened how often, that is no breach. */
  readonly notes: Readonly<Record<string, number>>
}

export interface Breach {
  readonly what: string
  readonly order: string
}

export interface RaceOptions {
  /** At most so many random orders instead of all of them. */
  readonly sample?: { readonly seed: number; readonly trials: number }
}

let visitors = 0

/** Plays a story in every order in which the operations of its requests can fall at the store, or in some random ones. */
export async function playStory(world: World, story: Story, options: RaceOptions = {}): Promise<RaceResult> {
  const broken: Breach[] = []
  const notes: Record<string, number> = {}
  const note = (what: string): void => {
    notes[what] = (notes[what] ?? 0) + 1
  }
  const trial = async (choose: Choose): Promise<void> => {
    const found = await playOnce(world, story, choose, note)
    if (found !== null) broken.push(found)
  }
  const { sample } = options
  if (sample === undefined) return { trials: await everyChoice(trial), exhaustive: true, broken, notes }
  const random = seededRandom(sample.seed)
  for (let count = 0; count < sample.trials; count++) await trial((possibilities) => random.below(possibilities))
  return { trials: sample.trials, exhaustive: false, broken, notes }
}

async function playOnce(
  world: World,
  story: Story,
  choose: Choose,
  note: (what: string) => void,
): Promise<Breach | null> {
  const user = `visitor-${++visitors}`
  const cast = await story.prepare(world, user)
  const flows = Object.keys(cast.requests)
  const progress = world.begin()
  const pending = flows.map((flow) => (cast.requests[flow] as () => Promise<Answer>)())
  let order = 'none'
  try {
    order = await release(world.gate, progress, flows, choose)
  } finally {
    world.gate.open()
  }
  const got = await Promise.all(pending)
  const answers = new Map(flows.map((flow, index) => [flow, got[index] as Answer]))
  const what = await story.judge({ world, user, cast, answers, note })
  return what === null ? null : { what, order }
}
