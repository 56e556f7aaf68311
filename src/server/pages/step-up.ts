import { html } from './html.ts'
import { notice } from './notice.ts'
import { nameOfAccount, passwordField } from './password-field.ts'
import type { Reader } from './reader.ts'
import { shell } from './shell.ts'
import { stamp } from './stamp.ts'
import type { Explanation } from './words/words.ts'

export interface StepUpView {
  /** Where to go afterwards: a path of ours. */
  readonly next: string
  readonly username: string
  readonly error: Explanation | null
}

/** The page at `GET /step-up`: the password once more. Works without script. */
export function stepUpPage({ next, username, error }: StepUpView, reader: Reader): string {
  const { words } = reader
  const { stepUp } = words.account
  const main = html`<div class="sheet login">
${stamp('on', words.shell.stamp)}
<h1>${stepUp.title}</h1>
${error === null ? html`<p class="lede">${stepUp.lede(html`<strong><bdi>${username}</bdi></strong>`)}</p>` : notice('bad', error)}
<form class="fields" method="post" action="/step-up"><input type="hidden" name="next" value="${next}">
${nameOfAccount(username, words.login.name)}
${passwordField({ id: 'password', label: words.login.password, kind: 'current-password', focus: true, described: error === null ? null : 'notice' })}
<p><button class="button button-main" type="submit">${stepUp.submit}</button></p>
</form></div>`
  return shell({ title: error === null ? stepUp.title : words.login.errorTitle, width: 'narrow', main, reader })
}
