import type { Clock } from '../base/clock.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Backend } from '../model/backend.ts'
import type { Policy } from '../model/policy.ts'
import type { Activity } from './activity.ts'
import type { Emit } from './events.ts'
import type { Suspects } from './suspects.ts'
import type { TokenKeys } from './token-keys.ts'
import type { View } from './view.ts'

/** What the rooms of the engine share: one of each per node. */
export interface Context {
  readonly backend: Backend
  readonly policy: Policy
  /** Never steps backwards. */
  readonly clock: Clock
  readonly ring: KeyRing
  /** Random name of this store, agreed on by all nodes: snapshots of another one do not open. */
  readonly realm: string
  readonly view: View
  readonly activity: Activity
  readonly tokens: TokenKeys
  readonly suspects: Suspects
  readonly emit: Emit
  /** Claims that snapshots may carry, by name. */
  readonly claims: ClaimTypes
}

export type ClaimType = 'string' | 'number' | 'boolean' | 'strings'
export type ClaimTypes = Readonly<Record<string, ClaimType>>
