import type { Millis } from '../base/clock.ts'
import type { Revocation, Scope } from '../model/revocation.ts'
import type { Sid } from '../model/session.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Shown } from './picture.ts'

/**
 * This node's picture of the revocation log: what may no longer be believed, whatever a snapshot says. Consulted after every cache, always.
 *
 * `createLocalView` for engines that can be seen at once, `createSharedView` for those that many nodes share.
 */
export interface View {
  /** Begins at the tail of the log, and begins again where the log's history turned out to be another one. Cost: one read for each such partition, or none. */
  start(): Promise<void>
  /**
   * Local: applies everything committed so far. Shared: no I/O, looks at the lease.
   *
   * @param bound the route's own R, if not the policy's: 0 always asks the record
   * @returns whether this node may now answer from memory about that partition (and about partition 0)
   * @throws Fault `store_unavailable`
   */
  catchUp(partition: number, bound?: Millis): boolean
  /** Whether it answers from memory for the length of a lease only. */
  readonly isLeased: boolean
  /**
   * The present generation of a tenant or of everyone, as it was read and the log has raised it since; null where it has to be read: without a lease of that bound, and always on a local view,
   * where it costs nothing.
   */
  generationOf(scope: Scope, bound?: Millis): number | null
  /** What was just read, to be raised by the log from now on. */
  know(scope: Scope, generation: number): void
  /** What this node has just stored itself, before the log tells it. */
  learn(revocation: Revocation): void
  /** What the log says of a snapshot, or of a record. `stale`: something changed, ask the record. `revoked` is final, with or without a lease. */
  judge(shown: Shown, kid: string | null): 'live' | 'revoked' | 'stale'
  /** Whether nothing that can be seen without waiting speaks against a snapshot. */
  stands(snapshot: Snapshot): boolean
  isKilled(sid: Sid): boolean
  /** When this node began to follow: of what was issued before, it may not have heard the end. */
  readonly startedAt: Millis
  /** How many removals of keys the log has told of. */
  keyEvents(): number
  /** How many entries are remembered. */
  size(): number
  /** Forgets what can no longer be presented: every snapshot that it refuses has expired. Cost: linear in what is remembered. */
  prune(): void
  /**
   * Resolves when every node has applied all that was logged in that partition until now, or may not answer from memory any more (P-I2). At once for a local view.
   *
   * Cost: one heartbeat, one hint, and one read every few milliseconds until then.
   */
  applied(partition: number): Promise<void>
  status(): ViewStatus
  close(): Promise<void>
}

/** How well a node follows. */
export interface ViewStatus {
  /** It may answer from memory about everything. */
  readonly isCurrent: boolean
  /** How old the oldest lease is; null where none is needed, or there is none. */
  readonly leaseAge: Millis | null
  readonly heartbeats: number
  readonly failedHeartbeats: number
  /** How often the lease ran out. */
  readonly lapses: number
  /** How often the log turned out to have another history, and was adopted. */
  readonly adoptions: number
  /** Revocations that the store had lost and was told again. */
  readonly reasserted: number
  /** Reads of the log. */
  readonly reads: number
  /** Revocations that are remembered. */
  readonly remembered: number
}
