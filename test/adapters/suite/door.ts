import type { EndingNames } from './application.ts'
import type { Control } from './world.ts'

/** What not every door can do. */
export type Ability = 'http1' | 'upgrade' | 'hints' | 'uploads'

/** An application that runs at one door, the same one at each. */
export interface Door {
  readonly name: string
  readonly protocol: 'http1' | 'http2'
  /** What it cannot do, and why. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>
  readonly endings: EndingNames
  open(): Promise<OpenDoor>
}

export interface OpenDoor {
  readonly port: number
  readonly control: Control
  close(): Promise<void>
}
