import { html, type SafeHtml } from './html.ts'
import type { Explanation } from './words/words.ts'

/** `bad` is read out at once, `good` when the reader pauses; `plain` is part of the page. */
export type NoticeTone = 'good' | 'bad' | 'plain'

const roles = { good: 'status', bad: 'alert', plain: 'note' } as const

/** Parameters of an address that bring a notice. The script takes them away once the page is shown, so that it is not said again on reloading. */
export const noticeParameters = ['welcome', 'password-changed', 'ended', 'others-ended', 'out'] as const

/** A message above the content: one line that says what happened, one that says what it means. */
export function notice(tone: NoticeTone, { title, detail }: Explanation): SafeHtml {
  return html`<div class="notice notice-${tone}" role="${roles[tone]}" id="notice">
<p><strong>${title}</strong></p>
<p>${detail}</p>
</div>`
}
