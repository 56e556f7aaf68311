/**
 * The same text in memory of its own: a slice keeps the whole that it was cut from, and a concatenation its parts. For the keys of what lives long.
 *
 * UTF-16, so that lone surrogates stay as they are; the engine keeps it with one byte a character where that is enough.
 */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
