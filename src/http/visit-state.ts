import type { Cookie, CookieShape } from './cookie.ts'
import type { Admission, Outside } from './gate.ts'
import type { HeaderLine } from './header-lines.ts'

/** What a request has come to; shared by the visit and its session. */
export interface VisitState {
  admission: Admission
  outside: Outside
  /** Cookies of a session that began in this request: they leave whenever the head does. */
  begun: readonly HeaderLine[] | null
  ended: boolean
  read: boolean
  /** The answer depends on other cookies than those of the session. */
  varies: boolean
  left: boolean
  setCookie(cookie: Cookie): void
  deleteCookie(cookie: CookieShape): void
}
