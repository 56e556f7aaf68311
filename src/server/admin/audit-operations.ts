import { z } from 'zod'
import { accept } from '../../base/reasons.ts'
import { type Operation, operation } from './operation.ts'
import { auditQuery, auditSchema } from './schemas.ts'

export const auditOperations: readonly Operation[] = [
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
