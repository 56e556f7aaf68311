import { z } from 'zod'
import { accept, refuse } from '../../base/reasons.ts'
import { type Operation, operation } from './operation.ts'
import { auditQuery, auditSchema, sessionSchema } from './schemas.ts'
import { sessionView } from './users.ts'

/** Whom a bulk revocation is about. */
const whom = z.union([
  z.strictObject({ user: z.string().min(1).max(255), dry_run: z.boolean().optional() }),
  z.strictObject({ tenant: z.string().min(1).max(255), dry_run: z.boolean().optional() }),
  z.strictObject({ everyone: z.literal(true), dry_run: z.boolean().optional() }),
])

const mostCounted = 100_000

export const sessionOperations: readonly Operation[] = [
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
  operation({
    method: 'post',
    path: '/admin/revocations',
    summary: 'Ends all sessions of a user, a tenant or everyone; with dry_run only counts those of a user',
    body: whom,
    answer: z.object({
      ended: z.boolean(),
      count: z.int().nullable().describe('sessions of a user; null where they were not counted'),
    }),
    run: async ({ here, by, body }) => {
      const { auth, audit } = here.var.desk
      const count = 'user' in body ? (await auth.list(body.user, mostCounted)).length : null
      if (body.dry_run === true) return accept({ ended: false, count })
      const about = 'user' in body ? { user: body.user } : 'tenant' in body ? { tenant: body.tenant } : 'everyone'
      const subject = typeof about === 'string' ? about : Object.entries(about)[0]?.join(':')
      await audit.append({ ...by, action: 'sessions.revoke', subject: subject ?? null })
      await auth.revokeAll(about, { confirm: true })
      return accept({ ended: true, count })
    },
  }),
  operation({
    method: 'get',
    path: '/admin/audit',
    summary: 'The audit log in its order, after a sequence number',
    query: auditQuery,
    answer: z.object({ entries: z.array(auditSchema) }),
    run: async ({ here, query }) => accept({ entries: await here.var.desk.audit.page(query.after, query.limit) }),
  }),
  operation({
    method: 'get',
    path: '/admin/audit/verify',
    summary: 'Follows the chain of the audit log from its beginning',
    answer: z.object({
      entries: z.int(),
      brokenAt: z.int().nullable().describe('the first entry that does not fit'),
      hash: z.string().describe('of the last that fits; keep it elsewhere'),
    }),
    run: async ({ here }) => accept(await here.var.desk.audit.verify()),
  }),
]
