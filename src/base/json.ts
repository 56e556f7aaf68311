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

/** Two values are never nearer to each other than this many characters. */
const leastForValue = 2

/**
 * The same for text that a machine has most likely written, and that may cost an exception where it is none (a token whose signature holds): several times faster for text without white space and
 * without escapes, and as `parseJson` for everything else. Objects may have the ordinary prototype, as long as nobody has put anything into it.
 */
export function parseWrittenJson(text: string, limits: JsonLimits = smallJson): Json | undefined {
  const plain = text.length <= Math.min(limits.length, limits.values * leastForValue) && !isOdd(text)
  return (plain ? readWritten(text, limits.depth) : undefined) ?? parseJson(text, limits)
}

const oddities = ['\\', ' ', '\n', '\r', '\t']

/** Escapes; white space, which between a name and its colon would hide the name from `countNames`; half of a pair. */
function isOdd(text: string): boolean {
  for (const oddity of oddities) if (text.includes(oddity)) return true
  return !text.isWellFormed()
}

/** A member that is named twice is one member in the value, and two names in the text. */
function readWritten(text: string, depth: number): Json | undefined {
  for (const _polluted in {}) return undefined
  try {
    const value = JSON.parse(text) as Json
    return countMembers(value, depth) === countNames(text) ? value : undefined
  } catch {
    return undefined
  }
}

/** At least as many as there are names: a text value that begins with a colon counts too. */
function countNames(text: string): number {
  let count = 0
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) count++
  return count
}

const tooMuch = Number.NEGATIVE_INFINITY

/** Minus infinity where something is nested deeper, or a number is beyond what a double holds. */
function countMembers(value: Json, depth: number): number {
  if (typeof value === 'string') return 0
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : tooMuch
  if (typeof value !== 'object' || value === null) return 0
  if (depth <= 0) return tooMuch
  let count = 0
  const items = Array.isArray(value) ? value : Object.values(value)
  for (const item of items) count += countMembers(item as Json, depth - 1)
  return items === value ? count : count + items.length
}

interface Reader {
  readonly text: string
  at: number
  left: number
  depth: number
}

const flaw = Symbol('not strict JSON')
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

/** By code, not by character: twice as fast, and this stands on the hot path. Past the end of the text the code is NaN. */
const code = Object.freeze({
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  f: 0x66,
  n: 0x6e,
  t: 0x74,
  openObject: 0x7b,
  closeObject: 0x7d,
})

function readValue(reader: Reader): Json {
  skipSpace(reader)
  if (reader.left-- <= 0) throw flaw
  switch (reader.text.charCodeAt(reader.at)) {
    case code.openObject:
      return nested(reader, readObject)
    case code.openArray:
      return nested(reader, readArray)
    case code.quote:
      return readString(reader)
    case code.t:
      return readWord(reader, 'true', true)
    case code.f:
      return readWord(reader, 'false', false)
    case code.n:
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
  if (take(reader, code.closeObject)) return object
  do {
    skipSpace(reader)
    const name = readString(reader)
    if (name in object) throw flaw
    skipSpace(reader)
    if (!take(reader, code.colon)) throw flaw
    object[name] = readValue(reader)
    skipSpace(reader)
  } while (take(reader, code.comma))
  if (!take(reader, code.closeObject)) throw flaw
  return object
}

function readArray(reader: Reader): Json {
  const array: Json[] = []
  skipSpace(reader)
  if (take(reader, code.closeArray)) return array
  do {
    array.push(readValue(reader))
    skipSpace(reader)
  } while (take(reader, code.comma))
  if (!take(reader, code.closeArray)) throw flaw
  return array
}

function readString(reader: Reader): string {
  if (!take(reader, code.quote)) throw flaw
  const from = reader.at
  let escaped = false
  let at = from
  for (;;) {
    const next = reader.text.charCodeAt(at)
    if (next === code.quote) break
    if (!(next >= code.space)) throw flaw
    if (next === code.backslash) {
      escaped = true
      at++
    }
    at++
  }
  reader.at = at + 1
  const text = reader.text.slice(from, at)
  return escaped ? withoutEscapes(text) : text
}

function withoutEscapes(text: string): string {
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
  if (!number.test(reader.text)) throw flaw
  const value = Number(reader.text.slice(reader.at, number.lastIndex))
  if (!Number.isFinite(value)) throw flaw
  reader.at = number.lastIndex
  return value
}

function readWord<T>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw flaw
  reader.at += word.length
  return value
}

function take(reader: Reader, wanted: number): boolean {
  if (reader.text.charCodeAt(reader.at) !== wanted) return false
  reader.at++
  return true
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const next = reader.text.charCodeAt(reader.at)
    if (next !== code.space && next !== code.lineFeed && next !== code.carriageReturn && next !== code.tab) return
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
