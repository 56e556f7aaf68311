import type { Snapshot } from '../model/snapshot.ts'

/** A snapshot whose seal or signature was found good. Says nothing about revocation or time. */
export interface Verified {
  readonly snapshot: Snapshot
  /** Signing key; null for sealed ones. */
  readonly kid: string | null
  /** The long-lived credential that last came with it and was found to belong to it. */
  companion: string | null
  /** The record was asked since this node began, so that the view knows all that came later. */
  vouched: boolean
}

/**
 * Verified snapshots by their full text, never by a part of it. Bounded: two generations of maps, the older one is dropped when the younger is full.
 */
export interface SnapshotCache {
  get(text: string): Verified | undefined
  put(text: string, verified: Verified): void
  clear(): void
}

export function createSnapshotCache(capacity: number): SnapshotCache {
  let young = new Map<string, Verified>()
  let old = new Map<string, Verified>()

  function put(text: string, verified: Verified): void {
    if (young.size >= capacity) {
      old = young
      young = new Map()
    }
    young.set(text, verified)
  }

  return {
    get: (text) => {
      const found = young.get(text)
      if (found !== undefined) return found
      const aged = old.get(text)
      if (aged !== undefined) put(text, aged)
      return aged
    },
    put,
    clear: () => {
      young = new Map()
      old = new Map()
    },
  }
}
