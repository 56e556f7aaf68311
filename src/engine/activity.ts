import type { Clock, Millis } from '../base/clock.ts'
import type { Sid } from '../model/session.ts'
import type { Store } from '../model/store.ts'

/**
 * Activity inside snapshots: noted on this node, written off the request path, at most once per session and touch interval. The last activity of a pause is written too, so
 * once the interval has passed the record holds the exact time.
 */
export interface Activity {
  /** Cost: none; now and then starts a write in the background. */
  note(sid: Sid, at: Millis, idle: Millis): void
  /** Last activity known here; 0 for none. */
  lastOf(sid: Sid): Millis
  /** The record was written with it. */
  forget(sid: Sid): void
  /** Writes what is due, or everything. */
  flush(which: 'due' | 'all'): Promise<void>
}

interface Noted {
  readonly from: Millis
  readonly interval: Millis
  seen: Millis
}

export function createActivity(store: Store, clock: Clock, touchRatio: number, onTrouble: () => void): Activity {
  const noted = new Map<Sid, Noted>()
  let flushing: Promise<void> | null = null

  async function write(which: 'due' | 'all'): Promise<void> {
    const now = clock.now()
    const batch = new Map<Sid, Millis>()
    for (const [sid, entry] of noted) {
      if (which === 'due' && now - entry.from < entry.interval) continue
      batch.set(sid, entry.seen)
    }
    if (batch.size === 0) return
    await store.touch(batch)
    for (const [sid, seen] of batch) if (noted.get(sid)?.seen === seen) noted.delete(sid)
  }

  async function flush(which: 'due' | 'all'): Promise<void> {
    if (flushing !== null) await flushing
    flushing = write(which)
      .catch(onTrouble)
      .finally(() => {
        flushing = null
      })
    return flushing
  }

  function note(sid: Sid, at: Millis, idle: Millis): void {
    const entry = noted.get(sid)
    if (entry === undefined) {
      noted.set(sid, { from: at, interval: idle * touchRatio, seen: at })
      return
    }
    entry.seen = at
    if (at - entry.from >= entry.interval && flushing === null) void flush('due')
  }

  return {
    note,
    lastOf: (sid) => noted.get(sid)?.seen ?? 0,
    forget: (sid) => noted.delete(sid),
    flush,
  }
}
