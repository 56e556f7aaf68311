import { hour, systemClock } from '../../base/clock.ts'
import { randomText } from '../../crypto/random.ts'
import { firstRotation } from '../../model/rotation.ts'
import type { SessionRecord, Sid } from '../../model/session.ts'

/** A live session that begins now, on the machine’s clock. */
export function newRecord(sid: Sid, user: string): SessionRecord {
  const now = systemClock.now()
  return {
    sid,
    user,
    tenant: null,
    generations: { user: 0, tenant: 0, everyone: 0 },
    version: 1,
    state: { kind: 'live' },
    createdAt: now,
    seenAt: now,
    idle: hour,
    endsAt: now + hour,
    authentication: null,
    claims: {},
    presentation: 'cookie',
    persistent: false,
    client: 'first-party',
    device: { agent: '', address: null },
    binding: null,
    salt: randomText(16),
    rotation: firstRotation(now),
    renewIdentity: false,
  }
}
