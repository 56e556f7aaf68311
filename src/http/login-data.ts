import { Fault } from '../base/fault.ts'
import { isJson } from '../base/json.ts'
import { versionKey } from '../engine/data.ts'
import type { Sid } from '../model/session.ts'
import type { DataRecord } from './data-rules.ts'
import { judge, readAll } from './data-schema.ts'
import { labelled, understand } from './data-version.ts'
import type { Opened } from './opened.ts'

/**
 * Data that a session begins with.
 *
 * @throws Fault `invalid_value` naming the key
 * Cost: no I/O.
 */
export async function firstData({ engine, settings }: Opened, own: DataRecord = {}): Promise<DataRecord> {
  const set = new Map(Object.entries(own))
  for (const [key, value] of set)
    if (!isJson(value)) throw new Fault('invalid_value', `The session cannot begin: data.${key} is not JSON data.`)
  engine.data.check({ set, remove: [] })
  await judge(settings.data.schema, set)
  return labelled(settings.data, own)
}

/** The session that a login takes the place of. */
export interface Predecessor {
  readonly sid: Sid
  /** Whether it was nobody's, so that `merge` decides. */
  readonly anonymous: boolean
}

/**
 * Data that a login begins with: what the session before it had, and the login's own on top.
 *
 * What nobody looks at is carried over as it is, with its version. Otherwise it is lifted first; that it cannot be then stops the login.
 *
 * @throws Fault `invalid_value`
 * Cost: one read.
 */
export async function dataAfter(opened: Opened, before: Predecessor, own: DataRecord = {}): Promise<DataRecord> {
  const { engine, settings } = opened
  const rules = settings.data
  const first = await firstData(opened, own)
  const entries = await engine.data.find(before.sid)
  if (entries === null || entries.size === 0) return first
  const merge = before.anonymous ? settings.merge : null
  if (merge === null && Object.keys(own).length === 0)
    return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]))
  const { age, version, values } = understand(rules, entries)
  if (age === 'newer')
    rules.warn(versionKey, `A login wrote to session data of version ${version}; this code knows ${rules.version}.`)
  const carried: DataRecord = Object.fromEntries(values)
  const label = age === 'newer' ? version : rules.version
  if (merge === null) return labelled(rules, { ...carried, ...own }, label)
  const { misfits } = await readAll(rules.schema, values)
  const unseen = Object.fromEntries([...values].filter(([key]) => misfits.includes(key)))
  const seen = Object.fromEntries([...values].filter(([key]) => !misfits.includes(key)))
  const merged = merge(seen, own)
  const fresh = new Map(
    Object.entries(merged).filter(([key, value]) => !Object.hasOwn(seen, key) || seen[key] !== value),
  )
  engine.data.check({ set: fresh, remove: [] })
  await judge(rules.schema, fresh)
  // What a newer version wrote and this one cannot read is not for this one's `merge` to drop.
  return labelled(rules, age === 'newer' ? { ...unseen, ...merged } : merged, label)
}
