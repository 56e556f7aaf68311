import { type Millis, systemClock, toSeconds } from '../../base/clock.ts'
import { isFault } from '../../base/fault.ts'
import { insideOf } from '../../http/auth.ts'
import type { PublicSession } from '../../model/session.ts'
import type { Note } from '../notes.ts'
import type { Here } from '../respond.ts'

/**
 * Ends a session of whoever asks, waits until every node refuses it, and leaves a note of it.
 *
 * @returns the note; null where there is no such session of theirs
 * @throws Fault: it may not have been ended (V2)
 */
export async function endOne(here: Here, id: string, kind: Note['kind']): Promise<Note | null> {
  const { session } = here.env.incoming
  const { auth, notes, operations } = here.var.desk
  const user = session.user as string
  const found = await auth.find(id)
  if (found === null || found.user !== user) return null
  const since = systemClock.monotonic()
  if (id === session.id) await session.logout()
  else if (!(await auth.revoke(id, 'revoked'))) return null
  const note = noteOf(here, found, kind, (await everywhere(here, id)) ? systemClock.monotonic() - since : null)
  if (kind === 'reported') operations.hub.emit({ kind: 'session.reported', id, user, at: note.at })
  await notes.add(user, note)
  return note
}

/** Whether every node refuses it by now; where that cannot be known it holds within R. */
async function everywhere(here: Here, id: string): Promise<boolean> {
  try {
    await here.var.desk.auth.revoke(id, { confirm: true })
    return true
  } catch (error) {
    if (isFault(error)) return false
    throw error
  }
}

function noteOf(here: Here, { device }: PublicSession, kind: Note['kind'], refusedAfter: Millis | null): Note {
  const { clock } = insideOf(here.var.desk.auth).settings
  return { kind, at: clock.now(), agent: device.agent, address: device.address, refusedAfter }
}

/** For programs: when it was ended, and after how many milliseconds every node refused it; null where that was not confirmed. */
export function receiptOf({ at, refusedAfter }: Note) {
  return {
    ended: true,
    ended_at: toSeconds(at),
    refused_everywhere_after_ms: refusedAfter === null ? null : Math.ceil(refusedAfter),
  }
}
