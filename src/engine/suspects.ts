import { type Clock, type Millis, second } from '../base/clock.ts'
import type { Sid } from '../model/session.ts'

/**
 * Salts of sessions for which a wrong tag has just been presented, so that more of them are refused with no read. The right credential still passes: the salt of a family
 * never changes.
 */
export interface Suspects {
  remember(sid: Sid, salt: string): void
  saltOf(sid: Sid): string | undefined
}

const most = 1024
const howLong: Millis = 10 * second

export function createSuspects(clock: Clock): Suspects {
  const salts = new Map<Sid, { readonly salt: string; readonly until: Millis }>()
  return {
    remember: (sid, salt) => {
      if (salts.size >= most) salts.delete(salts.keys().next().value as Sid)
      salts.set(sid, { salt, until: clock.now() + howLong })
    },
    saltOf: (sid) => {
      const entry = salts.get(sid)
      return entry !== undefined && clock.now() < entry.until ? entry.salt : undefined
    },
  }
}
