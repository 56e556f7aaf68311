export {
  type Browser,
  type BrowserOptions,
  type BrowserRequest,
  browser,
  type RequestOptions,
} from './browser.ts'
export { backendContract } from './contract/backend.ts'
export { backendFaults, type FaultSubject } from './contract/faults.ts'
export { backendRaces } from './contract/races.ts'
export type { Subject } from './contract/subject.ts'
export { type Gate, gate, type Pending } from './gate.ts'
export { type Call, type Interceptor, intercept } from './intercept.ts'
export type { JarCookie } from './jar.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export type { RequestHeaders } from './request-headers.ts'
export { type SignedIn, signedIn } from './signed-in.ts'
export type { FetchHandler, Injectable, Injected, InjectedAnswer, NodeListener, Target } from './target.ts'
