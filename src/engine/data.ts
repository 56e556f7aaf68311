import { Fault } from '../base/fault.ts'
import { isJson, type Json } from '../base/json.ts'
import type { DataEntry, Sid } from '../model/session.ts'
import type { Change, DataChanges } from '../model/store.ts'
import type { Context } from './context.ts'

/** Data of sessions: by key, on the server, never sent to the client. */
export interface SessionData {
  /** @throws Fault `invalid_value` for what `patch` would not take. No I/O. */
  check(changes: DataChanges): void
  /** Everything of a session, null when it has ended. Cost: one read. */
  find(sid: Sid): Promise<ReadonlyMap<string, DataEntry> | null>
  /** Everything of a live session. @throws Fault `session_ended`, `store_unavailable`. Cost: one read. */
  read(sid: Sid): Promise<ReadonlyMap<string, DataEntry>>
  /** Sets and removes keys; others stay. @throws Fault `session_ended`, `invalid_value`, `not_stored`. Cost: one write. */
  patch(sid: Sid, changes: DataChanges): Promise<void>
  /**
   * Changes one key by a function of its value, repeated until nobody else changed it in between.
   *
   * @param change gets undefined for a missing key, and returning undefined removes it; may be called more than once
   * Cost: one read and one write for each attempt.
   */
  update(sid: Sid, key: string, change: (value: Json | undefined) => Json | undefined): Promise<Json | undefined>
}

const longestKey = 128
const mostAttempts = 256

export function createSessionData(context: Pick<Context, 'backend'>): SessionData {
  const { store } = context.backend

  async function read(sid: Sid): Promise<ReadonlyMap<string, DataEntry>> {
    const data = await store.data(sid)
    if (data === null) throw ended()
    return data
  }

  async function patch(sid: Sid, changes: DataChanges): Promise<void> {
    checkChanges(changes)
    if ((await store.patch(sid, changes)) === 'gone') throw ended()
  }

  async function update(
    sid: Sid,
    key: string,
    change: (value: Json | undefined) => Json | undefined,
  ): Promise<Json | undefined> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const data = await store.data(sid, [key])
      if (data === null) throw ended()
      const entry = data.get(key)
      const next = change(entry?.value)
      const expected = new Map([[key, entry?.version ?? 0]])
      const changes: DataChanges =
        next === undefined
          ? { set: new Map(), remove: [key], expected }
          : { set: new Map([[key, next]]), remove: [], expected }
      checkChanges(changes)
      const outcome: Change = await store.patch(sid, changes)
      if (outcome === 'done') return next
      if (outcome === 'gone') throw ended()
    }
    throw new Fault(
      'not_stored',
      `The value was changed by others ${mostAttempts} times in a row; nothing was changed.`,
    )
  }

  return { check: checkChanges, find: (sid) => store.data(sid), read, patch, update }
}

function checkChanges(changes: DataChanges): void {
  for (const key of [...changes.set.keys(), ...changes.remove]) {
    if (typeof key !== 'string' || key.length < 1 || key.length > longestKey || !key.isWellFormed())
      throw new Fault('invalid_value', `A data key must be a text of 1 to ${longestKey} characters.`)
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
