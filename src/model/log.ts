import type { Millis } from '../base/clock.ts'
import type { LogEntry, Position } from './revocation.ts'

/**
 * The log of revocations: one sequence per partition, each entry chained to the one before. Written only by the store's operations, in the same
 * atomic step as the change; this is the reading side.
 *
 * Laws: sequence order is commit order, without gaps, from 1; a position is on the history or it is not; an entry stays until its `until`.
 */
export interface RevocationLog {
  readonly partitions: number

  /**
   * The newest position of every partition, from the authoritative primary, and the store's time; notes what this node has applied. A node's lease counts from
   * the sending of this.
   *
   * @param applied by partition; what is missing is the beginning
   * @param lease the longest that this node answers from memory after this; 0 (the default) for one that does not follow
   * Cost: one round trip (a small write where the engine needs one to prove that it is the primary).
   */
  heartbeat(node: string, applied: readonly Position[], lease?: Millis): Promise<Heartbeat>

  /** The nodes that may still answer from memory: those whose last heartbeat is at most its lease, and a little more, old. Cost: one read. */
  followers(): Promise<Followers>

  /** The node answers from memory no more. Cost: one write. */
  leave(node: string): Promise<void>

  /** Asks every node for a heartbeat now, as a hint. Cost: one hint. */
  askForHeartbeats(): Promise<void>

  /**
   * Entries after a position, oldest first, at most `limit`.
   *
   * @returns `diverged` when the position is not on the log's history (a rollback or a restored backup)
   */
  read(partition: number, after: Position, limit: number): Promise<LogPage>

  /** The entries that still counted at an instant (their `until` is later), oldest first, and the head that they lead to: where a node begins. */
  tail(partition: number, since: Millis): Promise<LogPage & { readonly kind: 'entries' }>

  /**
   * For engines in this process or on this host, where everything committed so far can be seen without waiting; null elsewhere. With it a check needs no lease: the
   * bound R is 0.
   */
  readonly local: LocalLog | null

  /** Calls back when something was appended, by any node, as a hint: hints may be lost, late, out of order, or come twice. Returns how to stop. */
  onPoke(listener: (poke: Poke) => void): () => void
}

/** What a node may be told between two heartbeats. Losing it costs time, never safety. */
export type Poke =
  /** What was appended, and the chain that it follows. */
  | { readonly kind: 'entry'; readonly entry: LogEntry; readonly follows: string }
  /** Something was appended in that partition. */
  | { readonly kind: 'news'; readonly partition: number }
  /** Somebody waits for a heartbeat. */
  | { readonly kind: 'heartbeat' }

export interface Heartbeat {
  readonly heads: readonly Position[]
  readonly at: Millis
}

export interface Followers {
  /** The store's time. */
  readonly at: Millis
  readonly nodes: readonly Follower[]
}

/** A node, as of its last heartbeat. */
export interface Follower {
  readonly node: string
  /** The sequence that it had applied, by partition. */
  readonly applied: readonly number[]
  /** The store's time at the heartbeat. */
  readonly at: Millis
  readonly lease: Millis
}

export type LogPage =
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[]; readonly head: Position }
  | { readonly kind: 'diverged' }

export interface LocalLog {
  /**
   * Everything committed after the position, by this process or another one, now. The common answer, nothing new, is `null` and costs no I/O in
   * memory, one `PRAGMA data_version` on SQLite.
   *
   * @throws Fault `store_unavailable`
   */
  since(partition: number, after: Position): LogPage | null
}

/** Where every log begins. */
export const genesis: Position = Object.freeze({ seq: 0, chain: '' })
