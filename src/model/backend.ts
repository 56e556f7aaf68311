import type { Millis } from '../base/clock.ts'
import type { Limits } from './limits.ts'
import type { RevocationLog } from './log.ts'
import type { Store } from './store.ts'

/**
 * One engine: everything Handstamp keeps, in one place. Made by a factory (`memory()`, `sqlite(...)`), closed by `close()`.
 */
export interface Backend {
  /** For people: `memory`, `sqlite`, `postgres`, `redis`. */
  readonly name: string
  /** Whether what was acknowledged survives the process. */
  readonly durable: boolean
  readonly store: Store
  readonly log: RevocationLog
  readonly once: Once
  readonly limits: Limits
  readonly documents: Documents
  /** Opens, migrates, checks; safe to call again. @throws Fault saying what to do */
  ready(): Promise<void>
  close(): Promise<void>
}

/** Remembers what may be used once: proofs, challenges, codes. */
export interface Once {
  /** True for the first caller with this key, on any node, until then. Cost: one write. */
  first(key: string, until: Millis): Promise<boolean>
}

/**
 * Small things beside the sessions: sealed signing keys, the issuer, accounts. Text by kind and key, changed by compare-and-set.
 */
export interface Documents {
  /** Adds it if the key is free. False, and nothing changed, when it is taken. */
  insert(kind: string, key: string, value: string): Promise<boolean>
  find(kind: string, key: string): Promise<Document | null>
  /** Replaces the value where its version is still `from`. */
  replace(kind: string, key: string, from: number, value: string): Promise<boolean>
  remove(kind: string, key: string): Promise<boolean>
  /** By key, in order, after a key. */
  list(kind: string, limit: number, after?: string): Promise<readonly Document[]>
}

export interface Document {
  readonly key: string
  readonly value: string
  /** From 1, raised by each replacement. */
  readonly version: number
}
