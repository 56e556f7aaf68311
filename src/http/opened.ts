import type { KeyRing } from '../crypto/keyring.ts'
import type { Engine } from '../engine/engine.ts'
import type { Gate } from './gate.ts'
import type { Settings } from './settings.ts'
import type { Transports } from './transports.ts'

/** Everything that answering a request takes, once the backend is open. */
export interface Opened {
  readonly settings: Settings
  readonly engine: Engine
  readonly ring: KeyRing
  readonly gate: Gate
  readonly transports: Transports
}
