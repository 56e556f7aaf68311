import type { Json } from '../base/json.ts'
import type { DataEntry } from '../model/session.ts'
import type { DataChanges } from '../model/store.ts'
import { ownText } from './own-text.ts'
import { jsonOfText, textsOf } from './record.ts'

/** The data of one session, replaced as a whole. */
export interface HeldData {
  /** The newest version given to a key. */
  readonly version: number
  readonly entries: ReadonlyMap<string, HeldEntry>
}

/** JSON as text: compact, and never shared with anybody. */
interface HeldEntry {
  readonly text: string
  readonly version: number
}

const noEntries: ReadonlyMap<string, HeldEntry> = new Map()
export const noData: HeldData = Object.freeze({ version: 1, entries: noEntries })

export function heldDataOf(data: ReadonlyMap<string, Json>): HeldData {
  if (data.size === 0) return noData
  const entries = Array.from(textsOf(data), ([key, text]) => [ownText(key), { text, version: 1 }] as const)
  return { version: 1, entries: new Map(entries) }
}

/** The data after the changes; null where they may not be made. */
export function patched(held: HeldData, changes: DataChanges, set: ReadonlyMap<string, string>): HeldData | null {
  const { entries, version } = held
  const { remove, expected, newest } = changes
  for (const [key, wanted] of expected ?? []) if ((entries.get(key)?.version ?? 0) !== wanted) return null
  if (newest !== undefined && [...entries.values()].some((entry) => entry.version > newest)) return null
  const next = set.size === 0 ? version : version + 1
  const changed = new Map(entries)
  for (const key of remove) changed.delete(key)
  for (const [key, text] of set) changed.set(ownText(key), { text, version: next })
  return { version: next, entries: changed }
}

export function answerOf({ entries }: HeldData, keys?: readonly string[]): ReadonlyMap<string, DataEntry> {
  const answer = new Map<string, DataEntry>()
  for (const key of keys ?? entries.keys()) {
    const entry = entries.get(key)
    if (entry !== undefined) answer.set(key, { value: jsonOfText(entry.text), version: entry.version })
  }
  return answer
}
