/** Begins the bytes of text that has no UTF-8; never occurs in UTF-8, and sorts after all of it. */
const mark = 0xff

/**
 * Any text as bytes that are equal only to those of itself, in the order of `compareText`: UTF-8, or the UTF-16 units behind a mark where lone surrogates have none.
 */
export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  return Buffer.concat([Buffer.of(mark), Buffer.from(text, 'utf16le').swap16()])
}

export function textOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes)
  return buffer[0] === mark ? buffer.subarray(1).swap16().toString('utf16le') : buffer.toString()
}
