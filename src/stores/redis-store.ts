import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { isSid, partitionOfSid, partitionOfUser } from '../model/partition.ts'
import { partitionOfRevocation, partitionOfScope, type Revocation, type Scope } from '../model/revocation.ts'
import { nextRotation } from '../model/rotation.ts'
import type { DataEntry, SessionRecord, Sid } from '../model/session.ts'
import type { AtMost, Change, Found, Inserted, Page, Store } from '../model/store.ts'
import { byActivity, checkPartition, countOf, jsonOfText, refuseTaken, textsOf } from './record.ts'
import type { Calls } from './redis-calls.ts'
import { type Logged, letters, partitions, type RedisLog } from './redis-log.ts'
import {
  authenticationText,
  beginningOf,
  bucketOf,
  bucketOfRecord,
  buckets,
  dueText,
  endOf,
  eventText,
  fieldsOf,
  graceText,
  numberText,
  ownerOf,
  recordOf,
  scopeText,
} from './redis-rows.ts'
import type { ScriptName } from './redis-scripts.ts'
import { decodeText, encodeText } from './redis-text.ts'

type Raw = readonly string[]
type Outcome = readonly [outcome: Change | 'taken', entry?: Logged]

/** The operations on Redis: one script each, but for the sweep. */
export function redisStore(calls: Calls, log: RedisLog): Store {
  /** What is no sid is gone without asking. */
  function known(sid: Sid): boolean {
    calls.guard()
    return isSid(sid)
  }

  async function change<T>(name: ScriptName, sid: Sid, args: readonly string[]): Promise<T> {
    return calls.run<T>(name, sid.charAt(0), [sid, ...args], 'change')
  }

  async function logged(sid: Sid, name: ScriptName, args: readonly string[], event: Revocation): Promise<Change> {
    const [outcome, entry] = await change<Outcome>(name, sid, args)
    if (outcome === 'taken') refuseTaken()
    if (entry !== undefined) log.appended(partitionOfSid(sid), entry, event)
    return outcome
  }

  const sweep = createSweep(calls)

  return {
    partitions,
    insert: async (record, data, atMost) => insert(calls, log, record, textsOf(data), atMost),
    find: async (sid) => {
      if (!known(sid)) return null
      const answer = await calls.run<'none' | [string, string, Raw]>('find', sid.charAt(0), [sid], 'read')
      return answer === 'none' ? null : foundOf(sid, answer)
    },
    rotate: async (sid, from, { cur, par, grace, forks, at }, seenAt) => {
      if (!known(sid)) return 'gone'
      const before = [from.cur, from.at].map(numberText)
      const after = [`${cur}`, `${par}`, `${forks}`, graceText(grace), numberText(at), numberText(seenAt)]
      return change<Change>('rotate', sid, [...before, ...after])
    },
    advance: async (sid, { counter, presentation, quiet }, seenAt) => {
      if (!known(sid)) return null
      const args = [numberText(counter), presentation.charAt(0), numberText(quiet), numberText(seenAt)]
      const answer = await change<'none' | [string, string, Raw, string]>('advance', sid, args)
      if (answer === 'none') return null
      const found = foundOf(sid, answer)
      const to = nextRotation(found.record.rotation, found.at)
      return { ...found, to: answer[3] === '1' ? to : null }
    },
    move: async (from, next, until) => {
      if (!known(from.sid)) return 'gone'
      checkPartition(next, partitions)
      const { version, rotation, sid } = from
      const event = { kind: 'version', sid, version: version + 1, until } as const
      const state = [version, rotation.cur, rotation.at, until].map(numberText)
      const args = [...state, eventText(event), next.sid, ...rowArgs(next)]
      return logged(sid, 'move', args, event)
    },
    touch: (activity) => touch(calls, activity),
    amend: async (sid, from, { claims, authentication, renewIdentity }, until) => {
      if (!known(sid)) return 'gone'
      const event = { kind: 'version', sid, version: from + 1, until } as const
      const renew = renewIdentity === undefined ? '' : renewIdentity ? '1' : '0'
      const claimText = claims === undefined ? '' : JSON.stringify(claims)
      const proof = authentication === undefined ? '' : authenticationText(authentication)
      const args = [numberText(from), numberText(until), eventText(event), renew, claimText, proof]
      return logged(sid, 'amend', args, event)
    },
    kill: async (sid, cause, until) => {
      if (!known(sid)) return false
      const event = { kind: 'kill', sid, cause, until } as const
      return (await logged(sid, 'kill', [cause, numberText(until)], event)) === 'done'
    },
    bump: async (scope, cause, until, spare) => {
      const partition = partitionOfScope(scope, partitions)
      const letter = letters.charAt(partition)
      const asked = spare !== undefined && isSid(spare) ? spare : ''
      const event = [`${scopeText(scope)}`, endOf(cause)]
      const args = [letter, ...nameOf(scope), asked, numberText(until), ...event]
      const [text, spared, entry] = await calls.run<[string, string, Logged]>('bump', letter, args, 'change')
      const generation = Number(text)
      const own = { scope: { ...scope }, generation, spare: spared === '1' ? asked : null, cause, until }
      log.appended(partition, entry, { kind: 'generation', ...own })
      return generation
    },
    retireKey: async (kid, until) => {
      const event = { kind: 'key', kid, until } as const
      const args = ['A', numberText(until), eventText(event)]
      const [, entry] = await calls.run<[string, Logged]>('log', 'A', args, 'change')
      log.appended(0, entry, event)
    },
    reassert: (revocation) => reassert(calls, log, revocation),
    generation: async (scope) => {
      const letter = letters.charAt(partitionOfScope(scope, partitions))
      return Number(await calls.run<string>('generation', letter, [letter, ...nameOf(scope)], 'read'))
    },
    data: async (sid, keys) => (known(sid) ? readData(calls, sid, keys) : null),
    patch: async (sid, { set, remove, expected, newest }) => {
      const texts = [...textsOf(set)]
      if (!known(sid)) return 'gone'
      const wanted = [...(expected ?? [])]
      const counts = [texts.length, remove.length, wanted.length].map(String)
      const values = texts.flatMap(([key, text]) => [dataField(key), text])
      const versions = wanted.flatMap(([key, version]) => [dataField(key), numberText(version)])
      const args = [newest === undefined ? '' : numberText(newest), ...counts, ...values]
      return change<Change>('patch', sid, [...args, ...remove.map(dataField), ...versions])
    },
    list: async (user, limit) => {
      const letter = letters.charAt(partitionOfUser(user, partitions))
      const args = [letter, String(bucketOf(user)), ownerOf(user)]
      const found = await calls.run<[Sid, Raw][]>('list', letter, args, 'read')
      return found
        .map(([sid, raw]) => recordOf(sid, raw))
        .toSorted(byActivity)
        .slice(0, countOf(limit))
    },
    scan: (size, after) => scan(calls, Math.max(1, countOf(size)), after ?? ''),
    sweep: (before, limit) => sweep(before, countOf(limit)),
  }
}

