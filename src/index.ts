export { type Clock, day, hour, type Millis, minute, second } from './base/clock.ts'
export { Fault, type FaultKind, isFault } from './base/fault.ts'
export type { Json } from './base/json.ts'
export { type Check, type Reason, type ReasonEntry, type Refusal, reasons } from './base/reasons.ts'
export type { ClaimType, ClaimTypes } from './engine/context.ts'
export type { Everybody, SessionChanges, SessionPage } from './engine/end.ts'
export type { Presented } from './engine/engine.ts'
export type { EventListener, SessionEvent } from './engine/events.ts'
export type { TokenAnswer } from './engine/issue.ts'
export type { StartOptions } from './engine/start.ts'
export type { KeyOptions } from './engine/token-keys.ts'
export type { ViewStatus as NodeStatus } from './engine/view.ts'
export {
  type AnyAuth,
  type Auth,
  type Created,
  type CreateOptions,
  handstamp,
  type RevokeOptions,
  type SessionOf,
} from './http/auth.ts'
export { type Cookie, type CookieShape, deleteCookie as serializeDeletion, serializeCookie } from './http/cookie.ts'
export { type CookieBudget, checkCookieBudget, type LeavingCookies } from './http/cookie-budget.ts'
export type { CookieOptions } from './http/cookie-options.ts'
export { type CspOptions, type CspSource, csp } from './http/csp.ts'
export type { DataRecord, Migrations } from './http/data-rules.ts'
export type { Guard } from './http/gate.ts'
export {
  type DefaultedKind,
  flag,
  json,
  oneOf,
  type PreferenceKind,
  text,
  wholeNumber,
} from './http/preference-kind.ts'
export type { PreferenceDefinition, PreferenceLimits, PreferenceOptions } from './http/preference-plan.ts'
export {
  type PreferenceInput,
  type PreferenceKinds,
  type Preferences,
  type PreferenceValue,
  preferences,
  type RequestPreferences,
} from './http/preferences.ts'
export { type RedirectOptions, redirectTarget } from './http/redirect.ts'
export type { LoginOptions, RequestSession } from './http/request-session.ts'
export type { RevocationBounds } from './http/revocation-bounds.ts'
export { type SecureResponse, type SecurityHeadersOptions, securityHeaders } from './http/security-headers.ts'
export type { ClaimsOf, SessionClaims } from './http/session-claims.ts'
export type { DataAccess, SessionData, SomeOf } from './http/session-data.ts'
export type { HandstampOptions, Merge } from './http/settings.ts'
export type { Backend, Document, Documents, Once } from './model/backend.ts'
export type { Limits, Rate } from './model/limits.ts'
export type { Follower, Followers, Heartbeat, LocalLog, LogPage, Poke, RevocationLog } from './model/log.ts'
export { defaultPolicy, definePolicy, type Policy, type PolicyOptions } from './model/policy.ts'
export type { LogEntry, Position, Revocation, Scope } from './model/revocation.ts'
export type { Cause, Claims, Level, Presentation, PublicSession, SessionRecord, Sid } from './model/session.ts'
export type { Snapshot } from './model/snapshot.ts'
export type { InputOf, OutputOf, StandardSchema } from './model/standard-schema.ts'
export type {
  Advanced,
  Amendment,
  AtMost,
  Change,
  DataChanges,
  Found,
  Inserted,
  Newest,
  Store,
} from './model/store.ts'
export { memory } from './stores/memory.ts'
