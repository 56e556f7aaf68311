import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type HtmlValue, html, render } from '../../../src/server/pages/html.ts'

describe('html', () => {
  test('escapes text and attributes, keeps HTML of its own', () => {
    const inner = html`<b title="${'"\''}">${'<i>&'}</b>`
    assert.equal(render(html`<p>${inner}</p>`), '<p><b title="&quot;&#39;">&lt;i&gt;&amp;</b></p>')
  })

  test('joins lists, writes numbers, leaves out null and undefined', () => {
    const items = [html`<li>${1}</li>`, [html`<li>${'a<b'}</li>`], null, undefined]
    assert.equal(render(html`<ul>${items}</ul>${null}`), '<ul><li>1</li><li>a&lt;b</li></ul>')
  })

  test('nothing that a stranger writes leaves its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inside = render(html`${text}`)
        assert.doesNotMatch(inside, /[<>"']/)
        assert.equal(unescaped(inside), text)
      }),
    )
  })

  test('a parsed JSON body never passes for HTML', () => {
    for (const body of ['{"html":"<b>"}', '{"Symbol(safe html)":"<b>"}', '{"length":1}']) {
      const forged = JSON.parse(body) as HtmlValue
      assert.throws(() => html`${forged}`, TypeError)
    }
  })

  test('refuses an attribute without quotes', () => {
    assert.throws(() => html`<p title=${'a onclick=b'}>`, TypeError)
  })
})

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
