import { accept, type Check } from '../base/reasons.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Noted } from './activity.ts'

/** A snapshot whose seal or signature was found good. Says nothing about revocation or time. */
export interface Verified {
  /** The whole text that was found good; a copy of its own, so that no header is kept with it. */
  readonly text: string
  readonly snapshot: Snapshot
  /** The snapshot as an answer, made once. */
  readonly accepted: Check<Snapshot>
  /** Signing key; null for sealed ones. */
  readonly kid: string | null
  /** The long-lived credential that last came with it and was found to name the same session. */
  companion: string | null
  /** The record was asked since this node began, so that the view knows all that came later. */
  vouched: boolean
  /** Where the session's activity is noted on this node. */
  noted: Noted | null
}

/**
 * Verified snapshots by their full text, never by a part of it: they are filed under the last characters, which are of a seal or a signature and so random, because hashing
 * hundreds of characters costs more than everything else of a check; and what is found counts only if the whole text is the same.
 *
 * Bounded: two generations of maps, the older one is dropped when the younger is full.
 */
export interface SnapshotCache {
  get(text: string): Verified | undefined
  put(text: string, found: Pick<Verified, 'snapshot' | 'kid' | 'vouched'>): Verified
}

/** Characters of base64url that texts are filed under: 120 bits. */
const labelLength = 20

export function createSnapshotCache(capacity: number): SnapshotCache {
  let young = new Map<string, Verified>()
  let old = new Map<string, Verified>()

  function file(label: string, verified: Verified): void {
    if (young.size >= capacity) {
      old = young
      young = new Map()
    }
    young.set(label, verified)
  }

  return {
    get: (text) => {
      const label = text.slice(-labelLength)
      const found = young.get(label)
      if (found !== undefined) return found.text === text ? found : undefined
      const aged = old.get(label)
      if (aged === undefined || aged.text !== text) return undefined
      file(copyOf(label), aged)
      return aged
    },
    put: (text, { snapshot, kid, vouched }) => {
      const verified: Verified = {
        text: copyOf(text),
        snapshot,
        accepted: Object.freeze(accept(snapshot)),
        kid,
        companion: null,
        vouched,
        noted: null,
      }
      file(copyOf(text.slice(-labelLength)), verified)
      return verified
    },
  }
}

/** The same text on its own: a slice keeps the whole header that it was cut from. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
