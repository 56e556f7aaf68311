import { hour, minute } from '../../base/clock.ts'
import { isFault } from '../../base/fault.ts'
import type { Json } from '../../base/json.ts'
import { genesis } from '../../model/log.ts'
import { type Position, type Revocation, type Scope, scopeKey } from '../../model/revocation.ts'
import type { Cause, SessionRecord } from '../../model/session.ts'
import { type Random, seededRandom } from '../random.ts'
import { scanned } from './scan-laws.ts'
import { entriesAfter, later, newSession, newSid, type Subject } from './subject.ts'

interface Play {
  readonly subject: Subject
  readonly random: Random
  readonly seed: number
  /** As this play last saw them; often stale. */
  readonly sessions: SessionRecord[]
  /** By scope; sessions begin with these, or with the ones before. */
  readonly generations: Map<string, number>
}

type Step = (play: Play) => Promise<unknown>

const users = ['ann', 'bob', '', '__proto__', null] as const
const tenants = ['acme', '*', null] as const
const keys = ['a', 'b', 'constructor', '{c}'] as const
const causes: readonly Cause[] = ['logout', 'revoked', 'reuse', 'idle']

/**
 * What an engine answers, and logs, to a random sequence of operations: the same seed asks every engine the same.
 *
 * Sids are given by name, because their first character is the partition, and partitions are left out.
 */
export async function transcriptOf(subject: Subject, seed: number, count: number): Promise<readonly string[]> {
  const play: Play = { subject, seed, random: seededRandom(seed), sessions: [], generations: new Map() }
  const positions = new Map<number, Position>()
  const lines: string[] = []
  for (let index = 0; index < count; index++) {
    const [name, step] = play.random.pick(weighted)
    const answer = await outcomeOf(step, play)
    lines.push(textOf(play, { index, name, answer, logged: await newEntries(play, positions) }))
  }
  const { store, documents } = subject.backend
  for (const { sid } of play.sessions) lines.push(textOf(play, [await store.find(sid), await store.data(sid)]))
  for (const user of users) if (user !== null) lines.push(textOf(play, await store.list(user, 99)))
  lines.push(textOf(play, await documents.list('kind', 99)))
  return lines
}

const steps: Readonly<Record<string, readonly [weight: number, step: Step]>> = {
  insert: [10, insert],
  find: [3, async (play) => find(play)],
  rotate: [8, async (play) => rotate(play)],
  move: [5, async (play) => move(play)],
  touch: [4, async (play) => touch(play)],
  amend: [6, async (play) => amend(play)],
  kill: [4, async (play) => store(play).kill(any(play).sid, play.random.pick(causes), until(play))],
  bump: [3, async (play) => bump(play)],
  retireKey: [1, async (play) => store(play).retireKey(play.random.pick(keys), until(play))],
  generation: [2, async (play) => store(play).generation(scope(play))],
  data: [4, async (play) => store(play).data(any(play).sid, play.random.pick([undefined, ['a'], ['b', 'z']]))],
  patch: [14, async (play) => patch(play)],
  list: [4, async (play) => store(play).list(play.random.pick(['ann', 'bob', '', 'cleo']), play.random.below(5))],
  scan: [
    2,
    async (play) =>
      (await scanned(play.subject.backend, play.random.pick([1, 3, 99]))).map(({ sid }) => sid.slice(1)).sort(),
  ],
  sweep: [1, async (play) => store(play).sweep(now(play) - play.random.below(2 * hour), 999)],
  once: [3, async (play) => play.subject.backend.once.first(play.random.pick(keys), until(play))],
  limits: [4, async (play) => limits(play)],
  documents: [6, async (play) => documents(play)],
  advance: [8, async (play) => advance(play)],
  reassert: [2, async (play) => reassert(play)],
  time: [6, async (play) => play.subject.clock.advance(play.random.below(2 * minute))],
}

const weighted = Object.entries(steps).flatMap(([name, [weight, step]]) =>
  Array.from({ length: weight }, () => [name, step] as const),
)

async function outcomeOf(step: Step, play: Play): Promise<unknown> {
  try {
    return await step(play)
  } catch (error) {
    if (isFault(error)) return { fault: error.kind, message: error.message }
    throw error
  }
}

