import { Fault, isFault } from '../base/fault.ts'
import type { Json } from '../base/json.ts'
import { isStandardSchema, type StandardSchema } from '../model/standard-schema.ts'
import { emptyFinding, kindOf } from './data-schema.ts'

export type DataRecord = Readonly<Record<string, Json>>

/** By version: what lifts data of that version to the next one. */
export type Migrations = Readonly<Record<number, (data: DataRecord) => DataRecord>>

/** What an application says about its session data. */
export interface DataRules {
  readonly schema: StandardSchema | null
  /** Of the shape that this code reads and writes. */
  readonly version: number
  readonly migrate: Migrations
  /** Tells the operator, once for each topic. */
  warn(topic: string, sentence: string): void
}

export interface DataOptions {
  readonly data?: unknown
  readonly dataVersion?: number | undefined
  readonly migrate?: Migrations | undefined
}

const mostWarnings = 100

export function defineData(options: DataOptions, findings: string[]): DataRules {
  const { data, dataVersion = 1, migrate = {} } = options
  if (data !== undefined) findings.push(...schemaFindings(data))
  if (!Number.isSafeInteger(dataVersion) || dataVersion < 1)
    findings.push('dataVersion must be a whole number from 1 on')
  else findings.push(...migrationFindings(dataVersion, migrate))
  const told = new Set<string>()
  return {
    schema: isStandardSchema(data) ? data : null,
    version: dataVersion,
    migrate,
    warn: (topic, sentence) => {
      if (told.has(topic) || told.size >= mostWarnings) return
      told.add(topic)
      process.emitWarning(sentence, 'HandstampData')
    },
  }
}

/** For schemas that answer later. @throws Fault `invalid_option` */
export async function checkLateSchema({ schema }: DataRules): Promise<void> {
  if (schema === null) return
  const answer = emptyAnswer(schema)
  if (!(answer instanceof Promise)) return
  const finding = await answer
  if (finding !== null) throw new Fault('invalid_option', `handstamp() cannot use these options:\n- ${finding}`)
}

function schemaFindings(data: unknown): string[] {
  if (!isStandardSchema(data))
    return ['data must be a Standard Schema of an object, e.g. z.object({ theme: z.string().optional() }) of zod']
  const answer = emptyAnswer(data)
  // Asked again as the backend opens.
  return answer === null || answer instanceof Promise ? [] : [answer]
}

function emptyAnswer(schema: StandardSchema): string | null | Promise<string | null> {
  const threw = (error: unknown): string => `data must take {}, but its schema threw ${kindOf(error)}`
  try {
    const result = schema['~standard'].validate({})
    return result instanceof Promise ? result.then(emptyFinding, threw) : emptyFinding(result)
  } catch (error) {
    if (isFault(error)) throw error
    return threw(error)
  }
}

function migrationFindings(version: number, migrate: unknown): string[] {
  if (typeof migrate !== 'object' || migrate === null)
    return ['migrate must be an object like { 1: (data) => newer data }']
  const findings = Object.keys(migrate)
    .filter((name) => !/^[1-9][0-9]*$/.test(name) || Number(name) >= version)
    .map((name) => `migrate[${name}] is not a version below dataVersion, which is ${version}`)
  for (let from = 1; from < version && findings.length < 10; from++)
    if (typeof Reflect.get(migrate, from) !== 'function')
      findings.push(`migrate[${from}] must be a function: it lifts session data of version ${from} to ${from + 1}`)
  return findings
}
