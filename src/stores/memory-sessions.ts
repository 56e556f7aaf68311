import type { Clock, Millis } from '../base/clock.ts'
import { partitionOfSid } from '../model/partition.ts'
import { partitionOfRevocation, partitionOfScope, type Revocation, type Scope } from '../model/revocation.ts'
import type { Cause, SessionRecord, Sid } from '../model/session.ts'
import type { Page } from '../model/store.ts'
import { dueBuckets } from './due.ts'
import { type HeldData, noData } from './memory-data.ts'
import { memoryGenerations } from './memory-generations.ts'
import type { MemoryLog } from './memory-log.ts'
import { type MemoryRecords, memoryRecords, sweptFrom } from './memory-records.ts'
import { scansOf } from './memory-scans.ts'
import { userIndex } from './memory-users.ts'
import { ownText } from './own-text.ts'
import { byActivity, checkPartition, ended, isStanding, moved, refuseTaken, withUserGeneration } from './record.ts'

/** The sessions in memory with their indexes, and the changes that more than one operation makes. All synchronous. */
export interface MemorySessions {
  readonly clock: Clock
  readonly log: MemoryLog
  readonly partitions: number
  /** To read, and to replace the record of a session that is live and stays so. */
  readonly records: Omit<MemoryRecords, 'dueOf' | 'add' | 'remove' | 'sids'>
  add(record: SessionRecord, data: HeldData): void
  end(record: SessionRecord, cause: Cause, until: Millis): void
  move(record: SessionRecord, next: SessionRecord, until: Millis): void
  dataOf(sid: Sid): HeldData
  keepData(sid: Sid, data: HeldData): void
  /** The user's sessions that stand, newest activity first. */
  standing(user: string): readonly SessionRecord[]
  generation(scope: Scope): number
  raise(scope: Scope, generation: number, cause: Cause, until: Millis, spare?: Sid | null): void
  /** Makes a revocation true once more. @returns whether it was logged */
  reassert(revocation: Revocation): boolean
  scan(size: number, after: string | undefined): Page
  sweep(past: Millis, limit: number): number
}

export function memorySessions(clock: Clock, log: MemoryLog, partitions: number): MemorySessions {
  const records = memoryRecords()
  /** Of those sessions that have any. */
  const held = new Map<Sid, HeldData>()
  const users = userIndex()
  const generations = memoryGenerations()
  const due = dueBuckets(records.dueOf)
  const scans = scansOf(records.sids)

  function add(record: SessionRecord, data: HeldData): void {
    checkPartition(record, partitions)
    if (records.has(record.sid)) refuseTaken()
    const sid = ownText(record.sid)
    records.add(sid, record)
    if (data !== noData) held.set(sid, data)
    if (record.user !== null && record.state.kind === 'live') users.add(record.user, sid)
    due.put(sid, sweptFrom(record))
  }

  /** The record is no longer live: off the lists, its data gone, swept by when it ended. */
  function settle(record: SessionRecord, revocation: Revocation): void {
    const { sid, user } = record
    if (user !== null) users.remove(user, sid)
    records.replace(record)
    held.delete(sid)
    due.put(ownText(sid), sweptFrom(record))
    log.append(partitionOfSid(sid), revocation)
  }

  function end(record: SessionRecord, cause: Cause, until: Millis): void {
    settle(ended(record, cause, clock.now()), { kind: 'kill', sid: record.sid, cause, until })
  }

  function move(record: SessionRecord, next: SessionRecord, until: Millis): void {
    const { sid, version } = record
    add(next, dataOf(sid))
    settle(moved(record, next.sid, clock.now()), { kind: 'version', sid, version: version + 1, until })
  }

  function dataOf(sid: Sid): HeldData {
    return held.get(sid) ?? noData
  }

  function standing(user: string): readonly SessionRecord[] {
    return standingOf(users.of(user)).toSorted(byActivity)
  }

  function raise(scope: Scope, to: number, cause: Cause, until: Millis, spare: Sid | null = null): void {
    const record = scope.kind === 'user' && spare !== null ? records.getLive(spare) : undefined
    const spared =
      record !== undefined && record.user === ownerOf(scope) && record.generations.user >= generations.of(scope)
    if (spared) records.replace(withUserGeneration(record, to))
    generations.set(scope, to)
    const partition = partitionOfScope(scope, partitions)
    const event = { scope, generation: to, spare: spared ? spare : null, cause, until }
    log.append(partition, { kind: 'generation', ...event })
  }

  function reassert(revocation: Revocation): boolean {
    const partition = partitionOfRevocation(revocation, partitions)
    if (revocation.kind === 'kill') {
      const record = records.getLive(revocation.sid)
      if (record !== undefined) {
        end(record, revocation.cause, revocation.until)
        return true
      }
    }
    if (revocation.kind === 'generation' && generations.of(revocation.scope) < revocation.generation)
      generations.set(revocation.scope, revocation.generation)
    if (log.holds(partition, revocation)) return false
    log.append(partition, revocation)
    return true
  }

  function sweep(past: Millis, limit: number): number {
    const swept = due.take(past, limit)
    for (const sid of swept) {
      const user = records.getLive(sid)?.user ?? null
      if (user !== null) users.remove(user, sid)
      records.remove(sid)
      held.delete(sid)
    }
    return swept.size
  }

  /** The sessions among these that stand. */
  function standingOf(sids: readonly Sid[]): readonly SessionRecord[] {
    const now = clock.now()
    const found = sids.flatMap((sid) => records.getLive(sid) ?? [])
    return found.filter((record) => isStanding(record, generations.presentFor(record), now))
  }

  return {
    clock,
    log,
    partitions,
    records,
    add,
    end,
    move,
    dataOf,
    keepData: (sid, data) => held.set(ownText(sid), data),
    standing,
    generation: generations.of,
    raise,
    reassert,
    scan: (size, after) => {
      const { sids, next } = scans.take(size, after)
      return { records: standingOf(sids), next }
    },
    sweep,
  }
}

function ownerOf(scope: Scope): string | null {
  return scope.kind === 'user' ? scope.user : null
}
