/** The door `handstamp/migrate`: people stay signed in while an application moves here from another product. */
export { adopt } from './adopt.ts'
export { type BetterAuthRow, type BetterAuthSessions, betterAuthSessions } from './better-auth.ts'
export { type ExpressSessions, expressSessions } from './express-session.ts'
export {
  type ExpressStore,
  type ExpressStoreOptions,
  expressSessionStore,
  type LegacyStoreClass,
} from './express-session-store.ts'
export { type IronSessions, ironSessions } from './iron-session.ts'
export type { Legacy } from './legacy-session.ts'
export type { Migrant, Source } from './source.ts'
