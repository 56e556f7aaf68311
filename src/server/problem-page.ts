import type { Millis } from '../base/clock.ts'
import type { Reason } from '../base/reasons.ts'
import { reasons } from '../base/reasons.ts'
import type { Answer } from '../http/problem.ts'
import { pageHeaders } from './headers.ts'
import { failurePage } from './pages/failure.ts'
import type { Reader } from './pages/reader.ts'

/** A refusal as a page for people: the status and headers of the answer that a program gets, and words for the same reason. */
export function problemPage(answer: Answer, reason: Reason, reader: Reader, retryAfter: Millis | null = null): Answer {
  const { status } = reasons[reason]
  const body = failurePage({ status, what: reader.words.reasons[reason], reason, retryAfter }, reader)
  return { status: answer.status, headers: pageHeaders(answer), body }
}
