import type { Clock, Millis } from '../base/clock.ts'
import type { Json } from '../base/json.ts'
import { partitionOfSid, partitionOfUser } from '../model/partition.ts'
import { type Revocation, type Scope, scopeKey } from '../model/revocation.ts'
import { type Cause, expiryOf, type Generations, type SessionRecord, type Sid } from '../model/session.ts'
import { type Due, dueBuckets } from './due.ts'
import type { MemoryLog } from './memory-log.ts'
import {
  byActivity,
  checkPartition,
  ended,
  freezeRecord,
  isStanding,
  moved,
  refuseTaken,
  textsOf,
  withUserGeneration,
} from './record.ts'

/** One session: the record, which is replaced as a whole, and its data. */
export interface Slot extends Due {
  record: SessionRecord
  data: SlotData
}

export interface SlotData {
  /** The newest version given to a key. */
  readonly version: number
  readonly entries: ReadonlyMap<string, SlotEntry>
}

/** JSON as text: compact, and never shared with anybody. */
export interface SlotEntry {
  readonly text: string
  readonly version: number
}

/** The sessions in memory with their indexes, and the changes that more than one operation makes. All synchronous. */
export interface MemorySessions {
  readonly clock: Clock
  readonly log: MemoryLog
  readonly partitions: number
  get(sid: Sid): Slot | undefined
  getLive(sid: Sid): Slot | undefined
  add(record: SessionRecord, data: SlotData): void
  end(slot: Slot, cause: Cause, until: Millis): void
  move(slot: Slot, next: SessionRecord, until: Millis): void
  /** The user's sessions that stand, newest activity first. */
  standing(user: string): readonly Slot[]
  generation(scope: Scope): number
  raise(scope: Scope, generation: number, cause: Cause, until: Millis, spare?: Sid | null): void
  sweep(past: Millis, limit: number): number
}

const noEntries: ReadonlyMap<string, SlotEntry> = new Map()
export const noData: SlotData = Object.freeze({ version: 1, entries: noEntries })

export function slotDataOf(data: ReadonlyMap<string, Json>): SlotData {
  if (data.size === 0) return noData
  const entries = Array.from(textsOf(data), ([key, text]) => [key, { text, version: 1 }] as const)
  return { version: 1, entries: new Map(entries) }
}

export function memorySessions(clock: Clock, log: MemoryLog, partitions: number): MemorySessions {
  const slots = new Map<Sid, Slot>()
  const users = userIndex()
  const generations = new Map<string, number>()
  const due = dueBuckets<Slot>(dueOf)

  function getLive(sid: Sid): Slot | undefined {
    const slot = slots.get(sid)
    return slot?.record.state.kind === 'live' ? slot : undefined
  }

  function add(record: SessionRecord, data: SlotData): void {
    checkPartition(record, partitions)
    if (slots.has(record.sid)) refuseTaken()
    const slot: Slot = { record: freezeRecord(record), data, bucket: 0 }
    slots.set(record.sid, slot)
    users.add(slot)
    due.put(slot)
  }

  /** The record is no longer live: off the lists, its data gone, swept by when it ended. */
  function settle(slot: Slot, record: SessionRecord, revocation: Revocation): void {
    users.remove(slot)
    slot.record = record
    slot.data = noData
    due.put(slot)
    log.append(partitionOfSid(record.sid), revocation)
  }

  function end(slot: Slot, cause: Cause, until: Millis): void {
    const { sid } = slot.record
    settle(slot, ended(slot.record, cause, clock.now()), { kind: 'kill', sid, cause, until })
  }

  function move(slot: Slot, next: SessionRecord, until: Millis): void {
    const { sid, version } = slot.record
    add(next, slot.data)
    const event: Revocation = { kind: 'version', sid, version: version + 1, until }
    settle(slot, moved(slot.record, next.sid, clock.now()), event)
  }

  function generation(scope: Scope): number {
    return generations.get(scopeKey(scope)) ?? 0
  }

  function presentFor(record: SessionRecord): Generations {
    return {
      user: record.user === null ? 0 : generation({ kind: 'user', user: record.user }),
      tenant: record.tenant === null ? 0 : generation({ kind: 'tenant', tenant: record.tenant }),
      everyone: generation({ kind: 'everyone' }),
    }
  }

  function standing(user: string): readonly Slot[] {
    const now = clock.now()
    const found = users.of(user).filter(({ record }) => isStanding(record, presentFor(record), now))
    return found.sort((a, b) => byActivity(a.record, b.record))
  }

  function raise(scope: Scope, to: number, cause: Cause, until: Millis, spare: Sid | null = null): void {
    const slot = scope.kind === 'user' && spare !== null ? getLive(spare) : undefined
    const spared =
      slot !== undefined && slot.record.user === ownerOf(scope) && slot.record.generations.user >= generation(scope)
    if (spared) slot.record = withUserGeneration(slot.record, to)
    generations.set(scopeKey(scope), to)
    const partition = scope.kind === 'user' ? partitionOfUser(scope.user, partitions) : 0
    const event = { scope, generation: to, spare: spared ? spare : null, cause, until }
    log.append(partition, { kind: 'generation', ...event })
  }

  function sweep(past: Millis, limit: number): number {
    const swept = due.take(past, limit)
    for (const slot of swept) {
      users.remove(slot)
      slots.delete(slot.record.sid)
    }
    return swept.length
  }

  return {
    clock,
    log,
    partitions,
    get: (sid) => slots.get(sid),
    getLive,
    add,
    end,
    move,
    standing,
    generation,
    raise,
    sweep,
  }
}

function ownerOf(scope: Scope): string | null {
  return scope.kind === 'user' ? scope.user : null
}

function dueOf({ record }: Slot): Millis {
  return record.state.kind === 'live' ? expiryOf(record) : record.state.at
}

interface UserIndex {
  add(slot: Slot): void
  remove(slot: Slot): void
  of(user: string): readonly Slot[]
}

/** The live sessions of each user. */
function userIndex(): UserIndex {
  const users = new Map<string, readonly Slot[]>()
  return {
    add: (slot) => {
      const { user, state } = slot.record
      if (user !== null && state.kind === 'live') users.set(user, [...(users.get(user) ?? []), slot])
    },
    remove: (slot) => {
      const { user } = slot.record
      if (user === null) return
      const left = (users.get(user) ?? []).filter((other) => other !== slot)
      if (left.length === 0) users.delete(user)
      else users.set(user, left)
    },
    of: (user) => users.get(user) ?? [],
  }
}
