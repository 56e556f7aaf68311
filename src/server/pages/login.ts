import { html, type SafeHtml } from './html.ts'
import { notice } from './notice.ts'
import { type OtherAccount, otherAccounts } from './other-accounts.ts'
import type { Reader } from './reader.ts'
import { duration } from './relative-time.ts'
import { shell } from './shell.ts'
import { stamp } from './stamp.ts'
import type { Ending, Explanation, Words } from './words/words.ts'

const day = 24 * 60 * 60 * 1000

export interface LoginView {
  /** Where to go afterwards. Echoed, not judged: the server checks it when the form comes back. */
  readonly next: string | null
  readonly error: null | Explanation
  /** What was typed before, or `''`. */
  readonly username: string
  readonly demo: null | { readonly username: string }
  /** The server would refuse a login over this connection: the page says why and asks for no password. */
  readonly insecure: boolean
  /** Whoever comes has just signed out, or finds their session ended. */
  readonly over: null | 'signed out' | Ending
  /** The lab is there. */
  readonly lab?: boolean
  /** Signs in beside whoever is signed in here. */
  readonly adding?: boolean
  /** Who else is signed in in this browser. */
  readonly others?: readonly OtherAccount[]
  /** The policy for remembered sessions, in ms (14 and 30 days). */
  readonly remembered?: { readonly idle: number; readonly absolute: number }
}

/** The page at `GET /login`, and the answer to a form that failed. Works without script. */
export function loginPage(view: LoginView, reader: Reader): string {
  const { words } = reader
  const title = view.error ? words.login.errorTitle : words.login.title
  const main = html`<div class="sheet login">
${stamp(view.over === null ? 'blank' : 'fading', words.shell.stamp)}
<h1>${words.login.title}</h1>
${message(view, words)}
${view.insecure ? insecureTransport(words) : form(view, words)}
</div>
${otherAccounts(view.others ?? [], words)}
${view.lab === true ? html`<p class="links"><a href="/lab">${words.login.lab}</a></p>` : null}`
  return shell({ title, width: 'narrow', main, reader })
}

function message(view: LoginView, { login, account }: Words): SafeHtml {
  if (view.error) return notice('bad', view.error)
  if (view.insecure) return html``
  if (view.over === 'signed out') return notice('good', login.signedOut)
  if (view.over !== null) return notice('plain', login.ended[view.over])
  return html`<p class="lede">${view.adding === true ? account.others.adding : login.lede}</p>`
}

function form(view: LoginView, words: Words): SafeHtml {
  const { login } = words
  const username = view.username || (view.demo?.username ?? '')
  const described = view.error !== null || view.over !== null
  const focus = described ? html` autofocus aria-describedby="notice"` : html` autofocus`
  const focusName = username === '' ? focus : null
  const focusPassword = username === '' ? null : focus
  return html`<form class="fields" method="post" action="/login">
${view.next === null ? null : html`<input type="hidden" name="next" value="${view.next}">`}
${view.adding === true ? html`<input type="hidden" name="alongside" value="true">` : null}
<p class="field"><label for="username">${login.name}</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none"
 autocorrect="off" spellcheck="false" maxlength="256" required${focusName}></p>
<p class="field"><label for="password">${login.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${focusPassword}></p>
${view.demo ? html`<p class="hint" id="demo">${login.demo(html`<bdi>${view.demo.username}</bdi>`)}</p>` : null}
${remember(view, words)}
<p><button class="button button-main" type="submit">${login.submit}</button></p>
</form>`
}

function remember(view: LoginView, words: Words): SafeHtml {
  const { idle, absolute } = view.remembered ?? { idle: 14 * day, absolute: 30 * day }
  const means = words.login.rememberMeans(duration(idle, words), duration(absolute, words))
  return html`<div class="choice"><input id="remember" name="remember" type="checkbox" value="true" aria-describedby="remember-means">
<div><label for="remember">${words.login.remember}</label>
<p class="hint" id="remember-means">${means}</p></div></div>`
}

function insecureTransport({ login, shell }: Words): SafeHtml {
  return html`${notice('bad', login.insecure)}
<h2>${shell.whatToDo}</h2>
<ul class="advice">
${login.insecureSteps.map((step) => html`<li>${step}</li>\n`)}</ul>`
}
