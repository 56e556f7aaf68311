import { Fault } from '../base/fault.ts'
import { isJson, type Json } from '../base/json.ts'
import { isReservedKey, versionKey } from '../engine/data.ts'
import type { DataEntry } from '../model/session.ts'
import type { DataChanges } from '../model/store.ts'
import type { DataRecord, DataRules } from './data-rules.ts'
import { kindOf, takes, type Values } from './data-schema.ts'

/** Data of one session as it was read, seen from the version that this code knows. */
export interface StoredData {
  readonly entries: ReadonlyMap<string, DataEntry>
  readonly version: number
  readonly age: 'present' | 'older' | 'newer'
  /** Without our own keys; lifted, if it is older. */
  readonly values: Values
}

/** What an application wants changed. */
export type Wish = Pick<DataChanges, 'set' | 'remove'>

/** @throws Fault `invalid_value` when a migration fails */
export function understand(rules: DataRules, entries: ReadonlyMap<string, DataEntry>): StoredData {
  const version = versionOf(entries)
  const raw = new Map([...entries].flatMap(([key, { value }]) => (isReservedKey(key) ? [] : [[key, value] as const])))
  if (version > rules.version) return { entries, version, age: 'newer', values: raw }
  if (version === rules.version) return { entries, version, age: 'present', values: raw }
  return { entries, version, age: 'older', values: raw.size === 0 ? raw : lift(rules, raw, version) }
}

function versionOf(entries: ReadonlyMap<string, DataEntry>): number {
  const version = entries.get(versionKey)?.value ?? 1
  return typeof version === 'number' && Number.isSafeInteger(version) && version > 0 ? version : 1
}

function lift(rules: DataRules, raw: Values, from: number): Values {
  let data: DataRecord = Object.fromEntries(raw)
  for (let version = from; version < rules.version; version++) data = step(rules, data, version)
  return new Map(Object.entries(data))
}

function step({ migrate }: DataRules, data: DataRecord, version: number): DataRecord {
  const failed = (how: string): Fault =>
    new Fault('invalid_value', `migrate[${version}] ${how}. The session data stays as it is, and cannot be read.`)
  let next: unknown
  try {
    next = migrate[version]?.(data)
  } catch (error) {
    throw failed(`threw ${kindOf(error)}`)
  }
  if (!isJson(next) || typeof next !== 'object' || next === null || Array.isArray(next))
    throw failed('did not give an object of JSON data')
  if (Object.keys(next).some(isReservedKey)) throw failed('gave a key that is not for applications')
  return next as DataRecord
}

/** With the version that it has. */
export function labelled(rules: DataRules, data: DataRecord, version: number = rules.version): DataRecord {
  return version === 1 || Object.keys(data).length === 0 ? data : { ...data, [versionKey]: version }
}

/**
 * The patch that carries out a wish on data as it was read, or on nothing that was changed since.
 *
 * Older data is written in the present shape in the same step, only where nothing at all has changed since it was read: so no shapes are mixed,
 * and what older code has set meanwhile is lifted at the next attempt. In newer data only what the schema recognises is overwritten.
 *
 * @throws Fault `newer_schema` (503): nothing was changed
 */
export async function plan(rules: DataRules, stored: StoredData, wish: Wish): Promise<DataChanges> {
  const { entries, age } = stored
  const expected = new Map([[versionKey, entries.get(versionKey)?.version ?? 0]])
  switch (age) {
    case 'present':
      return { ...wish, expected }
    case 'older':
      return lifting(rules, stored, wish)
    case 'newer': {
      const keys = [...wish.set.keys(), ...wish.remove]
      for (const key of keys) {
        await checkRecognised(rules, stored, key, wish)
        expected.set(key, entries.get(key)?.version ?? 0)
      }
      return { ...wish, expected }
    }
  }
}

function lifting(rules: DataRules, { entries, values }: StoredData, wish: Wish): DataChanges {
  const set = new Map<string, Json>([...values, [versionKey, rules.version]])
  for (const key of wish.remove) set.delete(key)
  for (const [key, value] of wish.set) set.set(key, value)
  const gone = [...entries.keys()].filter((key) => !isReservedKey(key) && !set.has(key))
  const versions = [...entries].map(([key, { version }]) => [key, version] as const)
  return {
    set,
    remove: [...gone, ...wish.remove],
    expected: new Map([[versionKey, 0], ...versions]),
    newest: Math.max(0, ...versions.map(([, version]) => version)),
  }
}

async function checkRecognised(rules: DataRules, stored: StoredData, key: string, wish: Wish): Promise<void> {
  const value = stored.values.get(key)
  if (value === undefined && !wish.set.has(key)) return
  if (value !== undefined && rules.schema !== null && (await takes(rules.schema, key, value))) return
  throw new Fault(
    'newer_schema',
    `The session data has version ${stored.version} and this code knows ${rules.version}: it cannot tell what ${JSON.stringify(key)} is there. Nothing was changed.`,
    { reason: 'not_stored' },
  )
}
