import { isJson, type Json, type JsonLimits, parseJson } from '../base/json.ts'
import { type InputOf, isStandardSchema, type OutputOf, type StandardSchema } from '../model/standard-schema.ts'

/**
 * What values a preference has, and how they are written: `oneOf`, `flag`, `wholeNumber`, `text`, `json`.
 *
 * Whatever the text of a cookie is, reading it gives a value of the kind or nothing.
 */
export interface PreferenceKind<Input = unknown, Output = Input> {
  /** What it takes, as the end of a sentence: `takes one of light, dark`. */
  readonly takes: string
  /** What is wrong with the kind itself, in sentences. */
  readonly flaws: readonly string[]
  /** The text of the default; null where the definition must give one. */
  readonly first: string | null
  /** The text of a value, null for what is none of this kind. */
  write(value: unknown): MaybeLater<string | null>
  /** The value of a text, null where it has none. */
  read(text: string): MaybeLater<Read<Output> | null>
  /** Never there at run time. */
  readonly types?: { readonly input: Input; readonly output: Output }
}

/** A kind whose first value is the default where none is given. */
export interface DefaultedKind<Value> extends PreferenceKind<Value> {
  readonly first: string
}

export interface Read<Value> {
  readonly value: Value
}

type MaybeLater<T> = T | Promise<T>

/** One of some texts; the first is the default. */
export function oneOf<const Texts extends readonly [string, ...string[]]>(
  ...texts: Texts
): DefaultedKind<Texts[number]> {
  const isOne = (value: unknown): value is Texts[number] => texts.includes(value as string)
  const flaws: string[] = []
  if (texts.length === 0 || !texts.every(isText)) flaws.push('oneOf() takes one or more texts')
  else if (new Set(texts).size < texts.length) flaws.push('oneOf() has a text twice')
  return {
    takes: `one of ${texts.join(', ')}`,
    flaws,
    first: flaws.length === 0 ? texts[0] : '',
    write: (value) => (isOne(value) ? value : null),
    read: (text) => (isOne(text) ? { value: text } : null),
  }
}

/** Yes or no, written `true` and `false`; no is the default. */
export function flag(): DefaultedKind<boolean> {
  return {
    takes: 'true or false',
    flaws: [],
    first: 'false',
    write: (value) => (typeof value === 'boolean' ? `${value}` : null),
    read: (text) => (text === 'true' || text === 'false' ? { value: text === 'true' } : null),
  }
}

const digits = /^(?:0|-?[1-9][0-9]*)$/

/** A whole number within bounds, both included, written in decimal digits; the lower bound is the default. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }): DefaultedKind<number> {
  const isWithin = (value: unknown): value is number => Number.isSafeInteger(value) && isBetween(value as number)
  const isBetween = (value: number): boolean => value >= min && value <= max
  const bad = !Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max
  return {
    takes: `a whole number from ${min} to ${max}`,
    flaws: bad ? ['wholeNumber() takes { min, max }: whole numbers, min at most max'] : [],
    first: `${min}`,
    // Minus zero is written as zero.
    write: (value) => (isWithin(value) ? `${value}` : null),
    read: (text) => {
      const value = digits.test(text) ? Number(text) : Number.NaN
      return isWithin(value) ? { value } : null
    },
  }
}

/** A text of any characters, at most so many UTF-16 units long; the empty text is the default. */
export function text({ longest }: { readonly longest: number }): DefaultedKind<string> {
  const fits = (value: unknown): value is string => isText(value) && value.length <= longest
  return {
    takes: `a text of at most ${longest} characters`,
    flaws:
      Number.isSafeInteger(longest) && longest >= 1 ? [] : ['text() takes { longest }: a whole number, at least 1'],
    first: '',
    write: (value) => (fits(value) ? value : null),
    read: (value) => (fits(value) ? { value } : null),
  }
}

const limits: JsonLimits = Object.freeze({ length: 65_536, depth: 16, values: 10_000 })

/**
 * JSON data that a Standard Schema lets through (zod, valibot, arktype). Has no default of its own.
 *
 * What is stored is what the schema takes; what it makes of it (trimmed, converted, filled in) is made anew at each reading, so a schema
 * that changes applies to what is stored already. At most 65 536 characters, 16 levels and 10 000 values.
 */
export function json<Schema extends StandardSchema>(schema: Schema): PreferenceKind<InputOf<Schema>, OutputOf<Schema>> {
  async function read(stored: string): Promise<Read<OutputOf<Schema>> | null> {
    const parsed = parseJson(stored, limits)
    const value = parsed === undefined ? undefined : withPrototypes(parsed)
    if (value === undefined) return null
    const result = await schema['~standard'].validate(value)
    return result.issues === undefined ? { value: result.value as OutputOf<Schema> } : null
  }

  return {
    takes: `JSON data that its schema lets through, at most ${limits.length} characters`,
    flaws: isStandardSchema(schema) ? [] : ['json() takes a Standard Schema: of zod, valibot, arktype or another'],
    first: null,
    // Only what can be read again is written.
    write: async (value) => {
      const stored = isJson(value) ? JSON.stringify(value) : null
      return stored !== null && (await read(stored)) !== null ? stored : null
    },
    read,
  }
}

/** Plain objects, as schemas and applications expect them; undefined where a member named `__proto__` would be in the way of copies. */
function withPrototypes(value: Json): Json | undefined {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => [name, withPrototypes(item as Json)] as const)
  if (entries.some(([name, item]) => name === '__proto__' || item === undefined)) return undefined
  return Array.isArray(value)
    ? entries.map(([, item]) => item as Json)
    : Object.fromEntries(entries as readonly (readonly [string, Json])[])
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}
