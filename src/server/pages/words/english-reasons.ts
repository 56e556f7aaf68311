import { type Reason, reasons } from '../../../base/reasons.ts'
import type { Explanation } from './words.ts'

const incomprehensible: Explanation = {
  title: 'That could not be understood',
  detail: 'Something was missing from what your browser sent, or it was not in the form that is expected here.',
}

/** Where the table of reasons speaks to developers, what it means to whoever reads a page. */
const forReaders: Partial<Readonly<Record<Reason, Explanation>>> = {
  cross_site: {
    title: 'Another page tried this in your name',
    detail: 'The request did not come from a page of this server, so it was refused.',
  },
  unproven_origin: {
    title: 'It is not clear where this came from',
    detail: 'Your browser did not say which page sent the request, so it was refused.',
  },
  malformed_body: incomprehensible,
  invalid_request: incomprehensible,
  unsupported_media_type: incomprehensible,
  method_not_allowed: {
    title: 'There is no page here',
    detail: 'This address is for programs, or for another kind of request.',
  },
  not_found: { title: 'There is nothing here', detail: 'The address may be mistyped, or what was here is gone.' },
  store_unavailable: {
    title: 'This is not possible just now',
    detail: 'The server cannot reach the place where it keeps sessions.',
  },
  others_not_ended: {
    title: 'The password is changed, but your other sessions are not ended',
    detail: 'The server could not reach the place where it keeps sessions: they are still signed in.',
  },
  not_stored: { title: 'That did not work', detail: 'The change could not be written down, so nothing was changed.' },
}

/** The table of reasons is in English already. */
export const englishReasons: Readonly<Record<Reason, Explanation>> = Object.freeze(
  Object.fromEntries(
    Object.entries(reasons).map(([reason, { sentence, remedy }]) => [
      reason,
      forReaders[reason as Reason] ?? { title: sentence, detail: remedy },
    ]),
  ) as Record<Reason, Explanation>,
)
