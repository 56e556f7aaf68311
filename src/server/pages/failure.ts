import { html, type SafeHtml } from './html.ts'
import type { Reader } from './reader.ts'
import { duration, roundedUp } from './relative-time.ts'
import { shell } from './shell.ts'
import type { Explanation, Words } from './words/words.ts'

export interface FailureView {
  readonly status: number
  /** What happened: `title` becomes the heading. */
  readonly what: Explanation
  /** The code from the table of reasons: `'store_unavailable'`. */
  readonly reason: string
  /** How long to wait before trying again, in ms. */
  readonly retryAfter: number | null
}

/** The page for any refusal or breakage that a person meets: what happened, and what to do. */
export function failurePage(view: FailureView, reader: Reader): string {
  const { words } = reader
  const { title, detail } = view.what
  const main = html`<div class="sheet failure">
<p class="code">${view.status} <span aria-hidden="true">·</span> ${view.reason}</p>
<h1>${title}</h1>
<p class="lede">${detail}</p>
<h2>${words.shell.whatToDo}</h2>
${advice(view, words)}
</div>`
  return shell({ title, width: 'narrow', main, reader })
}

function advice(view: FailureView, words: Words): SafeHtml {
  const { failure } = words
  if (view.status === 401) {
    return html`<p>${failure.unauthorized}</p>
<p class="links"><a class="button button-main" href="/login">${failure.signIn}</a></p>`
  }
  const link = html`<p class="links"><a class="button" href="/sessions">${failure.toSessions}</a></p>`
  if (view.status === 403) return html`<p>${failure.forbidden}</p>${link}`
  if (view.status === 404) return html`<p>${failure.notFound}</p>${link}`
  if (view.status === 429) return html`<p>${wait(view.retryAfter, words)}</p>${link}`
  if (view.status >= 500) return html`<p>${failure.keepsSession} ${wait(view.retryAfter, words)}</p>${link}`
  return html`<p>${failure.other}</p>${link}`
}

function wait(length: number | null, words: Words): SafeHtml {
  if (length === null) return html`${words.failure.waitAMoment}`
  return words.failure.wait(html`<strong>${duration(roundedUp(length), words)}</strong>`)
}
