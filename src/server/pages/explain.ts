import type { Millis } from '../../base/clock.ts'
import type { Reason } from '../../base/reasons.ts'
import { duration, roundedUp } from './relative-time.ts'
import type { Explanation, Words } from './words/words.ts'

/** Why a form was not taken, in the words of whoever reads it. */
export function explainRefusal(reason: Reason, wait: Millis | null, words: Words): Explanation {
  if (reason === 'too_many_attempts') return words.account.tooMany(duration(roundedUp(wait ?? 0), words))
  if (reason === 'store_unavailable' || reason === 'not_stored') return words.login.unavailable
  return words.reasons[reason]
}
