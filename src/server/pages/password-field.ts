import { html, type SafeHtml } from './html.ts'

export interface PasswordField {
  /** Also the name of the field. */
  readonly id: string
  readonly label: string
  readonly kind: 'current-password' | 'new-password'
  readonly focus?: boolean
  /** The id of what describes it. */
  readonly described: string | null
}

export function passwordField({ id, label, kind, focus = false, described }: PasswordField): SafeHtml {
  const extra = html`${focus ? html` autofocus` : null}${described === null ? null : html` aria-describedby="${described}"`}`
  return html`<p class="field"><label for="${id}">${label}</label>
<input id="${id}" name="${id}" type="password" autocomplete="${kind}" maxlength="1024" required${extra}></p>`
}

/** Tells a password manager, and those who do not see the page, whose password is asked for. */
export function nameOfAccount(username: string, label: string): SafeHtml {
  return html`<p class="unseen"><label for="username">${label}</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" readonly tabindex="-1"></p>`
}
