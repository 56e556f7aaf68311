import type { ClaimType, Json } from '../../src/index.ts'

// Applications of the tests keep whatever they like. What does not compile without this is tried in `test/types`, a program of its own.
declare module '../../src/index.ts' {
  interface SessionData {
    [key: string]: Json
  }
  interface SessionClaims {
    readonly [name: string]: ClaimType
  }
}
