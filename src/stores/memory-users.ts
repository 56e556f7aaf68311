import type { Sid } from '../model/session.ts'
import { ownText } from './own-text.ts'

/** The live sessions of each user. Most have one, which costs no list. */
export interface UserIndex {
  /** @param sid kept as it is: one copy of it for all indexes */
  add(user: string, sid: Sid): void
  remove(user: string, sid: Sid): void
  of(user: string): readonly Sid[]
}

export function userIndex(): UserIndex {
  const users = new Map<string, Sid | readonly Sid[]>()

  function of(user: string): readonly Sid[] {
    const sids = users.get(user) ?? []
    return typeof sids === 'string' ? [sids] : sids
  }

  return {
    add: (user, sid) => {
      const before = of(user)
      if (before.length === 0) users.set(ownText(user), sid)
      else users.set(user, [...before, sid])
    },
    remove: (user, sid) => {
      const [first, ...more] = of(user).filter((other) => other !== sid)
      if (first === undefined) users.delete(user)
      else users.set(user, more.length === 0 ? first : [first, ...more])
    },
    of,
  }
}
