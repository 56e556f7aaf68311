import { Fault, isFault } from '../base/fault.ts'
import type { Json } from '../base/json.ts'
import type { SchemaIssue, SchemaResult, StandardSchema } from '../model/standard-schema.ts'

/** As stored. */
export type Values = ReadonlyMap<string, Json>

/** What the schema makes of it. */
export type Outputs = ReadonlyMap<string, unknown>

export interface Readable {
  readonly outputs: Outputs
  /** Keys whose values the schema does not take. */
  readonly misfits: readonly string[]
}

/**
 * What the schema makes of values that an application wants to store.
 *
 * @throws Fault `invalid_value` naming a key, what the schema says of it, and never the value
 */
export async function judge(schema: StandardSchema | null, values: Values): Promise<Outputs> {
  if (schema === null || values.size === 0) return values
  const result = await ask(schema, values)
  if (result.issues !== undefined) throw misfit(values, result.issues)
  const outputs = outputsOf(result.value)
  for (const key of values.keys())
    if (!outputs.has(key))
      throw new Fault('invalid_value', `${JSON.stringify(key)} is not a key of the session data's schema.`)
  return outputs
}

/**
 * What the schema makes of stored values, its defaults included. A value that it does not take is left out, and takes no other along.
 *
 * @throws Fault `invalid_value` when the schema itself throws
 */
export async function readAll(schema: StandardSchema | null, values: Values): Promise<Readable> {
  if (schema === null) return { outputs: values, misfits: [] }
  const whole = await ask(schema, values)
  if (whole.issues === undefined) return { outputs: outputsOf(whole.value), misfits: [] }
  const fitting = new Map<string, Json>()
  const alone = new Map<string, unknown>()
  const misfits: string[] = []
  for (const [key, value] of values) {
    const result = await ask(schema, new Map([[key, value]]))
    if (result.issues !== undefined) misfits.push(key)
    else {
      fitting.set(key, value)
      const outputs = outputsOf(result.value)
      if (outputs.has(key)) alone.set(key, outputs.get(key))
    }
  }
  const rest = await ask(schema, fitting)
  if (rest.issues === undefined) return { outputs: outputsOf(rest.value), misfits }
  // A rule about several keys at once is broken: each stands for itself, as when it was stored.
  const defaults = await ask(schema, new Map())
  return { outputs: new Map([...(defaults.issues === undefined ? outputsOf(defaults.value) : []), ...alone]), misfits }
}

/** Whether the schema takes one stored value. */
export async function takes(schema: StandardSchema, key: string, value: Json): Promise<boolean> {
  const result = await ask(schema, new Map([[key, value]]))
  return result.issues === undefined && outputsOf(result.value).has(key)
}

/** What is wrong with the schema's answer to the data of a new session, which is none; null when nothing is. */
export function emptyFinding(result: SchemaResult<unknown>): string | null {
  const advice = 'a new session has no data: make every key optional or give it a default'
  if (result.issues !== undefined) {
    const said = result.issues.map(({ message, path = [] }) => [...path.map(nameOf), message].join(': '))
    return `data must take {}, because ${advice} (${said.join('; ')})`
  }
  return typeof result.value === 'object' && result.value !== null ? null : 'data must be the schema of an object'
}

async function ask(schema: StandardSchema, values: Values): Promise<SchemaResult<unknown>> {
  // Without a prototype, `__proto__` is a key like any other, and `toString` is not there by itself.
  const object: { [key: string]: Json } = Object.create(null)
  for (const [key, value] of values) object[key] = value
  try {
    return await schema['~standard'].validate(object)
  } catch (error) {
    if (isFault(error)) throw error
    throw new Fault('invalid_value', `The schema of the session data threw ${kindOf(error)}.`)
  }
}

function outputsOf(value: unknown): Outputs {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

function misfit(values: Values, issues: readonly SchemaIssue[]): Fault {
  const [first] = issues
  const [only, ...others] = values.keys()
  const path = (first?.path ?? []).map(nameOf)
  const key = path[0] ?? (others.length === 0 ? only : undefined)
  const where = key === undefined ? 'The session data' : `The value of ${JSON.stringify(key)}`
  const said = withoutValues(first?.message ?? '', values)
  return new Fault('invalid_value', `${where} is not what the schema takes${said === '' ? '.' : `: ${said}`}`)
}

/** Some libraries quote the value that they were given: it must not get into an error. */
function withoutValues(message: string, values: Values): string {
  const said = message.replace(/\s*(?:\(was\b|(?:but |, )?received\b).*$/su, '')
  return [...values.values()].flatMap(textsIn).some((text) => said.includes(text)) ? '' : said.slice(0, 200)
}

function textsIn(value: Json): string[] {
  if (value === null || typeof value === 'boolean') return []
  if (typeof value !== 'object') {
    const text = String(value)
    return text === '' ? [] : [text, JSON.stringify(text).slice(1, -1)]
  }
  return Array.isArray(value)
    ? value.flatMap(textsIn)
    : Object.entries(value).flatMap(([name, item]) => [...textsIn(name), ...textsIn(item)])
}

function nameOf(step: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof step === 'object' ? step.key : step)
}

/** Not its message: that may quote data. */
export function kindOf(error: unknown): string {
  return error instanceof Error ? `a ${error.name}` : `a ${typeof error}`
}