function foundOf(sid: Sid, [at, generation, raw]: readonly [string, string, Raw, ...unknown[]]): Found {
  return { record: recordOf(sid, raw), userGeneration: Number(generation), at: Number(at) }
}

/** a, b, member, bucket, due, and the other fields. */
function rowArgs(record: SessionRecord): readonly string[] {
  const { a, b, others } = fieldsOf(record)
  const place = [memberOf(record), String(bucketOfRecord(record)), dueText(record)]
  return [a, b, ...place, ...others.flat()]
}

function memberOf({ sid, user }: SessionRecord): string {
  return `${sid.slice(1)}${ownerOf(user)}`
}

/** The kind of its key, and its name. */
function nameOf(scope: Scope): readonly [kind: string, name: string] {
  switch (scope.kind) {
    case 'user':
      return ['g', encodeText(scope.user)]
    case 'tenant':
      return ['t', encodeText(scope.tenant)]
    case 'everyone':
      return ['e', '']
  }
}

async function insert(
  calls: Calls,
  log: RedisLog,
  record: SessionRecord,
  texts: ReadonlyMap<string, string>,
  atMost: AtMost | undefined,
): Promise<Inserted> {
  calls.guard()
  checkPartition(record, partitions)
  if (!isSid(record.sid)) throw new Fault('not_stored', 'The session was not stored: its sid is none.')
  const letter = record.sid.charAt(0)
  const { a, b, others } = fieldsOf(record)
  const owner = record.user === null ? '' : ownerOf(record.user)
  const count = atMost === undefined ? '' : numberText(atMost.count)
  const limits = [
    count,
    atMost?.otherwise === 'refuse' ? '1' : '',
    atMost?.replaces ?? '',
    numberText(atMost?.until ?? 0),
  ]
  const data = [...texts].flatMap(([key, text]) => [dataField(key), `1 ${text}`])
  const place = [owner, memberOf(record), String(bucketOfRecord(record))]
  const args = [record.sid, a, b, ...place, ...limits, dueText(record), ...others.flat(), ...data]
  const [outcome, evicted = []] = await calls.run<[string, Sid[]?]>('insert', letter, args, 'change')
  if (outcome === 'taken') refuseTaken()
  if (outcome === 'full') return { kind: 'full' }
  if (evicted.length > 0) log.news(partitionOfSid(record.sid))
  return { kind: 'inserted', evicted }
}

