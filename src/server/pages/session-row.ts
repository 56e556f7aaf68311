import { html, type SafeHtml } from './html.ts'
import { relativeTime, timeElement } from './relative-time.ts'
import type { SessionPhase, Words } from './words/words.ts'

const minute = 60 * 1000
const day = 24 * 60 * minute

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

/** How a session stands at that instant. */
export function phaseOf(row: SessionRow, now: number): SessionPhase {
  if (row.expiresAt - now < (row.remembered ? day : 10 * minute)) return 'expiring'
  return isActive(row, now) ? 'active' : 'idle'
}

function isActive(row: SessionRow, now: number): boolean {
  return row.current || now - row.seenAt < 2 * minute
}

/** One session: a sentence, a quiet line of particulars, and the button that ends it. */
export function sessionItem(row: SessionRow, now: number, words: Words): SafeHtml {
  return html`<li class="session${row.current ? ' session-here' : null}">
<p>${sentence(row, now, words)}</p>
<p class="quiet">${particulars(row, now, words)}</p>
${row.current ? signOutHere(words) : buttons(row, now, words)}</li>`
}

function sentence(row: SessionRow, now: number, words: Words): SafeHtml {
  const { sessions, time } = words
  const isNew = now - row.signedInAt < minute
  const signedIn = timeElement(row.signedInAt, now, words, isNew ? time.justNow : undefined)
  const seen = isActive(row, now)
    ? sessions.active(timeElement(row.seenAt, now, words, time.now))
    : sessions.lastActive(timeElement(row.seenAt, now, words))
  const device = html`<strong><bdi>${row.device}</bdi></strong>`
  return sessions.sentence(device, html`<bdi>${row.how}</bdi>`, signedIn, seen)
}

function particulars(row: SessionRow, now: number, words: Words): SafeHtml {
  const { sessions } = words
  const when = timeElement(row.expiresAt, now, words)
  const phase = phaseOf(row, now)
  const parts = [
    html`<span class="state state-${phase}">${sessions.states[phase]}</span>`,
    row.remembered ? sessions.endsRemembered(when) : sessions.ends(when),
    row.present === 'cookie' ? sessions.cookie : sessions.token,
    binding(row, words),
    row.level < 2 ? null : sessions.secondFactor(row.level),
    row.address === null ? null : sessions.from(html`<bdi>${row.address}</bdi>`),
  ]
  return html`${parts.filter((part) => part !== null).map((part, index) => (index === 0 ? part : html` ${part}`))}`
}

function binding(row: SessionRow, { sessions }: Words): string | null {
  if (row.bound === 'none') return null
  const standard = row.bound === 'dpop' ? 'DPoP' : 'DBSC'
  return row.current ? sessions.boundHere(standard) : sessions.boundThere(standard)
}

function signOutHere({ sessions }: Words): SafeHtml {
  return html`<form method="post" action="/logout"><button class="button" type="submit">${sessions.signOutHere}</button></form>`
}

function buttons(row: SessionRow, now: number, words: Words): SafeHtml {
  const { notMe, notMeWhich } = words.sessions
  return html`<div class="ways">${endButton(row, now, words)}
<form method="post" action="/sessions/not-me"><input type="hidden" name="id" value="${row.id}">
<button class="button button-plain" type="submit">${notMe}<span class="unseen">${notMeWhich(html`<bdi>${row.device}</bdi>`)}</span></button></form></div>`
}

function endButton(row: SessionRow, now: number, words: Words): SafeHtml {
  const { end, endWhich } = words.sessions
  const which = endWhich(html`<bdi>${row.device}</bdi>`, relativeTime(row.seenAt, now, words))
  return html`<form method="post" action="/sessions/end"><input type="hidden" name="id" value="${row.id}">
<button class="button" type="submit">${end}<span class="unseen">${which}</span></button></form>`
}
