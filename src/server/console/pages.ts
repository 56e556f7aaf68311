import { html } from '../pages/html.ts'
import { notice } from '../pages/notice.ts'
import { passwordField } from '../pages/password-field.ts'
import type { Reader } from '../pages/reader.ts'
import { shell } from '../pages/shell.ts'
import { stamp } from '../pages/stamp.ts'
import type { Explanation } from '../pages/words/words.ts'
import type { Bundle } from './bundle.ts'

/** The page that the script fills. @param until when it has to be unlocked again, ms since the Unix epoch; null: with the session */
export function consolePage(bundle: Bundle, until: number | null, reader: Reader): string {
  const { words } = reader
  const main = html`<div id="console" lang="en" data-until="${until ?? ''}">
<h1>${words.console.title}</h1>
<noscript><p>${words.console.noScript}</p></noscript>
</div>`
  const head = html`<link rel="stylesheet" href="${bundle.style.href}">
<script type="module" src="${bundle.script.href}"></script>`
  return shell({ title: words.console.title, width: 'full', main, reader, head })
}

export interface UnlockView {
  readonly error: Explanation | null
  /** Whether there is a secret to unlock it with. */
  readonly hasSecret: boolean
}

/** Asks for the admin secret, or says how to set one. Works without script. */
export function unlockPage({ error, hasSecret }: UnlockView, reader: Reader): string {
  const { console: words, login } = reader.words
  const described = error === null ? 'means' : 'notice'
  const form = html`<form class="fields" method="post" action="/console/unlock">
${passwordField({ id: 'secret', label: words.secret, kind: 'current-password', focus: true, described })}
<p class="hint" id="means">${words.secretMeans}</p>
<p><button class="button button-main" type="submit">${words.unlock}</button></p>
</form>`
  const main = html`<div class="sheet login">
${stamp('on', reader.words.shell.stamp)}
<h1>${words.title}</h1>
${error === null ? html`<p class="lede">${words.lede}</p>` : notice('bad', error)}
${hasSecret ? form : html`<p>${words.noSecret(html`<code>HANDSTAMP_ADMIN_SECRET</code>`)}</p>`}
</div>`
  return shell({ title: error === null ? words.title : login.errorTitle, width: 'narrow', main, reader })
}