async function insert(play: Play): Promise<unknown> {
  const { random, sessions } = play
  const data = new Map<string, Json>(random.below(2) === 0 ? [] : [[random.pick(keys), random.below(9)]])
  const otherwise = random.pick(['evict_oldest', 'refuse'] as const)
  const atMost = random.below(3) === 0 ? undefined : { count: random.below(5), otherwise, until: until(play) }
  const record = random.below(10) === 0 ? any(play) : make(play)
  const answer = await store(play).insert(record, data, atMost)
  if (answer.kind === 'inserted') sessions.push(record)
  return answer
}

function make(play: Play, user: string | null = play.random.pick(users)): SessionRecord {
  const { random, subject } = play
  const tenant = random.pick(tenants)
  const generations = {
    user: user === null ? 0 : presentOf(play, { kind: 'user', user }),
    tenant: tenant === null ? 0 : presentOf(play, { kind: 'tenant', tenant }),
    everyone: presentOf(play, { kind: 'everyone' }),
  }
  return newSession(subject, {
    sid: newSid(subject.backend, user, `${play.seed} ${play.sessions.length} ${random.next()}`),
    user,
    tenant,
    generations,
    idle: random.pick([10 * minute, hour]),
    claims: random.pick([{}, { role: 'admin' }, { groups: ['a', '*'] }]),
    authentication: null,
  })
}

function presentOf({ random, generations }: Play, of: Scope): number {
  return Math.max(0, (generations.get(scopeKey(of)) ?? 0) - (random.below(8) === 0 ? 1 : 0))
}

/** One that was inserted, by chance the newest most often; a stranger when there is none. */
function any(play: Play): SessionRecord {
  const { random, sessions } = play
  if (sessions.length === 0 || random.below(20) === 0) return make(play)
  const back = Math.min(random.below(sessions.length), random.below(sessions.length), random.below(12))
  return sessions[sessions.length - 1 - back] as SessionRecord
}

/** Sees it anew, as a node does; now and then it does not. */
async function find(play: Play, record = any(play)): Promise<unknown> {
  const found = await store(play).find(record.sid)
  const index = play.sessions.findIndex(({ sid }) => sid === record.sid)
  if (found !== null && index >= 0) play.sessions[index] = found.record
  return found
}

async function rotate(play: Play): Promise<unknown> {
  const { random } = play
  const record = any(play)
  if (random.below(3) > 0) await find(play, record)
  const { sid, rotation, seenAt } = play.sessions.find((one) => one.sid === record.sid) ?? record
  const to = { cur: rotation.cur + 1, par: rotation.cur, grace: [rotation.par], forks: random.below(3), at: now(play) }
  return store(play).rotate(sid, rotation, to, seenAt + random.below(minute) - 1000)
}

async function advance(play: Play): Promise<unknown> {
  const { random } = play
  const record = any(play)
  if (random.below(3) > 0) await find(play, record)
  const { sid, rotation, presentation, seenAt } = play.sessions.find((one) => one.sid === record.sid) ?? record
  const newest = { counter: rotation.cur - random.pick([0, 0, 0, 1]), presentation, quiet: random.below(minute) }
  return store(play).advance(sid, newest, seenAt + random.below(minute) - 1000)
}

async function reassert(play: Play): Promise<unknown> {
  const { random, sessions } = play
  if (sessions.length === 0) return null
  const { sid, version } = random.pick(sessions)
  const generation = random.below(4)
  return store(play).reassert(
    random.pick<Revocation>([
      { kind: 'kill', sid, cause: random.pick(causes), until: until(play) },
      { kind: 'version', sid, version, until: until(play) },
      { kind: 'key', kid: random.pick(keys), until: until(play) },
      { kind: 'generation', scope: scope(play), generation, spare: null, cause: 'revoked', until: until(play) },
    ]),
  )
}

async function move(play: Play): Promise<unknown> {
  const { random, sessions } = play
  const record = any(play)
  if (random.below(3) > 0) await find(play, record)
  const from = sessions.find((one) => one.sid === record.sid) ?? record
  const next = random.below(8) === 0 ? any(play) : make(play, from.user ?? random.pick(users))
  const answer = await store(play).move(from, next, until(play))
  if (answer === 'done') sessions.push(next)
  return answer
}

