import { html, type SafeHtml } from './html.ts'
import { notice } from './notice.ts'
import { duration } from './relative-time.ts'
import { shell } from './shell.ts'
import { stamp } from './stamp.ts'

const day = 24 * 60 * 60 * 1000

export interface LoginView {
  /** Where to go afterwards. Echoed, not judged: the server checks it when the form comes back. */
  readonly next: string | null
  readonly error: null | { readonly title: string; readonly detail: string }
  /** What was typed before, or `''`. */
  readonly username: string
  readonly demo: null | { readonly username: string }
  /** The server would refuse a login over this connection: the page says why and asks for no password. */
  readonly insecure: boolean
  readonly signedOut: boolean
  /** The policy for remembered sessions, in ms (14 and 30 days). */
  readonly remembered?: { readonly idle: number; readonly absolute: number }
}

/** The words for the two errors that a login form can meet. The first never tells whether the name exists. */
export const loginErrors = {
  wrong: {
    title: 'That name and password do not match',
    detail: 'Check both and try again. Capital letters count in the password.',
  },
  unavailable: {
    title: 'Signing in is not possible just now',
    detail: 'The server cannot reach its store. Nobody is signed out by this: wait a few seconds and try again.',
  },
} as const

/** The page at `GET /login`, and the answer to a form that failed. Works without script. */
export function loginPage(view: LoginView): string {
  const title = view.error ? 'Error: sign in' : 'Sign in'
  const main = html`<div class="sheet login">
${stamp(view.signedOut ? 'fading' : 'blank')}
<h1>Sign in</h1>
${message(view)}
${view.insecure ? insecureTransport() : form(view)}
</div>`
  return shell({ title, width: 'narrow', main })
}

function message(view: LoginView): SafeHtml {
  if (view.error) return notice({ tone: 'bad', ...view.error })
  if (view.signedOut) {
    return notice({
      tone: 'good',
      title: 'You are signed out.',
      detail: 'The stamp is off, and no copy of it opens anything.',
    })
  }
  if (view.insecure) return html``
  return html`<p class="lede">Show your password once. After that, your stamp lets you in.</p>`
}

function form(view: LoginView): SafeHtml {
  const username = view.username || (view.demo?.username ?? '')
  const focus = view.error ? html` autofocus aria-describedby="notice"` : html` autofocus`
  const focusName = username === '' ? focus : null
  const focusPassword = username === '' ? null : focus
  return html`<form class="fields" method="post" action="/login">
${view.next === null ? null : html`<input type="hidden" name="next" value="${view.next}">`}
<p class="field"><label for="username">Name</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none"
 autocorrect="off" spellcheck="false" maxlength="256" required${focusName}></p>
<p class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${focusPassword}></p>
${view.demo ? demoHint(view.demo.username) : null}
${remember(view)}
<p><button class="button button-main" type="submit">Sign in</button></p>
</form>`
}

function demoHint(username: string): SafeHtml {
  return html`<p class="hint" id="demo">Just trying it? The name is <strong><bdi>${username}</bdi></strong>.
The demo account’s password is in the terminal where you started the server.</p>`
}

function remember(view: LoginView): SafeHtml {
  const { idle, absolute } = view.remembered ?? { idle: 14 * day, absolute: 30 * day }
  return html`<div class="choice"><input id="remember" name="remember" type="checkbox" value="true" aria-describedby="remember-means">
<div><label for="remember">Keep me signed in on this device</label>
<p class="hint" id="remember-means">Until ${duration(idle)} pass without use, and for ${duration(absolute)} at most.</p></div></div>`
}

function insecureTransport(): SafeHtml {
  return html`${notice({
    tone: 'bad',
    title: 'This connection is not encrypted',
    detail: 'A password sent over plain http can be read on the way, so this page does not ask for one.',
  })}
<h2>What to do</h2>
<ul class="advice">
<li>Open this page by its <strong>https://</strong> address.</li>
<li>Trying it on your own machine? Use <strong>http://localhost</strong> with the same port.</li>
<li>You run this server? Put it behind a proxy that has a certificate, and set <code>HANDSTAMP_ORIGIN</code> to the
https address and <code>HANDSTAMP_TRUSTED_PROXIES</code> to the proxy.</li>
</ul>`
}
