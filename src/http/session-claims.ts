import type { Claims } from '../model/session.ts'

/**
 * Names and types of the claims that your sessions carry, as in the option `claims`; for frameworks that declare the request's session once for all.
 *
 *     declare module 'handstamp' { interface SessionClaims { plan: 'string'; seats: 'number' } }
 */
export interface SessionClaims {
  readonly role: 'string'
}

/** What a claim of each type holds. */
interface ClaimValues {
  readonly string: string
  readonly number: number
  readonly boolean: boolean
  readonly strings: readonly string[]
}

/** The claims themselves; a session may lack any of them. Of names that are not known to the compiler, the claims are what all claims are. */
export type ClaimsOf<Types> = string extends keyof Types
  ? Claims
  : { readonly [Name in keyof Types]?: Types[Name] extends keyof ClaimValues ? ClaimValues[Types[Name]] : never }