async function touch(play: Play): Promise<unknown> {
  const { random } = play
  const activity = [any(play), any(play)].map(({ sid }) => [sid, now(play) - random.below(hour)] as const)
  return store(play).touch(new Map(activity))
}

async function amend(play: Play): Promise<unknown> {
  const { random } = play
  const { sid, version } = any(play)
  const amendments = [{ claims: { n: random.below(9) } }, { renewIdentity: true }, { authentication: null }, {}]
  return store(play).amend(sid, version + random.pick([0, 0, 0, 1, -1]), random.pick(amendments), until(play))
}

async function bump(play: Play): Promise<unknown> {
  const spare = play.random.below(2) === 0 ? undefined : any(play)
  const of = scope(play)
  const generation = await store(play).bump(of, 'password_changed', until(play), spare?.sid)
  play.generations.set(scopeKey(of), generation)
  return generation
}

function scope(play: Play): Scope {
  const user = play.random.pick(['ann', 'bob', ''])
  const tenant = play.random.pick(['acme', '*'])
  return play.random.pick<Scope>([
    { kind: 'user', user },
    { kind: 'user', user },
    { kind: 'tenant', tenant },
    { kind: 'everyone' },
  ])
}

async function patch(play: Play): Promise<unknown> {
  const { random } = play
  const set = new Map<string, Json>(
    keys.filter(() => random.below(3) === 0).map((key) => [key, { n: random.below(99) }]),
  )
  const remove = keys.filter(() => random.below(6) === 0)
  const expected = new Map(keys.filter(() => random.below(4) === 0).map((key) => [key, random.below(5)]))
  const { sid } = any(play)
  return store(play).patch(sid, random.below(2) === 0 ? { set, remove } : { set, remove, expected })
}

async function limits(play: Play): Promise<unknown> {
  const { limits } = play.subject.backend
  const [key, rate] = play.random.pick([
    ['a', { burst: 1, every: minute }],
    ['b', { burst: 3, every: 1500 }],
  ] as const)
  if (play.random.below(6) === 0) return limits.give(key, rate)
  return play.random.below(12) === 0 ? limits.forget(key) : limits.take(key, rate)
}

async function documents(play: Play): Promise<unknown> {
  const { random, subject } = play
  const key = random.pick(keys)
  switch (random.below(5)) {
    case 0:
      return subject.backend.documents.insert('kind', key, `${random.below(99)}`)
    case 1:
      return subject.backend.documents.replace('kind', key, random.below(4), `${random.below(99)}`)
    case 2:
      return subject.backend.documents.remove('kind', key)
    case 3:
      return subject.backend.documents.find('kind', key)
    default:
      return subject.backend.documents.list('kind', random.below(4), random.pick([undefined, 'a', 'b']))
  }
}

function store({ subject }: Play): Subject['backend']['store'] {
  return subject.backend.store
}

function now({ subject }: Play): number {
  return subject.clock.now()
}

function until({ subject, random }: Play): number {
  return later(subject) + random.below(hour)
}

/** What the last operation logged. */
async function newEntries({ subject }: Play, positions: Map<number, Position>): Promise<readonly unknown[]> {
  const events: unknown[] = []
  const { heads } = await subject.backend.log.heartbeat('transcript', [])
  for (const [partition, { seq }] of heads.entries()) {
    const before = positions.get(partition) ?? genesis
    if (seq === before.seq) continue
    const entries = await entriesAfter(subject.backend, partition, before)
    const last = entries.at(-1)
    if (last !== undefined) positions.set(partition, last.position)
    events.push(...entries.map(({ revocation }) => revocation))
  }
  return events
}

/** As JSON with sorted names, sids without their partition. */
function textOf({ sessions }: Play, value: unknown): string {
  const text = JSON.stringify(value, (_name, inner: unknown) => {
    if (inner instanceof Map) return [...inner].sort(([a], [b]) => (a < b ? -1 : 1))
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
  return sessions.reduce((line, { sid }) => line.replaceAll(sid, sid.slice(1)), text ?? 'undefined')
}
