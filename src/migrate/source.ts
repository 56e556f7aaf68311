import type { StartOptions } from '../engine/start.ts'
import type { Claims } from '../model/session.ts'

/** Somebody who is signed in there. */
export interface Migrant {
  /** Your name for the user, as you would give it to `login`. */
  readonly user: string
  readonly claims?: Claims
  /** Session data to begin with. */
  readonly data?: StartOptions['data']
  /** Whether the session survives the closing of the browser (false). */
  readonly remember?: boolean
}

/** Sessions of another product, found by its cookie. Made by `expressSessions`, `ironSessions`, `betterAuthSessions`, or by you. */
export interface Source {
  /** For people and for telling sources apart: `express-session`. */
  readonly name: string
  /** Name of its cookie. */
  readonly cookie: string
  /** How that cookie is deleted: its own attributes. */
  readonly path?: string
  readonly domain?: string
  readonly secure?: boolean
  /**
   * Judges the cookie as that product does.
   *
   * @returns whose it is, and a name for this one session; null for what is not good there, or nobody's
   * @throws what the other store throws when it does not answer: nobody is signed out by that
   */
  read(value: string): Promise<{ readonly id: string; readonly migrant: Migrant } | null>
}
