import type { Millis } from '../base/clock.ts'
import type { Json } from '../base/json.ts'
import type { Revocation, Scope } from './revocation.ts'
import type { Rotation } from './rotation.ts'
import type { Cause, DataEntry, Presentation, SessionRecord, Sid } from './session.ts'

/**
 * Records and the changes of them: plain, atomic, without judgement. No store knows policy, cookies or tokens.
 *
 * A session lives in the partition that its sid names, which is its user's (`partitionOfUser`); events of a tenant, of everyone and of keys are logged in
 * partition 0.
 *
 * The laws, held by the contract suite (`handstamp/testing`) on every engine:
 * - Insert never overwrites. Nothing else creates a session: a change of one that is gone or not live answers `gone`.
 * - `ended` and `moved` are final. No patch, touch, rotation or amendment makes a session live again.
 * - A change and its log entries are one atomic step, and are durable once the promise resolves.
 * - A rejected promise is a `Fault` (`store_unavailable`, or `not_stored` when it is certain that nothing was written).
 * - Answers are immutable values; what the caller passed in is not kept by reference.
 * - Text of any content (`*`, newline, braces, quotes, `__proto__`) is only ever a value.
 *
 * `at` in an answer is the store's own clock at the operation.
 */
export interface Store {
  /** How many partitions the sessions are spread over. */
  readonly partitions: number

  /**
   * Adds a session and its data. With `atMost`, counts the user's other sessions that `list` would give in the same step: when that many stand
   * already, either ends the ones unused for longest (cause `evicted`, logged) or adds nothing and answers `full`.
   *
   * @throws Fault `not_stored` when the sid is taken
   * Cost: one write.
   */
  insert(record: SessionRecord, data: ReadonlyMap<string, Json>, atMost?: AtMost): Promise<Inserted>

  /** The record, the dead included, or null. Cost: one read. */
  find(sid: Sid): Promise<Found | null>

  /**
   * Sets the rotation and the activity, only where the session is live and its rotation is still `from` (same `cur` and `at`).
   *
   * Cost: one write. No log entry.
   */
  rotate(sid: Sid, from: Rotation, to: Rotation, seenAt: Millis): Promise<Change>

  /**
   * The usual renewal in one step: reads the session, and where its newest credential is the one that was presented, rotates it (`par` and `grace` get the one before, no forks).
   * Only where the session is live, of its user's present generation, not timed out at the store's clock, of that presentation, not to be given a new identity, and its rotation is older
   * than `quiet`.
   *
   * Cost: one write, or one read where nothing is changed. No log entry.
   */
  advance(sid: Sid, presented: Newest, seenAt: Millis): Promise<Advanced | null>

  /**
   * Ends `sid` as `moved` and inserts `next` with all its data, only where the session is live and its version and rotation are still
   * those of `from`. Logs a version event that makes everything issued for `sid` stale.
   *
   * Cost: one write.
   */
  move(from: SessionRecord, next: SessionRecord, until: Millis): Promise<Change>

  /** Raises the recorded activity (never lowers it) where the session is live. Sessions that are gone are passed over. Cost: one write for all. */
  touch(activity: ReadonlyMap<Sid, Millis>): Promise<void>

  /**
   * Changes claims, authentication or `renewIdentity` where the session is live and its version is still `from`; the version goes up by one, and a
   * version event is logged.
   *
   * Cost: one write.
   */
  amend(sid: Sid, from: number, amendment: Amendment, until: Millis): Promise<Change>

  /** Ends the session and logs the kill. False when it was not there or had ended already. Cost: one write. */
  kill(sid: Sid, cause: Cause, until: Millis): Promise<boolean>

  /**
   * Raises the generation of a scope by one and logs it: every session that began under a lower one is over, whatever their number. `spare` (of a user
   * scope) names one live session of that user, of the generation until now, that is lifted to the new one in the same step; any other is not spared.
   *
   * @returns the new generation
   * Cost: one write.
   */
  bump(scope: Scope, cause: Cause, until: Millis, spare?: Sid): Promise<number>

