import type { Millis } from '../base/clock.ts'
import { expiryOf, type SessionRecord, type Sid } from '../model/session.ts'
import { isPackedLive, packedExpiry, packRecord, unpackRecord } from './packed-record.ts'

/** The records, kept packed: each answer unpacks one anew, so it is of its moment. Knows no index. */
export interface MemoryRecords {
  has(sid: Sid): boolean
  get(sid: Sid): SessionRecord | undefined
  isLive(sid: Sid): boolean
  getLive(sid: Sid): SessionRecord | undefined
  /** When the record is to be swept: a live one by its expiry, a dead one by when it ended. Null when it is not there. */
  dueOf(sid: Sid): Millis | null
  /** @param key kept as it is, where it is new */
  add(key: Sid, record: SessionRecord): void
  /** The changed record in place of the one with its sid. */
  replace(record: SessionRecord): void
  remove(sid: Sid): void
  /** All that are there by the time it comes to them, each once. */
  sids(): Iterator<Sid>
}

export function memoryRecords(): MemoryRecords {
  const texts = new Map<Sid, string>()

  function get(sid: Sid): SessionRecord | undefined {
    const text = texts.get(sid)
    return text === undefined ? undefined : unpackRecord(sid, text)
  }

  function isLive(sid: Sid): boolean {
    const text = texts.get(sid)
    return text !== undefined && isPackedLive(text)
  }

  function dueOf(sid: Sid): Millis | null {
    const text = texts.get(sid)
    if (text === undefined) return null
    return isPackedLive(text) ? packedExpiry(text) : sweptFrom(unpackRecord(sid, text))
  }

  return {
    has: (sid) => texts.has(sid),
    get,
    isLive,
    getLive: (sid) => (isLive(sid) ? get(sid) : undefined),
    dueOf,
    add: (key, record) => texts.set(key, packRecord(record)),
    replace: (record) => texts.set(record.sid, packRecord(record)),
    remove: (sid) => texts.delete(sid),
    sids: () => texts.keys(),
  }
}

/** When a record is to be swept. */
export function sweptFrom(record: SessionRecord): Millis {
  return record.state.kind === 'live' ? expiryOf(record) : record.state.at
}
