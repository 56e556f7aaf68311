/** A header line to be added to a response. */
export type HeaderLine = readonly [name: string, value: string]

/** A head under construction, in whatever framework. */
export interface OutgoingHead {
  get(name: string): readonly string[]
  set(name: string, value: string | string[]): void
}

/** Adds Set-Cookie lines to those that are there, merges Vary, replaces every other name. Adding twice is adding once. */
export function addLines(head: OutgoingHead, lines: readonly HeaderLine[]): void {
  for (const [name, value] of lines) {
    const held = head.get(name)
    const lower = name.toLowerCase()
    if (lower === 'vary') head.set(name, mergeVary(held, value))
    else if (lower !== 'set-cookie') head.set(name, value)
    else if (!held.includes(value)) head.set(name, [...held, value])
  }
}

/** RFC 9110 12.5.5: `*` stands for everything. */
export function mergeVary(held: readonly string[], added: string): string {
  const names = new Map<string, string>()
  for (const item of [...held, added].join(',').split(',')) {
    const name = item.trim()
    if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  return names.has('*') ? '*' : [...names.values()].join(', ')
}
