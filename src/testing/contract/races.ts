import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hour, systemClock } from '../../base/clock.ts'
import type { Backend } from '../../model/backend.ts'
import { makeSid, partitionOfUser } from '../../model/partition.ts'
import { firstRotation } from '../../model/rotation.ts'
import type { Sid } from '../../model/session.ts'
import { type Random, seededRandom } from '../random.ts'
import { newRecord } from './race-record.ts'

export interface RaceResult {
  readonly operations: number
  readonly acknowledged: Readonly<Record<string, number>>
  /** Increments that were acknowledged and are not there. */
  readonly lostUpdates: number
  /** Sessions that live although their end was acknowledged. */
  readonly resurrections: number
  /** Counters that more than one renewal has led to. */
  readonly doubleSuccessors: number
  /** Sessions that no list gives although they live, or that a list gives although they do not. */
  readonly indexErrors: number
  /** Records that are left when all have been swept. */
  readonly leaked: number
}

/** A session as the race knows it: what was acknowledged. */
interface Racer {
  readonly sid: Sid
  readonly user: string
  increments: number
  ended: boolean
  readonly successors: Map<number, number>
}

const flows = 64
const users = 40
const sessionsAtOnce = 60

/**
 * Patches, renewals, changes of claims, moves, ends and lists of the same few sessions, by so many flows over several backends of one engine.
 *
 * @param backends of one engine, each with connections of its own
 */
