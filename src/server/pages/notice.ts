import { html, type SafeHtml } from './html.ts'

export interface NoticeView {
  /** `bad` is read out at once, `good` when the reader pauses; `plain` is part of the page. */
  readonly tone: 'good' | 'bad' | 'plain'
  readonly title: string
  readonly detail: string
}

const roles = { good: 'status', bad: 'alert', plain: 'note' } as const

/** A message above the content: one line that says what happened, one that says what it means. */
export function notice(view: NoticeView): SafeHtml {
  return html`<div class="notice notice-${view.tone}" role="${roles[view.tone]}" id="notice">
<p><strong>${view.title}</strong></p>
<p>${view.detail}</p>
</div>`
}
