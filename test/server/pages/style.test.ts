import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { style } from '../../../src/server/pages/style.ts'

/** What is read on what (WCAG 1.4.3: 4.5 to 1), and what only has to be seen (1.4.11: 3 to 1). */
const pairs: readonly { readonly front: string; readonly back: string; readonly least: number }[] = [
  ...['paper', 'sheet'].flatMap((back) => ['text', 'quiet', 'ink'].map((front) => ({ front, back, least: 4.5 }))),
  ...['sunk', 'good-wash', 'bad-wash'].map((back) => ({ front: 'text', back, least: 4.5 })),
  { front: 'ink', back: 'sunk', least: 4.5 },
  { front: 'on-ink', back: 'ink', least: 4.5 },
  { front: 'on-ink', back: 'ink-strong', least: 4.5 },
  { front: 'on-bad', back: 'bad', least: 4.5 },
  { front: 'good', back: 'good-wash', least: 4.5 },
  { front: 'bad', back: 'bad-wash', least: 4.5 },
  { front: 'edge', back: 'sheet', least: 3 },
  { front: 'edge', back: 'paper', least: 3 },
]

describe('style', () => {
  for (const theme of ['light', 'dark'] as const)
    test(`${theme}: everything stands out enough`, () => {
      const colours = tokensOf(theme)
      for (const { front, back, least } of pairs) {
        const ratio = contrast(colours.get(front) ?? '', colours.get(back) ?? '')
        assert.ok(ratio >= least, `${front} on ${back}: ${ratio.toFixed(2)}`)
      }
    })

  test('the chosen theme and that of the system are the same', () => {
    const system = /prefers-color-scheme: dark\) \{\s*:root\[data-theme="system"\] \{([^}]*)\}/.exec(style)?.[1]
    const chosen = /:root\[data-theme="dark"\] \{ color-scheme: dark;([^}]*)\}/.exec(style)?.[1]
    assert.ok(system !== undefined)
    assert.match(system, /--paper/)
    assert.equal(system.trim(), chosen?.trim())
    assert.match(style, /:root\[data-theme="light"\] \{ color-scheme: light; \}/)
  })
})

function tokensOf(theme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const start = theme === 'light' ? ':root {' : ':root[data-theme="dark"] {'
  const from = style.indexOf(start)
  const block = style.slice(from, style.indexOf('}', from))
  return new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1] ?? '', match[2] ?? '']))
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
