import { accept, type Check, refuse } from '../base/reasons.ts'
import { parseCredential } from '../crypto/credential.ts'
import { randomText } from '../crypto/random.ts'
import { makeSid, partitionOfSid } from '../model/partition.ts'
import type { SessionRecord } from '../model/session.ts'
import type { Context } from './context.ts'
import { type Issued, issue } from './issue.ts'
import { readLive } from './read.ts'
import { rememberUntil } from './remember.ts'

/** The same family under another handle and salt. */
export function newIdentity(record: SessionRecord): SessionRecord {
  const sid = makeSid(partitionOfSid(record.sid), randomText(16))
  return { ...record, sid, salt: randomText(16), version: record.version + 1, renewIdentity: false }
}

/** A session under its new identity, with what its client is given. */
export interface Moved {
  readonly record: SessionRecord
  readonly issued: Issued
}

/**
 * Gives a session a new identity at once, with nothing else changed: for a browser that goes on with it in another place. An answer that is still under way with the old one does not stand any
 * more. The old credential counts as one whose reply was lost.
 *
 * @returns or refuses: `malformed_credential` and others of the credential, `unknown_session`, `revoked`, `idle_timeout`, `absolute_timeout`
 * Cost: one read, one write.
 */
export async function reidentify(context: Context, text: string): Promise<Check<Moved>> {
  const credential = parseCredential(text, context.ring)
  if (!credential.ok) return credential
  for (;;) {
    const now = context.clock.now()
    const live = await readLive(context, credential.value.sid, { credential: credential.value })
    if (!live.ok) return live
    const { record } = live.value
    if (record.presentation !== 'cookie') return refuse('wrong_type')
    const next = newIdentity(record)
    // Changed, moved or ended since it was read: reading again tells which.
    if ((await context.backend.store.move(record, next, rememberUntil(context, now))) !== 'done') continue
    context.emit({ kind: 'session.moved', id: record.sid, to: next.sid, user: record.user, at: now })
    const issued = issue(context, next, { now, seenAt: live.value.seenAt, withCredential: true })
    return accept({ record: next, issued })
  }
}
