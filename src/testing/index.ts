export {
  type Browser,
  type BrowserOptions,
  type BrowserRequest,
  browser,
  type RequestOptions,
} from './browser.ts'
export { backendContract } from './contract/backend.ts'
export type { Subject } from './contract/subject.ts'
export type { JarCookie } from './jar.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export type { RequestHeaders } from './request-headers.ts'
export { type SignedIn, signedIn } from './signed-in.ts'
export type { FetchHandler, Injectable, Injected, InjectedAnswer, NodeListener, Target } from './target.ts'
