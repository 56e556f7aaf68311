import { type Reason, reasons } from '../base/reasons.ts'
import type { Answer } from '../http/problem.ts'
import { failurePage } from './pages/failure.ts'
import { pageHeaders } from './pages/headers.ts'

const incomprehensible = {
  title: 'That could not be understood',
  detail: 'Something was missing from what your browser sent, or it was not in the form that is expected here.',
}

/** Where the table of reasons speaks to developers, what it means to whoever reads a page. */
const forReaders: Partial<Readonly<Record<Reason, { readonly title: string; readonly detail: string }>>> = {
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
  not_stored: { title: 'That did not work', detail: 'The change could not be written down, so nothing was changed.' },
}

/** A problem document as a page for people: the same status and headers, and words for the same reason. */
export function problemPage(problem: Answer, reason: Reason): Answer {
  const { status, sentence, remedy } = reasons[reason]
  const { title, detail } = forReaders[reason] ?? { title: sentence, detail: remedy }
  return {
    status: problem.status,
    headers: [...new Map([...problem.headers, ...pageHeaders])],
    body: failurePage({ status, title, detail, reason, retryAfter: null }),
  }
}

/** Whether a person is reading: a browser that navigates asks for HTML. */
export function wantsHtml(accept: string | undefined): boolean {
  return accept?.includes('text/html') === true
}
