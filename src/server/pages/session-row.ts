import { html, type SafeHtml } from './html.ts'
import { relativeTime, timeElement } from './relative-time.ts'

const minute = 60 * 1000

/** What the page shows of one session. All instants in ms. Holds nothing that could sign anybody in. */
export interface SessionRow {
  /** The public handle, never a credential. */
  readonly id: string
  readonly current: boolean
  /** `'Firefox on Linux'`, from {@link deviceOf}. */
  readonly device: string
  readonly present: 'cookie' | 'token'
  readonly signedInAt: number
  /** What follows "signed in with": `'a password'`. */
  readonly how: string
  readonly seenAt: number
  /** When it ends if nobody uses it before: the nearer of idle and absolute timeout. */
  readonly expiresAt: number
  readonly remembered: boolean
  /** The assurance level of NIST SP 800-63B: 1, 2 or 3. */
  readonly level: number
  readonly bound: 'none' | 'dpop' | 'dbsc'
  readonly address: string | null
}

/** One session: a sentence, a quiet line of particulars, and the button that ends it. */
export function sessionItem(row: SessionRow, now: number): SafeHtml {
  return html`<li class="session${row.current ? ' session-here' : null}">
<p>${sentence(row, now)}</p>
<p class="quiet">${particulars(row, now)}</p>
${row.current ? signOutHere() : endButton(row, now)}</li>`
}

function sentence(row: SessionRow, now: number): SafeHtml {
  const signedIn =
    now - row.signedInAt < minute ? timeElement(row.signedInAt, now, 'just now') : timeElement(row.signedInAt, now)
  const active = row.current || now - row.seenAt < 2 * minute
  const seen = active
    ? html`active ${timeElement(row.seenAt, now, 'now')}`
    : html`last active ${timeElement(row.seenAt, now)}`
  return html`<strong><bdi>${row.device}</bdi></strong>, signed in with <bdi>${row.how}</bdi> ${signedIn}, ${seen}.`
}

function particulars(row: SessionRow, now: number): SafeHtml {
  const holder = row.present === 'cookie' ? 'A\u00a0cookie in the browser.' : 'A\u00a0token in an app.'
  const ends = html`${row.remembered ? 'Kept signed in; ends' : 'Ends'} ${timeElement(row.expiresAt, now)} if not used.`
  const address = row.address === null ? null : html` From\u00a0<bdi>${row.address}</bdi>.`
  return html`${ends} ${holder}${binding(row)}${assurance(row.level)}${address}`
}

function binding(row: SessionRow): SafeHtml | null {
  if (row.bound === 'none') return null
  const device = row.current ? 'this device' : 'that device'
  return html` Tied to a key of ${device} (${row.bound === 'dpop' ? 'DPoP' : 'DBSC'}): a copy is useless.`
}

function assurance(level: number): SafeHtml | null {
  if (level < 2) return null
  return html` Confirmed with a second factor (AAL${level}).`
}

function signOutHere(): SafeHtml {
  return html`<form method="post" action="/logout"><button class="button" type="submit">Sign out here</button></form>`
}

function endButton(row: SessionRow, now: number): SafeHtml {
  return html`<form method="post" action="/sessions/end"><input type="hidden" name="id" value="${row.id}">
<button class="button" type="submit">End<span class="unseen"> the session on <bdi>${row.device}</bdi>,
last active ${relativeTime(row.seenAt, now)}</span></button></form>`
}
