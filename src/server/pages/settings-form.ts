import { html, type SafeHtml } from './html.ts'
import type { Reader } from './reader.ts'
import { themes } from './theme.ts'
import { type LanguageChoice, languageChoices, languageNames } from './words/language.ts'

/** Theme and language at the foot of every page. Nothing happens before the button is pressed: whoever walks through a list with the keyboard is left in peace. */
export function settingsForm({ words, theme, language, back }: Reader): SafeHtml {
  const { shell } = words
  return html`<form class="settings" method="post" action="/preferences" aria-label="${shell.settings}">
<input type="hidden" name="next" value="${back}">
<p class="setting"><label for="theme">${shell.theme}</label>
<select id="theme" name="theme">${themes.map(
    (one) => html`<option value="${one}"${one === theme ? ' selected' : null}>${shell.themes[one]}</option>`,
  )}</select></p>
<p class="setting"><label for="language">${shell.language}</label>
<select id="language" name="language">${languageChoices.map((one) => languageOption(one, language, shell.anyLanguage))}</select></p>
<button class="button" type="submit">${shell.apply}</button>
</form>`
}

/** A language says its own name, in its own voice. */
function languageOption(one: LanguageChoice, chosen: LanguageChoice, any: string): SafeHtml {
  const selected = one === chosen ? html` selected` : null
  if (one === 'auto') return html`<option value="auto"${selected}>${any}</option>`
  return html`<option value="${one}" lang="${one}"${selected}>${languageNames[one]}</option>`
}
