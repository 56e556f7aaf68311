import { shortestPassword } from '../new-password.ts'
import { html, type SafeHtml } from './html.ts'
import { notice } from './notice.ts'
import { nameOfAccount, passwordField } from './password-field.ts'
import type { Reader } from './reader.ts'
import { shell } from './shell.ts'
import type { AccountWords, Explanation } from './words/words.ts'

export interface PasswordView {
  readonly username: string
  readonly error: Explanation | null
  /** Somebody else was signed in: that is why they are here. */
  readonly reported: boolean
}

/** The page at `GET /password`. Works without script. */
export function passwordPage(view: PasswordView, reader: Reader): string {
  const { username, error } = view
  const { password } = reader.words.account
  const main = html`<div class="sheet login">
<h1>${password.title}</h1>
${message(view, reader.words.account)}
<form class="fields" method="post" action="/password">
${nameOfAccount(username, reader.words.login.name)}
${passwordField({ id: 'current', label: password.current, kind: 'current-password', focus: true, described: error === null ? null : 'notice' })}
${passwordField({ id: 'password', label: password.next, kind: 'new-password', described: 'rule' })}
<p class="hint" id="rule">${password.rule(shortestPassword)}</p>
<div class="choice"><input id="others" name="others" type="checkbox" value="keep" aria-describedby="others-means">
<div><label for="others">${password.keepOthers}</label>
<p class="hint" id="others-means">${password.keepOthersMeans}</p></div></div>
<p><button class="button button-main" type="submit">${password.submit}</button></p>
</form></div>`
  return shell({ title: password.title, width: 'narrow', main, reader })
}

function message({ username, error, reported }: PasswordView, { password }: AccountWords): SafeHtml {
  if (error !== null) return notice('bad', error)
  if (reported) return notice('plain', password.reported)
  return html`<p class="lede">${password.lede(html`<strong><bdi>${username}</bdi></strong>`)}</p>`
}
