import type { Clock, Millis } from '../base/clock.ts'
import type { Sid } from '../model/session.ts'
import type { Store } from '../model/store.ts'

/**
 * Activity inside snapshots: noted on this node, written off the request path. What is later than the record by the touch interval is written at once, what is less
 * at the end of the interval: one write at most for each session and interval, and no activity is left out, so that idle timeouts are exact.
 */
export interface Activity {
  /**
   * @param recorded an instant that the record is known to hold at least
   * @param known what the last call for this session gave, so that it need not be looked up again
   * Cost: none; now and then starts a write in the background.
   */
  note(sid: Sid, at: Millis, idle: Millis, recorded: Millis, known?: Noted | null): Noted
  /** Last activity known here; 0 for none. */
  lastOf(sid: Sid): Millis
  /** The record was written otherwise. */
  forget(sid: Sid): void
  /** Writes what is due, or everything. */
  flush(which: 'due' | 'all'): Promise<void>
}

/** The activity of one session on this node. */
export interface Noted {
  readonly interval: Millis
  recorded: Millis
  seen: Millis
  /** Off the list; what comes later is noted anew. */
  isOver: boolean
}

export function createActivity(store: Store, clock: Clock, touchRatio: number, onTrouble: () => void): Activity {
  const noted = new Map<Sid, Noted>()
  let flushing: Promise<void> | null = null

  function due(which: 'due' | 'all'): Map<Sid, Millis> {
    const now = clock.now()
    const batch = new Map<Sid, Millis>()
    for (const [sid, entry] of noted) {
      const isOld = now - entry.recorded >= entry.interval
      if (entry.seen > entry.recorded) {
        if (isOld || which === 'all') batch.set(sid, entry.seen)
      } else if (isOld) drop(sid, entry)
    }
    return batch
  }

  function drop(sid: Sid, entry: Noted): void {
    entry.isOver = true
    noted.delete(sid)
  }

  async function write(which: 'due' | 'all'): Promise<void> {
    const batch = due(which)
    if (batch.size === 0) return
    await store.touch(batch)
    for (const [sid, seen] of batch) {
      const entry = noted.get(sid)
      if (entry !== undefined) entry.recorded = Math.max(entry.recorded, seen)
    }
  }

  async function flush(which: 'due' | 'all'): Promise<void> {
    while (flushing !== null) await flushing
    flushing = write(which)
      .catch(onTrouble)
      .finally(() => {
        flushing = null
      })
    return flushing
  }

  function note(sid: Sid, at: Millis, idle: Millis, recorded: Millis, known: Noted | null = null): Noted {
    let entry = known === null || known.isOver ? noted.get(sid) : known
    if (entry === undefined) {
      entry = { interval: idle * touchRatio, recorded, seen: at, isOver: false }
      noted.set(sid, entry)
    } else if (at > entry.seen) entry.seen = at
    if (at - entry.recorded >= entry.interval && flushing === null) void flush('due')
    return entry
  }

  return {
    note,
    lastOf: (sid) => noted.get(sid)?.seen ?? 0,
    forget: (sid) => {
      const entry = noted.get(sid)
      if (entry !== undefined) drop(sid, entry)
    },
    flush,
  }
}