export async function raceOn(
  backends: readonly Backend[],
  operations: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Promise<RaceResult> {
  const random = seededRandom(seed)
  const acknowledged: Record<string, number> = {}
  const racers: Racer[] = []
  const all: Racer[] = []
  let done = 0
  const count = (name: string): void => {
    acknowledged[name] = (acknowledged[name] ?? 0) + 1
  }

  async function flow(): Promise<void> {
    while (done < operations) {
      done++
      if (done % 50_000 === 0) progress(done)
      const backend = random.pick(backends)
      const full = racers.length >= sessionsAtOnce
      const racer = full || random.below(4) > 0 ? racers[random.below(racers.length || 1)] : undefined
      if (racer === undefined) {
        const made = await insert(backend, random, done)
        racers.push(made)
        all.push(made)
        count('insert')
      } else if (random.below(150) === 0) {
        racers.splice(racers.indexOf(racer), 1)
        if (await backend.store.kill(racer.sid, 'logout', systemClock.now() + hour)) count('kill')
        racer.ended = true
      } else await step(backend, random, racer, count)
    }
  }

  await Promise.all(Array.from({ length: flows }, flow))
  const [backend] = backends as readonly [Backend]
  const judged = await judge(backend, all)
  return { operations: done, acknowledged, ...judged, leaked: await sweepAll(backend, all) }
}

async function insert({ store }: Backend, random: Random, number: number): Promise<Racer> {
  const user = `user ${random.below(users)}`
  const sid = makeSid(
    partitionOfUser(user, store.partitions),
    Buffer.from(`${number}`.padStart(16, '.')).toString('base64url'),
  )
  await store.insert(
    { ...newRecord(sid, user), rotation: firstRotation(systemClock.now() - hour) },
    new Map([['count', 0]]),
  )
  return { sid, user, increments: 0, ended: false, successors: new Map() }
}

async function step({ store }: Backend, random: Random, racer: Racer, count: (name: string) => void): Promise<void> {
  const { sid } = racer
  switch (random.below(6)) {
    case 0:
    case 1: {
      const entry = (await store.data(sid, ['count']))?.get('count')
      if (entry === undefined) return
      const set = new Map([['count', (entry.value as number) + 1]])
      const change = await store.patch(sid, { set, remove: [], expected: new Map([['count', entry.version]]) })
      if (change !== 'done') return
      racer.increments++
      count('increment')
      return
    }
    case 2: {
      const record = (await store.find(sid))?.record
      if (record === undefined || record.state.kind !== 'live') return
      const to = {
        cur: record.rotation.cur + 1,
        par: record.rotation.cur,
        grace: [],
        forks: 0,
        at: systemClock.now() - hour,
      }
      if ((await store.rotate(sid, record.rotation, to, systemClock.now())) === 'done') note(racer, to.cur, count)
      return
    }
    case 3: {
      const counter = (await store.find(sid))?.record.rotation.cur ?? 1
      const advanced = await store.advance(sid, { counter, presentation: 'cookie', quiet: -1 }, systemClock.now())
      if (advanced?.to != null) note(racer, advanced.to.cur, count)
      return
    }
    case 4: {
      const version = (await store.find(sid))?.record.version ?? 0
      if ((await store.amend(sid, version, { claims: { version } }, systemClock.now() + hour)) === 'done')
        count('amend')
      return
    }
    default:
      if (random.below(2) === 0) await store.touch(new Map([[sid, systemClock.now()]]))
      else await store.list(racer.user, 9)
  }
}

function note({ successors }: Racer, counter: number, count: (name: string) => void): void {
  successors.set(counter, (successors.get(counter) ?? 0) + 1)
  count('successor')
}

async function judge(
  { store }: Backend,
  racers: readonly Racer[],
): Promise<Pick<RaceResult, 'lostUpdates' | 'resurrections' | 'doubleSuccessors' | 'indexErrors'>> {
  const result = { lostUpdates: 0, resurrections: 0, doubleSuccessors: 0, indexErrors: 0 }
  const lists = new Map<string, ReadonlySet<Sid>>()
  for (let number = 0; number < users; number++) {
    const user = `user ${number}`
    lists.set(user, new Set((await store.list(user, 1_000_000)).map(({ sid }) => sid)))
  }
  for (const { sid, user, increments, ended, successors } of racers) {
    const isLive = (await store.find(sid))?.record.state.kind === 'live'
    if (ended && isLive) result.resurrections++
    if (isLive !== (lists.get(user)?.has(sid) === true)) result.indexErrors++
    if ([...successors.values()].some((times) => times > 1)) result.doubleSuccessors++
    if (!ended && (await store.data(sid))?.get('count')?.value !== increments) result.lostUpdates++
  }
  return result
}

async function sweepAll({ store }: Backend, racers: readonly Racer[]): Promise<number> {
  for (const { sid, ended } of racers) if (!ended) await store.kill(sid, 'logout', systemClock.now() + hour)
  await new Promise((resolve) => setTimeout(resolve, 5))
  while ((await store.sweep(systemClock.now() + hour, 500)) > 0);
  let left = 0
  for (const { sid, user } of racers)
    if ((await store.find(sid)) !== null || (await store.list(user, 1)).length > 0) left++
  return left
}

/**
 * Races on a real engine as a test, for yours too: patches, renewals, changes of claims, ends and lists of the same few sessions by 64 flows, judged by what was acknowledged.
 *
 *     backendRaces('my engine', async () => [myEngine({ url }), myEngine({ url })])
 *
 * Goes by the machine’s clock: the backends may too.
 *
 * @param open backends of one empty engine, each with connections of its own, as nodes have them; the suite closes them
 * @param operations how many (6,000); the seed is SEED, or printed
 */
export function backendRaces(name: string, open: () => Promise<readonly Backend[]>, operations = 6_000): void {
  const seed = Number(process.env.SEED ?? 20260101)
  describe(`${name} under races`, () => {
    test(`P-D1 P-D2 P-P1 nothing is lost, nothing comes back, nobody is renewed twice, nothing is left (seed ${seed})`, async (context) => {
      const backends = await open()
      try {
        const { operations: done, acknowledged, ...wrong } = await raceOn(backends, operations, seed)
        context.diagnostic(JSON.stringify({ operations: done, acknowledged }))
        assert.deepEqual(wrong, { lostUpdates: 0, resurrections: 0, doubleSuccessors: 0, indexErrors: 0, leaked: 0 })
        for (const kind of ['insert', 'kill', 'increment', 'successor', 'amend'])
          assert.ok((acknowledged[kind] ?? 0) > operations / 1_000, `too few: ${kind}`)
      } finally {
        await Promise.all(backends.map((backend) => backend.close()))
      }
    })
  })
}
