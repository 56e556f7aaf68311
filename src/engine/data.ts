import { Fault } from '../base/fault.ts'
import { isJson } from '../base/json.ts'
import type { DataEntry, Sid } from '../model/session.ts'
import type { DataChanges } from '../model/store.ts'
import type { Context } from './context.ts'

/** Data of sessions as it is kept: JSON by key, on the server, never sent to the client. Knows no schema and no version of the shape. */
export interface DataRoom {
  /** @throws Fault `invalid_value` for what an application may not store. No I/O. */
  check(changes: Pick<DataChanges, 'set' | 'remove'>): void
  /** Everything of a session, null when it has ended. Cost: one read. */
  find(sid: Sid): Promise<ReadonlyMap<string, DataEntry> | null>
  /** Data of a live session; all keys, or those named. @throws Fault `session_ended`, `store_unavailable`. Cost: one read. */
  read(sid: Sid, keys?: readonly string[]): Promise<ReadonlyMap<string, DataEntry>>
  /**
   * Sets and removes keys; others stay.
   *
   * @returns `changed` when what the changes expected no longer holds: nothing was changed
   * @throws Fault `session_ended`, `store_unavailable`, `not_stored`
   * Cost: one write.
   */
  patch(sid: Sid, changes: DataChanges): Promise<'done' | 'changed'>
}

const longestKey = 128

/** Keys that begin like this are our own. */
const reserved = 'handstamp.'

/** Where the version of the data's shape stands; absent means 1. */
export const versionKey = `${reserved}version`

export function createDataRoom(context: Pick<Context, 'backend'>): DataRoom {
  const { store } = context.backend

  async function read(sid: Sid, keys?: readonly string[]): Promise<ReadonlyMap<string, DataEntry>> {
    const data = await store.data(sid, keys)
    if (data === null) throw ended()
    return data
  }

  async function patch(sid: Sid, changes: DataChanges): Promise<'done' | 'changed'> {
    const outcome = await store.patch(sid, changes)
    if (outcome === 'gone') throw ended()
    return outcome
  }

  return { check: checkChanges, find: (sid) => store.data(sid), read, patch }
}

export function isReservedKey(key: string): boolean {
  return key.startsWith(reserved)
}

function checkChanges(changes: Pick<DataChanges, 'set' | 'remove'>): void {
  for (const key of [...changes.set.keys(), ...changes.remove]) {
    if (typeof key !== 'string' || key.length < 1 || key.length > longestKey || !key.isWellFormed())
      throw new Fault('invalid_value', `A data key must be a text of 1 to ${longestKey} characters.`)
    if (isReservedKey(key))
      throw new Fault(
        'invalid_value',
        `Data keys that begin with ${JSON.stringify(reserved)} are not for applications.`,
      )
  }
  for (const [key, value] of changes.set) {
    if (!isJson(value))
      throw new Fault(
        'invalid_value',
        `The value of ${JSON.stringify(key)} is not JSON data (plain objects, arrays, texts, finite numbers, true, false, null).`,
      )
  }
}

function ended(): Fault {
  return new Fault('session_ended', 'The session has ended meanwhile; nothing was changed.')
}
