import type { Admission } from './gate.ts'
import type { HeaderLine } from './transports.ts'

/** What a request has come to; shared by the visit and its session. */
export interface VisitState {
  admission: Admission
  /** Cookies of a session that began in this request: they leave whenever the head does. */
  begun: readonly HeaderLine[] | null
  ended: boolean
  read: boolean
  left: boolean
}