async function touch(calls: Calls, activity: ReadonlyMap<Sid, Millis>): Promise<void> {
  calls.guard()
  const byPartition = Map.groupBy(
    [...activity].filter(([sid]) => isSid(sid)),
    ([sid]) => sid.charAt(0),
  )
  const touched = [...byPartition].map(([letter, all]) => {
    const args = all.flatMap(([sid, seenAt]) => [sid, numberText(seenAt)])
    return calls.run('touch', letter, args, 'change')
  })
  await Promise.all(touched)
}

async function reassert(calls: Calls, log: RedisLog, revocation: Revocation): Promise<boolean> {
  const partition = partitionOfRevocation(revocation, partitions)
  const letter = letters.charAt(partition)
  const { kind, until } = revocation
  const [number, ...about] = detailsOf(revocation)
  const head = [letter, kind, numberText(until), eventText(revocation), beginningOf(revocation)]
  const [outcome, entry] = await calls.run<[string, Logged?]>('reassert', letter, [...head, number, ...about], 'change')
  if (outcome !== 'done' || entry === undefined) return false
  const copy = kind === 'generation' ? { ...revocation, scope: { ...revocation.scope } } : { ...revocation }
  log.appended(partition, entry, copy)
  return true
}

function detailsOf(revocation: Revocation): readonly [number: string, ...about: string[]] {
  switch (revocation.kind) {
    case 'kill':
      return ['', revocation.sid, revocation.cause]
    case 'version':
      return [numberText(revocation.version)]
    case 'key':
      return ['']
    case 'generation':
      return [numberText(revocation.generation), ...nameOf(revocation.scope)]
  }
}

/** Data stand in the hash of the session, behind a letter of their own. */
function dataField(key: string): string {
  return `d${encodeText(key)}`
}

async function readData(
  calls: Calls,
  sid: Sid,
  keys: readonly string[] | undefined,
): Promise<ReadonlyMap<string, DataEntry> | null> {
  const wanted = keys === undefined ? ['all'] : ['some', ...keys.map(dataField)]
  const flat = await calls.run<'none' | string[]>('data', sid.charAt(0), [sid, ...wanted], 'read')
  if (flat === 'none') return null
  const data = new Map<string, DataEntry>()
  for (let index = 0; index < flat.length; index += 2) {
    const text = flat[index + 1] ?? ''
    const end = text.indexOf(' ')
    const entry = { value: jsonOfText(text.slice(end + 1)), version: Number(text.slice(0, end)) }
    data.set(decodeText((flat[index] ?? '').slice(1)), entry)
  }
  return data
}

/** Bucket by bucket of a partition, and then the next. @param after letter of the partition, and number of the bucket */
async function scan(calls: Calls, size: number, after: string): Promise<Page> {
  const [letter = 'A', first = '0'] = /^[A-P]\d{1,4}$/.test(after) ? [after.charAt(0), after.slice(1)] : []
  const args = [letter, first, String(buckets), String(size)]
  const [next, found] = await calls.run<[string, [Sid, Raw][]]>('scan', letter, args, 'read')
  const records = found.map(([sid, raw]) => recordOf(sid, raw))
  if (Number(next) < buckets) return { records, next: letter + next }
  const following = letters.charAt(letters.indexOf(letter) + 1)
  return { records, next: following === '' ? null : `${following}0` }
}

/** Sessions that go, and buckets that are looked at, in one script: everybody else waits meanwhile. */
const slice = 100
const stride = 512

/** In small steps, partition by partition and bucket by bucket. */
function createSweep(calls: Calls): (before: Millis, limit: number) => Promise<number> {
  /** Where the last sweep of each partition stopped; those before it are likely to be empty. */
  const places = new Map<string, number>()

  async function step(letter: string, before: Millis, most: number, first: number, end: number, entries: number) {
    const args = [
      letter,
      numberText(before),
      String(Math.min(slice, most)),
      String(first),
      String(end),
      String(entries),
    ]
    const [swept, next] = await calls.run<[string, string]>('sweep', letter, args, 'change')
    return { swept: Number(swept), next: Number(next) }
  }

  /** All the way round, or until that many went. */
  async function partition(letter: string, before: Millis, limit: number, entries: number): Promise<number> {
    const start = places.get(letter) ?? 0
    let swept = 0
    let at = start
    /** Of the log, once. */
    let rest = entries
    // To the last bucket, and then from the first to where it began.
    for (const last of [buckets, start]) {
      do {
        const end = Math.min(last, at + stride)
        const done = await step(letter, before, limit - swept, at, end, rest)
        rest = 0
        swept += done.swept
        at = done.next
      } while (swept < limit && at < last)
      if (at >= buckets) at = 0
      if (swept >= limit) break
    }
    places.set(letter, at)
    return swept
  }

  return async (before, limit) => {
    let swept = 0
    let failure: unknown = null
    for (const letter of letters) {
      try {
        swept += await partition(letter, before, limit - swept, limit)
      } catch (error) {
        // The others are swept nevertheless.
        failure = error
      }
    }
    if (failure !== null) throw failure
    return swept
  }
}
