import { html, type SafeHtml } from './html.ts'
import { notice } from './notice.ts'
import { type SessionRow, sessionItem } from './session-row.ts'
import { shell } from './shell.ts'
import { stamp } from './stamp.ts'

export type { SessionRow } from './session-row.ts'

const day = 24 * 60 * 60 * 1000
/** With more sessions elsewhere than this, the list gets headings by last use. */
const groupedFrom = 9

export interface SessionsView {
  readonly user: { readonly name: string; readonly role: string | null }
  /** The instant at which the rows were read, in ms. */
  readonly now: number
  readonly sessions: readonly SessionRow[]
  /** How many there are, when `sessions` is only the first part. */
  readonly total: number
  readonly notice: null | { readonly kind: 'ended' | 'others_ended' | 'error'; readonly detail: string }
  /** Lets the stamp land, once. */
  readonly justSignedIn: boolean
}

const notices = {
  ended: { tone: 'good', title: 'The session is ended.' },
  others_ended: { tone: 'good', title: 'Every other session is ended.' },
  error: { tone: 'bad', title: 'That did not work.' },
} as const

/** The page *my sessions*: one sentence for each session, this device first, and a way to end any of them. Works without script. */
export function sessionsPage(view: SessionsView): string {
  const here = view.sessions.find((row) => row.current)
  const others = view.sessions.filter((row) => row !== here).toSorted((a, b) => b.seenAt - a.seenAt)
  const elsewhere = Math.max(view.total - (here ? 1 : 0), others.length)
  const main = html`<header class="page-head"><div><h1>Your sessions</h1>
${greeting(view)}</div>${stamp(view.justSignedIn ? 'landing' : 'on')}</header>
${view.notice ? notice({ ...notices[view.notice.kind], detail: view.notice.detail }) : null}
${here ? thisDevice(here, view.now) : null}
${elsewhere > 0 ? otherDevices(others, elsewhere, here !== undefined, view.now) : onlyThisDevice(here !== undefined)}`
  return shell({ title: 'Your sessions', width: 'wide', main })
}

function greeting(view: SessionsView): SafeHtml {
  const role = view.user.role === null ? null : html` (<bdi>${view.user.role}</bdi>)`
  const who = html`<strong><bdi>${view.user.name}</bdi></strong>${role}`
  if (view.justSignedIn) return html`<p class="lede">Welcome, ${who}. Your stamp is on.</p>`
  return html`<p class="lede">You are signed in as ${who}.</p>`
}

function thisDevice(here: SessionRow, now: number): SafeHtml {
  return html`<section aria-labelledby="here"><h2 id="here">This device</h2>
<ul class="sessions sheet" role="list">${sessionItem(here, now)}</ul></section>`
}

function onlyThisDevice(here: boolean): SafeHtml {
  const words = here ? 'Only this device is signed in.' : 'No device is signed in.'
  return html`<section aria-labelledby="others"><h2 id="others">Elsewhere</h2><p class="empty">${words}</p></section>`
}

function otherDevices(others: readonly SessionRow[], count: number, here: boolean, now: number): SafeHtml {
  const hidden = count - others.length
  return html`<section aria-labelledby="others"><h2 id="others">Elsewhere <span class="count">${count}</span></h2>
${endMany(count, here)}
${lists(others, now)}
${hidden > 0 ? html`<p class="empty">These are the ${others.length} used most recently. ${hidden} more ${hidden === 1 ? 'is' : 'are'} not shown; “Sign out everywhere else” ends ${hidden === 1 ? 'it' : 'them'} too.</p>` : null}
</section>`
}

function lists(others: readonly SessionRow[], now: number): SafeHtml {
  if (others.length < groupedFrom) return list(others, now)
  const groups = [
    { title: 'Used in the last day', rows: others.filter((row) => now - row.seenAt < day) },
    {
      title: 'Used in the last week',
      rows: others.filter((row) => now - row.seenAt >= day && now - row.seenAt < 7 * day),
    },
    { title: 'Not used for a week', rows: others.filter((row) => now - row.seenAt >= 7 * day) },
  ]
  const filled = groups.filter((group) => group.rows.length > 0)
  return html`${filled.map(
    (group) => html`<h3>${group.title} <span class="count">${group.rows.length}</span></h3>${list(group.rows, now)}`,
  )}`
}

function list(rows: readonly SessionRow[], now: number): SafeHtml {
  return html`<ul class="sessions sheet" role="list">${rows.map((row) => sessionItem(row, now))}</ul>`
}

function endMany(count: number, here: boolean): SafeHtml {
  const others = count === 1 ? 'the 1 other session' : `the ${count} other sessions`
  const all = here ? count + 1 : count
  const withThis = here ? ', this one too' : ''
  return html`<div class="many">
${here ? confirm('Sign out everywhere else', `This ends ${others} within seconds. You stay signed in here.`, 'others', `End ${others}`) : null}
${confirm('Sign out everywhere', `This ends all ${all} sessions${withThis}. To come back, you sign in again.`, 'all', `End all ${all} sessions${withThis}`)}
</div>`
}

function confirm(summary: string, meaning: string, scope: 'others' | 'all', label: string): SafeHtml {
  return html`<details class="confirm" name="end-many"><summary class="button">${summary}…</summary>
<div class="confirm-body"><p>${meaning}</p>
<form method="post" action="/sessions/end"><input type="hidden" name="scope" value="${scope}">
<button class="button button-danger" type="submit">${label}</button></form></div></details>`
}
