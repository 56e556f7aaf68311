/** The last code point: begins what is not written as itself. */
const mark = '\u{10FFFF}'

/**
 * Any text as one that has UTF-8, is equal only to that of itself, and has the order of `compareText`: what begins with the mark has another letter behind it, and lone surrogates, which have no
 * UTF-8, are written as numbers.
 */
export function encodeText(text: string): string {
  if (!text.isWellFormed()) {
    const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0'))
    return `${mark}b${units.join('')}`
  }
  return text.startsWith(mark) ? `${mark}a${text.slice(mark.length)}` : text
}

export function decodeText(text: string): string {
  if (!text.startsWith(mark)) return text
  const rest = text.slice(mark.length + 1)
  if (text.charAt(mark.length) === 'a') return mark + rest
  return String.fromCharCode(...(rest.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))
}
