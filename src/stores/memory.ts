import { type Clock, type Millis, systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Backend, Document, Documents, Once } from '../model/backend.ts'
import { mostPartitions } from '../model/partition.ts'
import { dueBuckets } from './due.ts'
import { memoryLimits } from './memory-limits.ts'
import { memoryLog } from './memory-log.ts'
import { memorySessions } from './memory-sessions.ts'
import { memoryStore } from './memory-store.ts'
import { ownText } from './own-text.ts'
import { compareText, countOf } from './record.ts'

export interface MemoryOptions {
  /** (the machine's clock) */
  readonly clock?: Clock
  /** A power of two between 1 and 64 (1). More than one is for tests of what larger engines do. */
  readonly partitions?: number
}

/**
 * Keeps everything in this process: for development, tests and a single node that may forget. Nothing survives the process.
 *
 * Every operation is one step; the store is its own cache, so a revocation counts from the next check on (R = 0).
 *
 * @throws Fault `invalid_option`
 * @see protocol, section 3.2
 */
export function memory(options: MemoryOptions = {}): Backend {
  const clock = options.clock ?? systemClock
  const partitions = options.partitions ?? 1
  if (!(partitions >= 1 && partitions <= mostPartitions && Number.isInteger(Math.log2(partitions)))) {
    throw new Fault('invalid_option', `memory({ partitions }) must be a power of two between 1 and ${mostPartitions}.`)
  }
  let open = true
  const guard = (): void => {
    if (!open) throw new Fault('store_unavailable', 'The store was closed: make a new one.')
  }
  const log = memoryLog(partitions, clock, guard)
  const once = memoryOnce(clock, guard)
  const limits = memoryLimits(clock, guard)
  const store = memoryStore(memorySessions(clock, log, partitions), guard, (past, limit) => {
    once.sweep(past, limit)
    limits.sweep(past, limit)
  })
  return {
    name: 'memory',
    durable: false,
    store,
    log: log.log,
    once,
    limits,
    documents: memoryDocuments(guard),
    ready: async () => guard(),
    close: async () => {
      open = false
    },
  }
}

interface Used {
  readonly key: string
  readonly until: Millis
}

function memoryOnce(clock: Clock, guard: () => void): Once & { readonly sweep: (past: Millis, limit: number) => void } {
  const used = new Map<string, Used>()
  const due = dueBuckets<Used>((item) => (used.get(item.key) === item ? item.until : null))
  return {
    first: async (key, until) => {
      guard()
      const before = used.get(key)
      if (before !== undefined && before.until > clock.now()) return false
      const item = { key: ownText(key), until }
      used.set(item.key, item)
      due.put(item, until)
      return true
    },
    sweep: (past, limit) => {
      for (const { key } of due.take(past, limit)) used.delete(key)
    },
  }
}

function memoryDocuments(guard: () => void): Documents {
  const kinds = new Map<string, Map<string, Document>>()
  const sorted = new Map<string, readonly string[]>()

  function keysOf(kind: string): readonly string[] {
    const known = sorted.get(kind)
    if (known !== undefined) return known
    const keys = [...(kinds.get(kind)?.keys() ?? [])].sort(compareText)
    sorted.set(kind, keys)
    return keys
  }

  return {
    insert: async (kind, key, value) => {
      guard()
      const documents = kinds.get(kind) ?? new Map<string, Document>()
      if (documents.has(key)) return false
      kinds.set(kind, documents.set(key, Object.freeze({ key, value, version: 1 })))
      sorted.delete(kind)
      return true
    },
    find: async (kind, key) => {
      guard()
      return kinds.get(kind)?.get(key) ?? null
    },
    replace: async (kind, key, from, value) => {
      guard()
      const documents = kinds.get(kind)
      if (documents?.get(key)?.version !== from) return false
      documents.set(key, Object.freeze({ key, value, version: from + 1 }))
      return true
    },
    remove: async (kind, key) => {
      guard()
      sorted.delete(kind)
      return kinds.get(kind)?.delete(key) ?? false
    },
    list: async (kind, limit, after) => {
      guard()
      const keys = keysOf(kind)
      const from = after === undefined ? 0 : keys.findIndex((key) => compareText(key, after) > 0)
      if (from < 0) return []
      return keys.slice(from, from + countOf(limit)).map((key) => kinds.get(kind)?.get(key) as Document)
    },
  }
}
