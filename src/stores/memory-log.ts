import type { Clock, Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Follower, genesis, type LogPage, type Poke, type RevocationLog } from '../model/log.ts'
import type { LogEntry, Position, Revocation } from '../model/revocation.ts'
import { nextPosition } from './chain.ts'
import { followerOf, mayAnswer } from './followers.ts'
import { countOf, covers } from './record.ts'

/** The log in memory: its reading side, and what the store does to it. */
export interface MemoryLog {
  readonly log: RevocationLog
  append(partition: number, revocation: Revocation): void
  /** Whether an entry that is still there says the same, or more. */
  holds(partition: number, revocation: Revocation): boolean
  /** Forgets at most `limit` entries a partition that are past their `until`, from the oldest on. */
  sweep(past: Millis, limit: number): void
}

interface Partition {
  readonly entries: LogEntry[]
  /** The position before the first entry that is still there. */
  floor: Position
  head: Position
  at: Millis
}

/** @param guard throws when the engine is closed */
export function memoryLog(count: number, clock: Clock, guard: () => void): MemoryLog {
  const partitions = Array.from({ length: count }, emptyPartition)
  const listeners = new Set<(poke: Poke) => void>()
  const nodes = new Map<string, Follower>()

  function partOf(partition: number): Partition {
    const part = partitions[partition]
    if (part === undefined) throw new Fault('invalid_value', `There is no partition ${partition} in this store.`)
    return part
  }

  function append(partition: number, revocation: Revocation): void {
    const part = partOf(partition)
    const follows = part.head.chain
    part.at = Math.max(part.at, clock.now())
    part.head = nextPosition(partition, part.head, part.at, revocation)
    const entry = freezeEntry(partition, part.head, part.at, revocation)
    part.entries.push(entry)
    poke({ kind: 'entry', entry, follows })
  }

  function poke(hint: Poke): void {
    for (const listener of listeners) queueMicrotask(() => listener(hint))
  }

  const log: RevocationLog = {
    partitions: count,
    heartbeat: async (node, applied, lease = 0) => {
      guard()
      const at = clock.now()
      if (lease > 0) nodes.set(node, followerOf(node, applied, at, lease, count))
      return { heads: partitions.map((part) => part.head), at }
    },
    followers: async () => {
      guard()
      const at = clock.now()
      for (const [name, node] of nodes) if (!mayAnswer(node, at)) nodes.delete(name)
      return { at, nodes: [...nodes.values()] }
    },
    leave: async (node) => {
      guard()
      nodes.delete(node)
    },
    askForHeartbeats: async () => {
      guard()
      poke({ kind: 'heartbeat' })
    },
    read: async (partition, after, limit) => {
      guard()
      return readAfter(partOf(partition), after, limit)
    },
    tail: async (partition, since) => {
      guard()
      const { entries, head } = partOf(partition)
      return { kind: 'entries', entries: entries.filter((entry) => entry.revocation.until > since), head }
    },
    local: {
      since: (partition, after) => {
        guard()
        const part = partOf(partition)
        if (isAt(part.head, after)) return null
        return readAfter(part, after, Number.POSITIVE_INFINITY)
      },
    },
    onPoke: (listener) => {
      const own = (hint: Poke): void => listener(hint)
      listeners.add(own)
      return () => listeners.delete(own)
    },
  }
  return {
    log,
    append,
    holds: (partition, revocation) => partOf(partition).entries.some((entry) => covers(entry.revocation, revocation)),
    sweep: (past, limit) => {
      for (const part of partitions) forget(part, past, limit)
    },
  }
}

function emptyPartition(): Partition {
  return { entries: [], floor: genesis, head: genesis, at: 0 }
}

function readAfter(part: Partition, after: Position, limit: number): LogPage {
  const from = after.seq - part.floor.seq
  const known = from === 0 ? part.floor : part.entries[from - 1]?.position
  if (known === undefined || !isAt(known, after)) return { kind: 'diverged' }
  return { kind: 'entries', entries: part.entries.slice(from, from + countOf(limit)), head: part.head }
}

function isAt(a: Position, b: Position): boolean {
  return a.seq === b.seq && a.chain === b.chain
}

/** Only from the front, so that the sequence has no gaps. */
function forget(part: Partition, past: Millis, limit: number): void {
  let count = 0
  while (count < limit && (part.entries[count]?.revocation.until ?? Number.POSITIVE_INFINITY) <= past) count++
  const last = part.entries[count - 1]
  if (last === undefined) return
  part.floor = last.position
  part.entries.splice(0, count)
}

function freezeEntry(partition: number, position: Position, at: Millis, revocation: Revocation): LogEntry {
  const copy =
    revocation.kind === 'generation'
      ? { ...revocation, scope: Object.freeze({ ...revocation.scope }) }
      : { ...revocation }
  return Object.freeze({ partition, position, at, revocation: Object.freeze(copy) })
}
