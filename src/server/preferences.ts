import type { RequestHead } from '../base/head.ts'
import { readCookies } from '../http/cookie.ts'
import { oneOf } from '../http/preference-kind.ts'
import { preferences } from '../http/preferences.ts'
import type { Visit } from '../http/visit.ts'
import { type Theme, themes } from './pages/theme.ts'
import { type LanguageChoice, languageChoices } from './pages/words/language.ts'

/** How somebody wants to see the pages. */
export interface Choices {
  readonly theme: Theme
  readonly language: LanguageChoice
}

const kept = preferences({ theme: oneOf(...themes), language: oneOf(...languageChoices) })

/** What the sender of this request has chosen. No I/O. */
export function choicesOf({ session }: Visit): Promise<Choices> {
  return kept.of(session).all()
}

/** Remembers what is named, in cookies; begins no session. @throws Fault `head_sent` */
export async function choose({ session }: Visit, { theme, language }: Partial<Choices>): Promise<void> {
  if (theme !== undefined) await kept.of(session).set('theme', theme)
  if (language !== undefined) await kept.of(session).set('language', language)
}

/** The choices of a request that has not been let in. */
export function choicesAt(head: RequestHead, insecureHttp: boolean): Choices {
  const names = ['theme', 'language'].map((name) => (insecureHttp ? name : `__Host-${name}`))
  const [theme, language] = readCookies(head.header('cookie'), names)
  return {
    theme: themes.find((one) => one === theme) ?? themes[0],
    language: languageChoices.find((one) => one === language) ?? languageChoices[0],
  }
}
