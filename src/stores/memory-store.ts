import type { Json } from '../base/json.ts'
import { partitionOfSid } from '../model/partition.ts'
import type { DataEntry, SessionRecord, Sid } from '../model/session.ts'
import type { AtMost, Change, DataChanges, Inserted, Store } from '../model/store.ts'
import { type MemorySessions, type Slot, type SlotData, slotDataOf } from './memory-sessions.ts'
import {
  amended,
  checkPartition,
  countOf,
  isSameRotation,
  jsonOfText,
  refuseTaken,
  textsOf,
  withActivity,
  withRotation,
} from './record.ts'

/** The operations in memory. Each runs to its end before any other begins. */
export function memoryStore(
  sessions: MemorySessions,
  guard: () => void,
  sweepMore: (past: number, limit: number) => void,
): Store {
  const { clock, log } = sessions
  return {
    partitions: sessions.partitions,
    insert: async (record, data, atMost) => {
      guard()
      return insert(sessions, record, data, atMost)
    },
    find: async (sid) => {
      guard()
      const record = sessions.get(sid)?.record
      if (record === undefined) return null
      const { user } = record
      return {
        record,
        userGeneration: user === null ? 0 : sessions.generation({ kind: 'user', user }),
        at: clock.now(),
      }
    },
    rotate: async (sid, from, to, seenAt) => {
      guard()
      return change(sessions.getLive(sid), (slot) => {
        if (!isSameRotation(slot.record.rotation, from)) return false
        slot.record = withRotation(slot.record, to, seenAt)
        return true
      })
    },
    move: async (from, next, until) => {
      guard()
      return change(sessions.getLive(from.sid), (slot) => {
        const { version, rotation } = slot.record
        if (version !== from.version || !isSameRotation(rotation, from.rotation)) return false
        sessions.move(slot, next, until)
        return true
      })
    },
    touch: async (activity) => {
      guard()
      for (const [sid, seenAt] of activity) {
        const slot = sessions.getLive(sid)
        if (slot !== undefined && slot.record.seenAt < seenAt) slot.record = withActivity(slot.record, seenAt)
      }
    },
    amend: async (sid, from, amendment, until) => {
      guard()
      return change(sessions.getLive(sid), (slot) => {
        if (slot.record.version !== from) return false
        slot.record = amended(slot.record, amendment)
        log.append(partitionOfSid(sid), { kind: 'version', sid, version: slot.record.version, until })
        return true
      })
    },
    kill: async (sid, cause, until) => {
      guard()
      const slot = sessions.getLive(sid)
      if (slot !== undefined) sessions.end(slot, cause, until)
      return slot !== undefined
    },
    bump: async (scope, cause, until, spare) => {
      guard()
      const to = sessions.generation(scope) + 1
      sessions.raise(scope, to, cause, until, spare)
      return to
    },
    retireKey: async (kid, until) => {
      guard()
      log.append(0, { kind: 'key', kid, until })
    },
    generation: async (scope) => {
      guard()
      return sessions.generation(scope)
    },
    data: async (sid, keys) => {
      guard()
      const data = sessions.getLive(sid)?.data
      return data === undefined ? null : answerOf(data, keys)
    },
    patch: async (sid, changes) => {
      guard()
      const texts = textsOf(changes.set)
      return change(sessions.getLive(sid), (slot) => patch(slot, changes, texts))
    },
    list: async (user, limit) => {
      guard()
      return sessions
        .standing(user)
        .slice(0, countOf(limit))
        .map(({ record }) => record)
    },
    sweep: async (before, limit) => {
      guard()
      const past = Math.min(before, clock.now())
      log.sweep(past, limit)
      sweepMore(past, limit)
      return sessions.sweep(past, countOf(limit))
    },
  }
}

function change(slot: Slot | undefined, carryOut: (slot: Slot) => boolean): Change {
  if (slot === undefined) return 'gone'
  return carryOut(slot) ? 'done' : 'changed'
}

function insert(
  sessions: MemorySessions,
  record: SessionRecord,
  data: ReadonlyMap<string, Json>,
  atMost: AtMost | undefined,
): Inserted {
  const slotData = slotDataOf(data)
  checkPartition(record, sessions.partitions)
  if (sessions.get(record.sid) !== undefined) refuseTaken()
  const standing = atMost === undefined || record.user === null ? [] : sessions.standing(record.user)
  const others = standing.filter((slot) => slot.record.sid !== atMost?.replaces)
  const evicted: Sid[] = []
  if (atMost !== undefined && others.length >= atMost.count) {
    if (atMost.otherwise === 'refuse') return { kind: 'full' }
    for (const slot of others.slice(Math.max(0, atMost.count - 1)).reverse()) {
      sessions.end(slot, 'evicted', atMost.until)
      evicted.push(slot.record.sid)
    }
  }
  sessions.add(record, slotData)
  return { kind: 'inserted', evicted }
}

function patch(slot: Slot, { remove, expected, newest }: DataChanges, set: ReadonlyMap<string, string>): boolean {
  const { entries, version } = slot.data
  for (const [key, wanted] of expected ?? []) if ((entries.get(key)?.version ?? 0) !== wanted) return false
  if (newest !== undefined && [...entries.values()].some((entry) => entry.version > newest)) return false
  const next = set.size === 0 ? version : version + 1
  const changed = new Map(entries)
  for (const key of remove) changed.delete(key)
  for (const [key, text] of set) changed.set(key, { text, version: next })
  slot.data = { version: next, entries: changed }
  return true
}

function answerOf({ entries }: SlotData, keys?: readonly string[]): ReadonlyMap<string, DataEntry> {
  const answer = new Map<string, DataEntry>()
  for (const key of keys ?? entries.keys()) {
    const entry = entries.get(key)
    if (entry !== undefined) answer.set(key, { value: jsonOfText(entry.text), version: entry.version })
  }
  return answer
}
