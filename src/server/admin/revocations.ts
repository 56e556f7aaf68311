import { z } from 'zod'
import { accept, type Check } from '../../base/reasons.ts'
import type { Sid } from '../../model/session.ts'
import type { Here } from '../respond.ts'
import { type Operation, operation } from './operation.ts'
import { wantedFields } from './schemas.ts'
import { fits, forEachFound, type Wanted } from './search.ts'

const match = z
  .strictObject(wantedFields)
  .refine((fields) => Object.values(fields).some((field) => field !== undefined), 'say what to look for')

const dry_run = z.boolean().optional().describe('only counts')

/** Whom a bulk revocation is about. */
const whom = z.union([
  z.strictObject({ user: z.string().min(1).max(255), dry_run }),
  z.strictObject({ tenant: z.string().min(1).max(255), dry_run }),
  z.strictObject({ everyone: z.literal(true), dry_run }),
  z.strictObject({ match, dry_run }),
])

type Whom = z.infer<typeof whom>

const mostListed = 100_000
/** Ended at the same time where each is ended by itself. */
const abreast = 16

export const revocationOperations: readonly Operation[] = [
  operation({
    method: 'post',
    path: '/admin/revocations',
    summary:
      'Ends all sessions of a user, a tenant or everyone, or those that a search finds, but for the one that asks; with dry_run only counts them',
    body: whom,
    answer: z.object({
      ended: z.boolean(),
      count: z.int().nullable().describe('null where all of a tenant or of everyone were ended without being counted'),
    }),
    run: async ({ here, by, body }) => {
      if (body.dry_run === true) return accept({ ended: false, count: await countOf(here, body) })
      await here.var.desk.audit.append({ ...by, action: 'sessions.revoke', ...said(body) })
      return 'match' in body ? endFound(here, body.match) : endAll(here, body)
    },
  }),
]

async function countOf(here: Here, body: Whom): Promise<number> {
  const { auth } = here.var.desk
  if ('user' in body) return (await auth.list(body.user, mostListed)).length
  if ('everyone' in body) return (await here.var.desk.activeCount.now()).active
  return (await found(here, 'match' in body ? body.match : { tenant: body.tenant })).size
}

/** By handle, so that one that is given twice counts once. */
async function found(here: Here, wanted: Wanted): Promise<ReadonlySet<Sid>> {
  const sids = new Set<Sid>()
  const own = here.env.incoming.session.id
  await forEachFound(here.var.desk.auth, fits(wanted), (sessions) => {
    for (const { id } of sessions) if (id !== own) sids.add(id)
  })
  return sids
}

async function endAll(here: Here, body: Exclude<Whom, { match: unknown }>): Promise<Check<unknown>> {
  const { auth } = here.var.desk
  const count = 'user' in body ? (await auth.list(body.user, mostListed)).length : null
  const about = 'user' in body ? { user: body.user } : 'tenant' in body ? { tenant: body.tenant } : 'everyone'
  await auth.revokeAll(about, { confirm: true })
  return accept({ ended: true, count })
}

/** One by one, while the search goes on; the answer comes when every node refuses all of them. */
async function endFound(here: Here, wanted: Wanted): Promise<Check<unknown>> {
  const { auth } = here.var.desk
  const sids = [...(await found(here, wanted))]
  let count = 0
  for (let first = 0; first < sids.length; first += abreast) {
    const ended = await Promise.all(sids.slice(first, first + abreast).map((sid) => auth.revoke(sid)))
    count += ended.filter(Boolean).length
  }
  // The log of each partition is applied in its order: with its last one all are.
  const lasts = new Map(sids.map((sid) => [sid.charAt(0), sid]))
  await Promise.all([...lasts.values()].map((sid) => auth.revoke(sid, { confirm: true })))
  return accept({ ended: true, count })
}

function said(body: Whom): {
  readonly subject: string | null
  readonly details?: Readonly<Record<string, string>>
} {
  if ('user' in body) return { subject: `user:${body.user}` }
  if ('tenant' in body) return { subject: `tenant:${body.tenant}` }
  if ('everyone' in body) return { subject: 'everyone' }
  // Not what was looked for: it may be a name or an address.
  const by = Object.entries(body.match).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  return { subject: 'sessions that a search found', details: { by: by.join(', ') } }
}
