import type { Millis } from '../base/clock.ts'
import type { Answers } from './questions.ts'

/** How sessions are shown to clients. */
export type Present = 'cookie' | 'token' | 'both'

export type Engine = 'memory' | 'sqlite' | 'postgres' | 'redis'

/** What follows from the answers; everything else stays as it is. */
export interface Choice {
  readonly present: Present
  readonly engine: Engine
  readonly framework: Answers['framework']
  /** What differs from the defaults, in ms. */
  readonly policy: Readonly<Partial<Record<'access' | 'idle' | 'absolute', Millis>>>
}

/** A point in the terms of the comparison tables, with what was measured. */
export interface Point {
  readonly topic: string
  readonly text: string
}

/** A file of the configuration. */
export interface AdviceFile {
  readonly path: string
  readonly text: string
}

export interface Advice {
  readonly choice: Choice
  /** One sentence. */
  readonly headline: string
  readonly reasons: readonly Point[]
  /** What the other ways would cost, by name. */
  readonly alternatives: readonly { readonly present: Present; readonly cost: string }[]
  /** What runs: `npm install && npm start`. */
  readonly files: readonly AdviceFile[]
}
