import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { reasons } from '../../../src/base/reasons.ts'
import { render, type SafeHtml } from '../../../src/server/pages/html.ts'
import { english } from '../../../src/server/pages/words/english.ts'
import { german } from '../../../src/server/pages/words/german.ts'
import { acceptedLanguage } from '../../../src/server/pages/words/language.ts'

const asked: readonly (readonly [header: string | undefined, language: 'en' | 'de'])[] = [
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['DE-at', 'de'],
  ['de-Latn-CH-1996', 'de'],
  ['en-GB,en;q=0.9,de;q=0.8', 'en'],
  ['de-DE,de;q=0.9,en;q=0.8', 'de'],
  ['fr, de;q=0.5, en;q=0.4', 'de'],
  ['en;q=0.1, de;q=0.2', 'de'],
  ['de;q=0', 'en'],
  ['de;q=0.000, en;q=0', 'en'],
  ['*', 'en'],
  ['fr', 'en'],
  ['en, de', 'en'],
  ['de, en', 'de'],
  ['de ; q=1.000', 'de'],
  ['de;q=1.5', 'en'],
  ['de;q=x, en', 'en'],
  ['den', 'en'],
  [`${'xx,'.repeat(16)}de`, 'en'],
  [`${' '.repeat(600)}de`, 'en'],
]

describe('language', () => {
  for (const [header, language] of asked)
    test(`${JSON.stringify(header)?.slice(0, 40)}: ${language}`, () => assert.equal(acceptedLanguage(header), language))

  test('whatever is asked for, one of ours is given', () => {
    const part = fc.constantFrom('de', 'en', ';q=', '0.5', ',', '-', '*', ' ')
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
        assert.ok(['en', 'de'].includes(acceptedLanguage(parts.join(''))))
      }),
    )
    assert.equal(acceptedLanguage(`${'-'.repeat(1_000_000)},de`), 'en')
  })

  test('every refusal has words in both, and they are not the same', () => {
    for (const reason of Object.keys(reasons) as (keyof typeof reasons)[])
      for (const part of ['title', 'detail'] as const) {
        assert.ok(english.reasons[reason][part].length > 5 && german.reasons[reason][part].length > 5, reason)
        assert.notEqual(english.reasons[reason][part], german.reasons[reason][part], reason)
      }
  })

  test('no sentence was left in English, and none addresses the reader by a form of you', () => {
    const untranslated = new Set(['Name'])
    const said = textsOf(german)
    const inEnglish = new Map(textsOf(english))
    assert.ok(said.length > 100)
    for (const [path, text] of said) {
      if (untranslated.has(text) || /^[a-z]{2}(-[A-Z]{2})?$/.test(text)) continue
      assert.notEqual(text, inEnglish.get(path), path)
      assert.doesNotMatch(text, /\b(Sie haben|Ihre?n?|du|dein\w*)\b/, path)
    }
  })
})

/** Every text that needs no argument, by its place in the dictionary. */
function textsOf(words: object, path = ''): readonly (readonly [path: string, text: string])[] {
  return Object.entries(words).flatMap(([name, value]) => {
    const place = `${path}.${name}`
    if (typeof value === 'string') return [[place, value] as const]
    if (typeof value !== 'object' || value === null) return []
    return Object.getOwnPropertySymbols(value).length > 0
      ? [[place, render(value as SafeHtml)] as const]
      : textsOf(value as object, place)
  })
}
