import { html, type SafeHtml } from './html.ts'
import { duration } from './relative-time.ts'
import { shell } from './shell.ts'

const second = 1000
const minute = 60 * second

export interface FailureView {
  readonly status: number
  /** What happened, as a heading. */
  readonly title: string
  readonly detail: string
  /** The code from the table of reasons: `'store_unavailable'`. */
  readonly reason: string
  /** How long to wait before trying again, in ms. */
  readonly retryAfter: number | null
}

/** The page for any refusal or breakage that a person meets: what happened, and what to do. */
export function failurePage(view: FailureView): string {
  const main = html`<div class="sheet failure">
<p class="code">${view.status} <span aria-hidden="true">·</span> ${view.reason}</p>
<h1>${view.title}</h1>
<p class="lede">${view.detail}</p>
<h2>What to do</h2>
${advice(view)}
</div>`
  return shell({ title: view.title, width: 'narrow', main })
}

function advice(view: FailureView): SafeHtml {
  if (view.status === 401) {
    return html`<p>Your session is over or was never there. Sign in, and you are back.</p>
<p class="links"><a class="button button-main" href="/login">Sign in</a></p>`
  }
  if (view.status === 403) {
    return html`<p>Nothing was changed. Go to your sessions and do it from there; a form that another site sends for you is refused on purpose.</p>${sessionsLink()}`
  }
  if (view.status === 404) {
    return html`<p>Check the address. If you came to end a session, it has ended already, or it is not yours.</p>${sessionsLink()}`
  }
  if (view.status === 429) return html`<p>${wait(view.retryAfter)}</p>${sessionsLink()}`
  if (view.status >= 500) return html`<p>This does not sign you out. ${wait(view.retryAfter)}</p>${sessionsLink()}`
  return html`<p>Go back and try again. If it happens again, tell whoever runs this server the line at the top.</p>${sessionsLink()}`
}

function wait(length: number | null): SafeHtml {
  if (length === null) return html`Wait a moment, then try again.`
  return html`Wait <strong>${duration(roundedUp(length))}</strong>, then try again.`
}

/** A wait may be said too long, never too short. */
function roundedUp(length: number): number {
  const unit = length <= minute ? second : minute
  return Math.max(Math.ceil(length / unit), 1) * unit
}

function sessionsLink(): SafeHtml {
  return html`<p class="links"><a class="button" href="/sessions">Go to your sessions</a></p>`
}
