import { isFault } from '../base/fault.ts'
import type { RequestHead } from '../base/head.ts'
import type { Check, Reason } from '../base/reasons.ts'
import { type AnyAuth, insideOf } from './auth.ts'
import type { Admission, Renewing } from './gate.ts'
import { refusal } from './guarding.ts'
import { addLines } from './header-lines.ts'
import type { Opened } from './opened.ts'
import type { Answer } from './problem.ts'
import type { Settings } from './settings.ts'
import { createVisit, type Visit } from './visit.ts'

/** What becomes of a request at its head: it is let in, or answered at once. */
export type Arrival =
  | { readonly kind: 'visit'; readonly visit: Visit }
  /** Without a reason: nothing is wrong, and it is answered nevertheless (a CORS preflight). */
  | { readonly kind: 'answer'; readonly reason: Reason | null; readonly answer: Answer }

/**
 * Lets a request in, signed in or anonymous. Answers it where it was started by another site (403), or where it cannot be known who it is (503).
 *
 * @param renewing whether a renewed pair can leave with the answer
 * @throws what is no Fault with a row in the table of reasons
 * Cost: none for a request whose snapshot stands; a renewal otherwise. The first one opens the backend.
 */
export function arrive(auth: AnyAuth, head: RequestHead, renewing: Renewing): Arrival | Promise<Arrival> {
  const { opened, open, settings } = insideOf(auth)
  try {
    const arrival = opened === null ? open().then((late) => admit(late, head, renewing)) : admit(opened, head, renewing)
    return arrival instanceof Promise
      ? arrival.catch((error: unknown) => answerOrThrow(settings, head, error))
      : arrival
  } catch (error) {
    return answerOrThrow(settings, head, error)
  }
}

function admit(opened: Opened, head: RequestHead, renewing: Renewing): Arrival | Promise<Arrival> {
  const { cors } = opened.settings
  const preflight = cors.preflight(head)
  if (preflight !== null) return { kind: 'answer', reason: null, answer: preflight }
  const admitted = opened.gate.admit(head, renewing)
  return admitted instanceof Promise
    ? admitted.then((late) => conclude(opened, head, late))
    : conclude(opened, head, admitted)
}

function conclude(opened: Opened, head: RequestHead, checked: Check<Admission>): Arrival {
  if (!checked.ok) return refused(opened.settings, head, checked.reason)
  return { kind: 'visit', visit: createVisit(opened, head, checked.value) }
}

function answerOrThrow(settings: Settings, head: RequestHead, error: unknown): Arrival {
  if (!isFault(error) || error.reason === null) throw error
  return refused(settings, head, error.reason)
}

/** The answer to a Fault that has a row in the table of reasons; null for everything else. */
export function faultAnswer(head: RequestHead, error: unknown): Answer | null {
  return isFault(error) && error.reason !== null ? refusal(head, error.reason) : null
}

/** A page of a listed origin may read why it was refused. */
function refused({ cors }: Settings, head: RequestHead, reason: Reason): Arrival {
  const answer = refusal(head, reason)
  const lines = cors.lines(head)
  if (lines.length === 0) return { kind: 'answer', reason, answer }
  const headers = new Map(answer.headers)
  addLines({ get: (name) => [headers.get(name) ?? ''], set: (name, value) => headers.set(name, String(value)) }, lines)
  return { kind: 'answer', reason, answer: { ...answer, headers: [...headers] } }
}
