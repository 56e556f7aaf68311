import { english } from './english.ts'
import { german } from './german.ts'
import type { Words } from './words.ts'

/** The languages of the pages, each with its own name for itself. */
export const languageNames = { en: 'English', de: 'Deutsch' } as const

export type Language = keyof typeof languageNames

const languages = ['en', 'de'] as const satisfies readonly Language[]

/** `auto` asks the reader's browser. */
export const languageChoices = ['auto', ...languages] as const

export type LanguageChoice = (typeof languageChoices)[number]

const dictionaries: Readonly<Record<Language, Words>> = { en: english, de: german }

export function wordsOf(language: Language): Words {
  return dictionaries[language]
}

const longestHeader = 512
const mostRanges = 16
const rangeText = /^([a-z]{1,8})(?:-[a-z0-9-]{1,64})?[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/

/**
 * The language of ours that an `Accept-Language` asks for most (RFC 9110 12.5.4); English where it asks for none. `de-AT` is German; what cannot be read counts
 * for nothing. Looks at 512 characters and 16 ranges.
 */
export function acceptedLanguage(header: string | undefined): Language {
  const ranges = (header ?? '').slice(0, longestHeader).toLowerCase().split(',', mostRanges)
  let best: Language = 'en'
  let most = 0
  for (const range of ranges) {
    const [, primary, quality = '1'] = rangeText.exec(range.trim()) ?? []
    const language = languages.find((one) => one === primary)
    if (language === undefined || Number(quality) <= most) continue
    best = language
    most = Number(quality)
  }
  return best
}
