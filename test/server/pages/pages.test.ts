import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assets } from '../../../src/server/pages/assets.ts'
import { pages as byLanguage } from './states.ts'

const pages = Object.fromEntries(
  Object.entries(byLanguage).flatMap(([language, pages]) =>
    Object.entries(pages).map(([state, page]) => [`${language}: ${state}`, page]),
  ),
)

const voidTags = new Set(['meta', 'link', 'input', 'path', 'circle'])

/** Each tag of a page, its attributes read as a browser would. The pages write no `>` inside a tag. */
interface Tag {
  readonly name: string
  readonly closes: boolean
  readonly attributes: ReadonlyMap<string, string>
}

for (const [state, page] of Object.entries(pages)) {
  describe(state, () => {
    const tags = tagsOf(page)

    test('is well-formed, with one of each landmark and one heading', () => {
      assert.deepEqual(unbalanced(tags), [])
      for (const name of ['main', 'footer', 'h1', 'title', 'body']) assert.equal(named(tags, name).length, 1, name)
      const { lang, theme } = state.startsWith('de') ? { lang: 'de', theme: 'dark' } : { lang: 'en', theme: 'system' }
      assert.ok(page.startsWith(`<!doctype html>\n<html lang="${lang}" data-theme="${theme}">`))
      assert.ok(page.includes(`<meta name="color-scheme" content="${theme === 'dark' ? 'dark' : 'light dark'}">`))
      assert.match(page, /<a class="skip" href="#main">/)
    })

    test('needs nothing inline and calls no other host', () => {
      assert.equal(named(tags, 'style').length, 0)
      assert.equal(named(tags, 'script').length, 1, 'only the linked module')
      for (const tag of tags) {
        for (const [name, value] of tag.attributes) {
          assert.doesNotMatch(name, /^(on|style$|srcdoc$|formaction$)/)
          if (['href', 'src', 'action'].includes(name)) assert.match(value, /^(\/[a-z]*|#)/)
          if (['href', 'src', 'action'].includes(name)) assert.doesNotMatch(value, /^\/\/|[:<>]/)
        }
      }
    })

    test('has no id twice, and every reference to one leads somewhere', () => {
      const ids = tags.flatMap((tag) => tag.attributes.get('id') ?? [])
      assert.deepEqual(ids, [...new Set(ids)])
      for (const tag of tags) {
        for (const name of ['for', 'aria-describedby', 'aria-labelledby']) {
          const target = tag.attributes.get(name)
          if (target !== undefined) assert.ok(ids.includes(target), `${name}="${target}"`)
        }
      }
    })

    test('has theme and language at its foot, and the way back', () => {
      const [form = ''] = /<form class="settings"[\s\S]*?<\/form>/.exec(page) ?? []
      const chosen = [...form.matchAll(/<option value="([a-z]+)"[^>]* selected>/g)].map((match) => match[1])
      assert.deepEqual(chosen, state.startsWith('de') ? ['dark', 'de'] : ['system', 'auto'])
      assert.match(form, /name="next" value="\/[^"]*"/)
    })

    test('labels every field and posts every form', () => {
      const labelled = named(tags, 'label').map((tag) => tag.attributes.get('for'))
      for (const input of [...named(tags, 'input'), ...named(tags, 'select')]) {
        if (input.attributes.get('type') !== 'hidden') assert.ok(labelled.includes(input.attributes.get('id')))
      }
      // The advisor changes nothing: its answers stand in the address, to be linked.
      for (const { attributes } of named(tags, 'form'))
        assert.equal(attributes.get('method'), attributes.get('action') === '/advisor' ? 'get' : 'post')
    })

    test('says nothing that looks like a credential', () => {
      const withoutAssets = page.replaceAll(/\?v=[0-9a-f]{12}/g, '')
      assert.doesNotMatch(withoutAssets, /[\w-]{20,}\.[\w-]+\.[\w-]{20,}/, 'sid.counter.tag, or a JWT')
      assert.doesNotMatch(withoutAssets, /__Host-|Bearer |[0-9a-f]{24,}|\beyJ/)
    })

    test('leaves no hole where a value was missing', () => assert.doesNotMatch(page, /undefined|NaN|\[object|Invalid/))
  })
}

describe('assets', () => {
  test('are linked with their own hash, by every page', () => {
    for (const page of Object.values(pages)) {
      for (const asset of assets) assert.ok(page.includes(`"${asset.path}?v=${asset.hash}"`), asset.path)
    }
  })

  test('load nothing from anywhere', () => {
    for (const asset of assets) {
      assert.doesNotMatch(asset.body, /@import|url\((?!#)|fetch\(|import\(/, asset.path)
      assert.doesNotMatch(
        asset.body.replace('http://www.w3.org/2000/svg', ''),
        /https?:|<\/?script|<\/?style/,
        asset.path,
      )
    }
  })

  test('move nothing for those who asked for stillness', () => {
    const css = assets[0]?.body ?? ''
    const still = css.replace(/@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]|\{[^{}]*\})*\}/g, '')
    assert.doesNotMatch(still, /animation:|transition/)
  })
})

function tagsOf(page: string): readonly Tag[] {
  return [...page.matchAll(/<(\/?)([a-z][a-z0-9]*)([^<>]*)>/gi)].map((match) => ({
    name: match[2] ?? '',
    closes: match[1] === '/',
    attributes: attributesOf(match[3] ?? ''),
  }))
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const found = [...text.matchAll(/([^\s"'=/]+)(?:="([^"]*)")?/g)]
  return new Map(found.map((match) => [match[1] ?? '', match[2] ?? '']))
}

function named(tags: readonly Tag[], name: string): readonly Tag[] {
  return tags.filter((tag) => tag.name === name && !tag.closes)
}

function unbalanced(tags: readonly Tag[]): readonly string[] {
  const open: string[] = []
  for (const tag of tags) {
    if (voidTags.has(tag.name)) continue
    if (!tag.closes) open.push(tag.name)
    else if (open.pop() !== tag.name) return [`</${tag.name}>`]
  }
  return open
}
