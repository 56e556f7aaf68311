import type { Json } from '../base/json.ts'
import { partitionOfSid } from '../model/partition.ts'
import { type SessionRecord, type Sid, withRotation } from '../model/session.ts'
import type { AtMost, Change, Found, Inserted, Store } from '../model/store.ts'
import { answerOf, heldDataOf, patched } from './memory-data.ts'
import type { MemorySessions } from './memory-sessions.ts'
import {
  advancedRotation,
  amended,
  checkPartition,
  countOf,
  isSameRotation,
  refuseTaken,
  textsOf,
  withActivity,
} from './record.ts'

/** The operations in memory. Each runs to its end before any other begins. */
export function memoryStore(
  sessions: MemorySessions,
  guard: () => void,
  sweepMore: (past: number, limit: number) => void,
): Store {
  const { log, records } = sessions
  return {
    partitions: sessions.partitions,
    insert: async (record, data, atMost) => {
      guard()
      return insert(sessions, record, data, atMost)
    },
    find: async (sid) => {
      guard()
      return find(sessions, sid)
    },
    rotate: async (sid, from, to, seenAt) => {
      guard()
      return change(records.getLive(sid), (record) => {
        if (!isSameRotation(record.rotation, from)) return false
        records.replace(withRotation(record, to, seenAt))
        return true
      })
    },
    advance: async (sid, presented, seenAt) => {
      guard()
      const found = find(sessions, sid)
      if (found === null) return null
      const to = advancedRotation(found.record, found.userGeneration, presented, found.at)
      if (to !== null) records.replace(withRotation(found.record, to, seenAt))
      return { ...found, to }
    },
    move: async (from, next, until) => {
      guard()
      return change(records.getLive(from.sid), (record) => {
        const { version, rotation } = record
        if (version !== from.version || !isSameRotation(rotation, from.rotation)) return false
        sessions.move(record, next, until)
        return true
      })
    },
    touch: async (activity) => {
      guard()
      for (const [sid, seenAt] of activity) {
        const record = records.getLive(sid)
        if (record !== undefined && record.seenAt < seenAt) records.replace(withActivity(record, seenAt))
      }
    },
    amend: async (sid, from, amendment, until) => {
      guard()
      return change(records.getLive(sid), (record) => {
        if (record.version !== from) return false
        const next = amended(record, amendment)
        records.replace(next)
        log.append(partitionOfSid(sid), { kind: 'version', sid, version: next.version, until })
        return true
      })
    },
    kill: async (sid, cause, until) => {
      guard()
      const record = records.getLive(sid)
      if (record !== undefined) sessions.end(record, cause, until)
      return record !== undefined
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
    reassert: async (revocation) => {
      guard()
      return sessions.reassert(revocation)
    },
    generation: async (scope) => {
      guard()
      return sessions.generation(scope)
    },
    data: async (sid, keys) => {
      guard()
      return records.isLive(sid) ? answerOf(sessions.dataOf(sid), keys) : null
    },
    patch: async (sid, changes) => {
      guard()
      const texts = textsOf(changes.set)
      if (!records.isLive(sid)) return 'gone'
      const next = patched(sessions.dataOf(sid), changes, texts)
      if (next === null) return 'changed'
      sessions.keepData(sid, next)
      return 'done'
    },
    list: async (user, limit) => {
      guard()
      return sessions.standing(user).slice(0, countOf(limit))
    },
    scan: async (size, after) => {
      guard()
      return sessions.scan(countOf(size), after)
    },
    sweep: async (before, limit) => {
      guard()
      const past = Math.min(before, sessions.clock.now())
      log.sweep(past, limit)
      sweepMore(past, limit)
      return sessions.sweep(past, countOf(limit))
    },
  }
}

function find({ records, clock, generation }: MemorySessions, sid: Sid): Found | null {
  const record = records.get(sid)
  if (record === undefined) return null
  const { user } = record
  return { record, userGeneration: user === null ? 0 : generation({ kind: 'user', user }), at: clock.now() }
}

function change(record: SessionRecord | undefined, carryOut: (record: SessionRecord) => boolean): Change {
  if (record === undefined) return 'gone'
  return carryOut(record) ? 'done' : 'changed'
}

function insert(
  sessions: MemorySessions,
  record: SessionRecord,
  data: ReadonlyMap<string, Json>,
  atMost: AtMost | undefined,
): Inserted {
  const held = heldDataOf(data)
  checkPartition(record, sessions.partitions)
  if (sessions.records.has(record.sid)) refuseTaken()
  const standing = atMost === undefined || record.user === null ? [] : sessions.standing(record.user)
  const others = standing.filter(({ sid }) => sid !== atMost?.replaces)
  const evicted: Sid[] = []
  if (atMost !== undefined && others.length >= atMost.count) {
    if (atMost.otherwise === 'refuse') return { kind: 'full' }
    for (const other of others.slice(Math.max(0, atMost.count - 1)).reverse()) {
      sessions.end(other, 'evicted', atMost.until)
      evicted.push(other.sid)
    }
  }
  sessions.add(record, held)
  return { kind: 'inserted', evicted }
}
