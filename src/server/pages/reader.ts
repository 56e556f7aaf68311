import type { Theme } from './theme.ts'
import type { LanguageChoice } from './words/language.ts'
import type { Words } from './words/words.ts'

/** Who reads a page: in which words and colours. */
export interface Reader {
  readonly words: Words
  readonly theme: Theme
  /** What was chosen; the words are of that language. */
  readonly language: LanguageChoice
  /** Path to come back to after a change of language or theme. */
  readonly back: string
}