  /** Logs that nothing made with this key counts any more. Cost: one write. */
  retireKey(kid: string, until: Millis): Promise<void>

  /**
   * Makes a revocation of the log's past true once more, where a rollback of the store has lost it: ends the session, raises the generation to that number at least, and logs it unless the
   * log holds it already. Any node may repeat it in any order.
   *
   * @returns whether it was logged
   * Cost: one write.
   */
  reassert(revocation: Revocation): Promise<boolean>

  /** The present generation; 0 before the first bump. Cost: one read. */
  generation(scope: Scope): Promise<number>

  /** Data of a live session; all keys, or those named. Missing keys are absent. Null when the session is gone or not live. Cost: one read. */
  data(sid: Sid, keys?: readonly string[]): Promise<ReadonlyMap<string, DataEntry> | null>

  /**
   * Deletes, then sets keys where the session is live; other keys stay as they are. With `expected`, only where each named key still has that
   * version (0 = absent); with `newest`, only where no key has a version above it. All or nothing. Versions come from one counter per session (1 for
   * the data given at insert, then one more for each patch that sets something), so a key that was deleted and set again never has its old version.
   *
   * Cost: one write.
   */
  patch(sid: Sid, changes: DataChanges): Promise<Change>

  /**
   * The user's sessions that stand: live, of the present generations (user, tenant, everyone), and not timed out at the store's clock; newest activity first.
   *
   * Cost: one read.
   */
  list(user: string, limit: number): Promise<readonly SessionRecord[]>

  /**
   * A part of all sessions that stand, of whatever user, judged as `list` does; in no order. Begins without `after`, goes on with the `next` of the page before, and is through where that is null.
   *
   * Every session that stands from the first page to the last is given at least once; one may be given twice. `size` is about how many sessions are looked at: a page may hold none, and not be the
   * last. Where the store did not give `after`, or has forgotten it, it begins anew.
   *
   * Cost: one read.
   */
  scan(size: number, after?: string): Promise<Page>

  /**
   * Removes at most `limit` records that are past `before` (live ones by their expiry, the dead by when they ended), and log entries whose `until` is past it, only
   * from the oldest on: a reader that stands before the first that is left has `diverged`. A `before` later than the store's clock counts as now.
   *
   * @returns how many records went
   */
  sweep(before: Millis, limit: number): Promise<number>
}

export interface AtMost {
  readonly count: number
  readonly otherwise: 'evict_oldest' | 'refuse'
  /** A session that the caller ends next, because this one takes its place: neither counted nor evicted. */
  readonly replaces?: Sid
  /** When the kills of the evicted may be forgotten. */
  readonly until: Millis
}

export type Inserted = { readonly kind: 'inserted'; readonly evicted: readonly Sid[] } | { readonly kind: 'full' }

export interface Found {
  readonly record: SessionRecord
  /** Present generation of the record's user; 0 for an anonymous one. */
  readonly userGeneration: number
  readonly at: Millis
}

/** A part of all sessions that stand. */
export interface Page {
  readonly records: readonly SessionRecord[]
  /** What the next page begins after; null: this was the last. */
  readonly next: string | null
}

/** A credential that may be the newest of its session. */
export interface Newest {
  readonly counter: number
  readonly presentation: Presentation
  /** How old the rotation has to be, at the store's clock, for the next one. */
  readonly quiet: Millis
}

/** The session as it was before. */
export interface Advanced extends Found {
  /** The rotation that it has now; null where nothing was changed. */
  readonly to: Rotation | null
}

/** `changed`: the condition no longer holds, read again. `gone`: no such session, or not live. */
export type Change = 'done' | 'changed' | 'gone'

export type Amendment = Partial<Pick<SessionRecord, 'claims' | 'authentication' | 'renewIdentity'>>

export interface DataChanges {
  readonly set: ReadonlyMap<string, Json>
  readonly remove: readonly string[]
  readonly expected?: ReadonlyMap<string, number>
  readonly newest?: number
}
