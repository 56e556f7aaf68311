import type { Presentation } from '../model/session.ts'
import type { Stage } from './stage.ts'

/** Routes that programs ask, data that is kept for a session, or pages. */
export type Takes = 'requests' | 'data' | 'pages'

/** One thing that stands in an attack's way, and can be taken out of it. */
export interface Defence {
  readonly id: string
  /** Short, for a switch: "Only over https". */
  readonly title: string
  /** What is in place with it. */
  readonly on: string
  /** What is done in its stead: an option of ours that weakens, or a mistake that applications make. */
  readonly off: string
  /** The one rule that stops the attack. */
  readonly rule: string
  /** The file of ours that holds the rule, from the root of the repository. */
  readonly code: string
  readonly standard: Standard
}

export interface Standard {
  readonly name: string
  readonly href: string
}

/** What came of an attack. */
export interface Outcome {
  readonly succeeded: boolean
  /** One sentence: what was seen. */
  readonly evidence: string
}

/** An attack that is carried out against a server which the lab has started. */
export interface Attack {
  readonly id: string
  readonly title: string
  /** What the attacker is after, and how. */
  readonly aim: string
  readonly presents: readonly Presentation[]
  /** Why it is not tried on the other presentation; empty where it is tried on both. */
  readonly otherwise: string
  /** Each stops it by itself; without all of them it succeeds. */
  readonly defences: readonly [Defence, ...Defence[]]
  /** A real browser carries it out. */
  readonly inBrowser: boolean
  /** What another product has to have so that it can be tried, or why it is not. */
  readonly others: Takes | { readonly not: string }
  carryOut(stage: Stage): Promise<Outcome>
}

/** With which of its defences an attack is carried out, in which presentation. */
export interface Trial {
  readonly attack: Attack
  readonly present: Presentation
  /** Ids of the defences that are in place. */
  readonly on: ReadonlySet<string>
}

/** Without any defence it succeeds; with one of them it does not. */
export function expectedOf({ attack, on }: Pick<Trial, 'attack' | 'on'>): boolean {
  return !attack.defences.some(({ id }) => on.has(id))
}
