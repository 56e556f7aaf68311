import { html, type SafeHtml } from './html.ts'
import type { Words } from './words/words.ts'

/** Another account that this browser is signed in to. */
export interface OtherAccount {
  /** Public handle of its session. */
  readonly id: string
  readonly name: string
}

/** The other accounts of this browser, each with a way to go on with it and a way out; null where there are none. */
export function otherAccounts(others: readonly OtherAccount[], { account }: Words): SafeHtml | null {
  if (others.length === 0) return null
  const { title } = account.others
  return html`<section aria-labelledby="accounts"><h2 id="accounts">${title}</h2>
<ul class="sessions sheet" role="list">${others.map((one) => item(one, account.others))}</ul></section>`
}

function item({ id, name }: OtherAccount, words: Words['account']['others']): SafeHtml {
  const who = html`<bdi>${name}</bdi>`
  return html`<li class="session"><p><strong>${who}</strong></p>
<div class="ways">${button('/accounts/switch', id, words.goOn, who)}${button('/accounts/leave', id, words.leave, who)}</div></li>`
}

function button(action: string, id: string, label: string, who: SafeHtml): SafeHtml {
  return html`<form method="post" action="${action}"><input type="hidden" name="id" value="${id}">
<button class="button" type="submit">${label}<span class="unseen"> ${who}</span></button></form>`
}
