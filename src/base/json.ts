/** JSON values, and a parser for text from strangers: strict, bounded, no member twice. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export interface JsonLimits {
  /** Longest text, in UTF-16 units. */
  readonly length: number
  /** Deepest nesting of arrays and objects. */
  readonly depth: number
  /** Most values, counted everywhere. */
  readonly values: number
}

export const smallJson: JsonLimits = Object.freeze({ length: 16_384, depth: 8, values: 1_000 })

/**
 * Parses RFC 8259 JSON within limits.
 *
 * Refuses what readers disagree on: a member named twice (RFC 7519 section 4), lone surrogates, a byte order mark, and numbers beyond
 * what a double holds. Objects are made without a prototype, so `__proto__` is a name like any other.
 *
 * @returns undefined when the text is not such JSON. Linear in the length of the text.
 */
export function parseJson(text: string, limits: JsonLimits = smallJson): Json | undefined {
  if (text.length > limits.length || !text.isWellFormed()) return undefined
  const reader: Reader = { text, at: 0, left: limits.values, depth: limits.depth }
  try {
    const value = readValue(reader)
    skipSpace(reader)
    return reader.at === text.length ? value : undefined
  } catch (error) {
    if (error === flaw) return undefined
    throw error
  }
}

interface Reader {
  readonly text: string
  at: number
  left: number
  depth: number
}

const flaw = Symbol('not strict JSON')
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what JSON strings may not hold
const plain = /[^"\\\u0000-\u001f]*/y

function readValue(reader: Reader): Json {
  skipSpace(reader)
  if (reader.left-- <= 0) throw flaw
  switch (reader.text[reader.at]) {
    case '{':
      return nested(reader, readObject)
    case '[':
      return nested(reader, readArray)
    case '"':
      return readString(reader)
    case 't':
      return readWord(reader, 'true', true)
    case 'f':
      return readWord(reader, 'false', false)
    case 'n':
      return readWord(reader, 'null', null)
    default:
      return readNumber(reader)
  }
}

function nested(reader: Reader, read: (reader: Reader) => Json): Json {
  if (reader.depth-- <= 0) throw flaw
  reader.at++
  const value = read(reader)
  reader.depth++
  return value
}

function readObject(reader: Reader): Json {
  const object: { [name: string]: Json } = Object.create(null)
  skipSpace(reader)
  if (take(reader, '}')) return object
  do {
    skipSpace(reader)
    const name = readString(reader)
    if (name in object) throw flaw
    skipSpace(reader)
    if (!take(reader, ':')) throw flaw
    object[name] = readValue(reader)
    skipSpace(reader)
  } while (take(reader, ','))
  if (!take(reader, '}')) throw flaw
  return object
}

function readArray(reader: Reader): Json {
  const array: Json[] = []
  skipSpace(reader)
  if (take(reader, ']')) return array
  do {
    array.push(readValue(reader))
    skipSpace(reader)
  } while (take(reader, ','))
  if (!take(reader, ']')) throw flaw
  return array
}

function readString(reader: Reader): string {
  if (!take(reader, '"')) throw flaw
  const from = reader.at
  let escaped = false
  for (;;) {
    plain.lastIndex = reader.at
    plain.test(reader.text)
    reader.at = plain.lastIndex
    if (take(reader, '"')) break
    if (reader.text[reader.at] !== '\\') throw flaw
    escaped = true
    reader.at += 2
  }
  const text = reader.text.slice(from, reader.at - 1)
  return escaped ? unescapeText(text) : text
}

function unescapeText(text: string): string {
  let value: string
  try {
    value = JSON.parse(`"${text}"`)
  } catch {
    throw flaw
  }
  if (!value.isWellFormed()) throw flaw
  return value
}

function readNumber(reader: Reader): number {
  number.lastIndex = reader.at
  const found = number.exec(reader.text)
  if (found === null) throw flaw
  reader.at = number.lastIndex
  const value = Number(found[0])
  if (!Number.isFinite(value)) throw flaw
  return value
}

function readWord<T>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw flaw
  reader.at += word.length
  return value
}

function take(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false
  reader.at++
  return true
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const character = reader.text[reader.at]
    if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return
    reader.at++
  }
}

/** Whether the value is JSON data through and through: finite numbers, plain objects and arrays, no cycle deeper than the limit. */
export function isJson(value: unknown, depth: number = 64): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth <= 0) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return false
  return Object.values(value).every((item) => isJson(item, depth - 1))
}
