import type { Millis } from '../base/clock.ts'
import { partitionOfSid, partitionOfUser } from './partition.ts'
import type { Cause, Sid } from './session.ts'

/** Who a generation counts for. */
export type Scope =
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'everyone' }

/**
 * An event of the log (protocol 3.1). `until` is when it may be forgotten: nothing that it refuses can be valid any more.
 */
export type Revocation =
  /** K: refuse the session. Final. */
  | { readonly kind: 'kill'; readonly sid: Sid; readonly cause: Cause; readonly until: Millis }
  /** G: refuse every session of the scope that began under a lower generation, but for the spared one. */
  | {
      readonly kind: 'generation'
      readonly scope: Scope
      readonly generation: number
      readonly spare: Sid | null
      readonly cause: Cause
      readonly until: Millis
    }
  /** V: what was issued under a lower version is stale; ask the record. */
  | { readonly kind: 'version'; readonly sid: Sid; readonly version: number; readonly until: Millis }
  /** S: nothing made with this key counts any more. */
  | { readonly kind: 'key'; readonly kid: string; readonly until: Millis }

/** A place in the log of one partition. The chain is opaque: equal chains mean equal history. */
export interface Position {
  readonly seq: number
  readonly chain: string
}

export interface LogEntry {
  readonly partition: number
  readonly position: Position
  readonly at: Millis
  readonly revocation: Revocation
}

/** The text that names a scope, e.g. as a key. */
export function scopeKey(scope: Scope): string {
  switch (scope.kind) {
    case 'user':
      return `u:${scope.user}`
    case 'tenant':
      return `t:${scope.tenant}`
    case 'everyone':
      return 'e'
  }
}

/** The partition in which a revocation is logged. */
export function partitionOfRevocation(revocation: Revocation, partitions: number): number {
  if (revocation.kind === 'kill' || revocation.kind === 'version') return partitionOfSid(revocation.sid)
  return revocation.kind === 'generation' ? partitionOfScope(revocation.scope, partitions) : 0
}

/** Where events of a scope are logged: a user's where the user's sessions live. */
export function partitionOfScope(scope: Scope, partitions: number): number {
  return scope.kind === 'user' ? partitionOfUser(scope.user, partitions) : 0
}
