import { createHash } from 'node:crypto'
import { minute } from '../base/clock.ts'
import { readCookies } from '../http/cookie.ts'
import { outsideOf } from '../http/gate.ts'
import { type Carrier, type Visit, visitOf } from '../http/visit.ts'
import type { Migrant, Source } from './source.ts'

/** How long one old session is adopted again: requests that a browser sent together, before it had the new cookies. */
const grace = minute

/**
 * Signs in whoever comes with a good session of another product and none of ours: once, with the user, claims and data that the source gives, and the old cookie is deleted. So people
 * stay signed in while an application moves.
 *
 * A copy of the old cookie is worth nothing a minute later, whether or not the old store still has it. Do it before the handler, in a request whose response has not begun.
 *
 * @param carrier the request that `session(auth)` has let in
 * @returns whether somebody was signed in by it
 * @throws what the old store throws when it does not answer; Fault as `login`
 * Cost: none without an old cookie; with one, the old store's read, 1 read and 1 write, and a login.
 */
export async function adopt(carrier: Carrier, sources: readonly Source[]): Promise<boolean> {
  const visit = visitOf(carrier)
  // Where a page of another site has asked, no cookie counts, and none can be set.
  if (visit.session.user !== null || outsideOf(visit.admission) !== null) return false
  const values = readCookies(
    visit.head.header('cookie'),
    sources.map(({ cookie }) => cookie),
  )
  for (const [index, source] of sources.entries()) {
    const value = values[index]
    // Twice the same name: whose it is cannot be known.
    if (typeof value !== 'string') continue
    const found = await source.read(value)
    if (found === null) continue
    const mark = markOf(visit, source, found.id)
    if (!(await mark.isOpen())) continue
    await signIn(visit, found.migrant)
    // Only now: whoever could not be signed in may come again.
    await mark.set()
    visit.deleteCookie(shapeOf(source))
    return true
  }
  return false
}

interface Mark {
  /** Whether this old session was not adopted yet, or just now. */
  isOpen(): Promise<boolean>
  set(): Promise<void>
}

function markOf({ opened }: Visit, { name }: Source, id: string): Mark {
  const { documents } = opened.settings.backend
  const { clock } = opened.engine
  const key = createHash('sha256').update(`${name} ${id}`).digest('base64url')
  return {
    isOpen: async () => {
      const before = await documents.find(kind, key)
      return before === null || clock.now() - Number(before.value) < grace
    },
    set: async () => {
      await documents.insert(kind, key, String(clock.now()))
    },
  }
}

const kind = 'migrated'

async function signIn({ session, opened }: Visit, { user, claims, data, remember }: Migrant): Promise<void> {
  const login = session.login as (options: object) => Promise<unknown>
  const present = opened.settings.presents.has('cookie') ? 'cookie' : undefined
  await login({
    user,
    ...(present && { present }),
    ...(claims && { claims }),
    ...(data && { data }),
    ...(remember === true && { remember }),
  })
}

function shapeOf({ cookie, path = '/', domain, secure = false }: Source) {
  return { name: cookie, path, domain, secure, httpOnly: true, sameSite: 'Lax', partitioned: false } as const
}
