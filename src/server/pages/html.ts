const markup: unique symbol = Symbol('safe html')

/** A piece of HTML that only {@link html} can make: a parsed JSON body never passes for one. */
export interface SafeHtml {
  readonly [markup]: string
}

/** What may stand in a template: text is escaped, `null` and `undefined` leave nothing, lists are joined. */
export type HtmlValue = string | number | SafeHtml | null | undefined | readonly HtmlValue[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Makes HTML from a template. Every value is escaped for text and for quoted attributes alike.
 * Does not judge URLs: never put a value of a stranger into `href` or `src`.
 *
 * @throws TypeError for an attribute without quotes, which no escaping can hold.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  let text = strings[0] ?? ''
  for (const [index, value] of values.entries()) {
    if (text.endsWith('=')) throw new TypeError('html: put quotes around the attribute')
    text += written(value) + (strings[index + 1] ?? '')
  }
  return { [markup]: text }
}

/** Gives the text of a page to send. */
export function render(page: SafeHtml): string {
  return page[markup]
}

function written(value: HtmlValue): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => entities[character] ?? '')
  if (typeof value === 'number') return String(value)
  if (isList(value)) return value.map(written).join('')
  if (Object.hasOwn(value, markup)) return value[markup]
  throw new TypeError('html: an object is neither text nor HTML')
}

function isList(value: SafeHtml | readonly HtmlValue[]): value is readonly HtmlValue[] {
  return Array.isArray(value)
}
