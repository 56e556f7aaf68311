import { z } from 'zod'
import { accept, refuse } from '../../base/reasons.ts'
import type { PublicSession } from '../../model/session.ts'
import type { Here } from '../respond.ts'
import { type Operation, operation } from './operation.ts'
import { searchQuery, sessionSchema } from './schemas.ts'
import { fits, search, type Wanted } from './search.ts'
import { sessionView } from './users.ts'

/** No place of any store: there it begins. */
const beginning = 'beginning'

/** Looked at for one answer. */
const mostLookedAt = 5000

export const sessionOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/admin/sessions',
    summary: 'Sessions that fit, in no order; a page ends early where many were looked at, and next goes on',
    query: searchQuery,
    answer: z.object({
      sessions: z.array(sessionSchema).describe('a session may come on two pages'),
      looked_at: z.int().describe('about how many, for this page'),
      next: z.string().nullable().describe('goes in after; null: that was all'),
    }),
    run: async ({ here, query: { after, limit, ...wanted } }) => {
      const { auth } = here.var.desk
      const direct = after === undefined ? await directly(here, wanted) : []
      // What needs no search is not kept waiting for it.
      if (direct.length > 0) return accept({ sessions: direct.map(sessionView), looked_at: 0, next: beginning })
      const found = await search(auth, fits(wanted), { after, limit, most: mostLookedAt })
      return accept({ sessions: found.sessions.map(sessionView), looked_at: found.lookedAt, next: found.next })
    },
  }),
  operation({
    method: 'get',
    path: '/admin/sessions/{id}',
    summary: 'A session by its public handle',
    answer: sessionSchema,
    run: async ({ here, id }) => {
      const session = await here.var.desk.auth.find(id)
      return session === null ? refuse('not_found') : accept(sessionView(session))
    },
  }),
  operation({
    method: 'delete',
    path: '/admin/sessions/{id}',
    summary: 'Ends a session; returns when every node refuses it',
    answer: z.object({ ended: z.literal(true) }),
    run: async ({ here, by, id }) => {
      const { auth, audit } = here.var.desk
      if ((await auth.find(id)) === null) return refuse('not_found')
      await audit.append({ ...by, action: 'session.revoke', subject: `session:${id}` })
      return (await auth.revoke(id, { confirm: true })) ? accept({ ended: true }) : refuse('not_found')
    },
  }),
]

/** What needs no search: the session with that handle, and those of the account with that name. */
async function directly(here: Here, wanted: Wanted): Promise<readonly PublicSession[]> {
  const { auth, accounts } = here.var.desk
  const text = wanted.q ?? wanted.user
  if (text === undefined) return []
  const account = (await accounts?.find(text)) ?? null
  const [one, own] = await Promise.all([auth.find(text), auth.list(account?.id ?? text, mostListed)])
  const isWanted = fits({ ...wanted, q: undefined })
  const sessions = [...own, ...(one === null || own.some(({ id }) => id === one.id) ? [] : [one])]
  return sessions.filter(isWanted)
}

const mostListed = 1000
