import type { Hono } from 'hono'
import { readBody } from '../../adapters/node-entry.ts'
import { pickHead } from '../../adapters/node-head.ts'
import { fromUtf8 } from '../../base/bytes.ts'
import { parseJson } from '../../base/json.ts'
import { accept, type Check, refuse } from '../../base/reasons.ts'
import type { Env } from '../desk.ts'
import { failureAnswer, type Here } from '../respond.ts'
import { administrator } from './access.ts'
import { auditOperations } from './audit-operations.ts'
import type { Operation } from './operation.ts'
import { overviewOperations } from './overview.ts'
import { revocationOperations } from './revocations.ts'
import { sessionOperations } from './sessions.ts'
import { exportAudit, streamEvents } from './streams.ts'
import { userOperations } from './users.ts'

export const operations: readonly Operation[] = [
  ...userOperations,
  ...sessionOperations,
  ...revocationOperations,
  ...auditOperations,
  ...overviewOperations,
]

/** The admin API: every operation behind the same door. */
export function addAdmin(app: Hono<Env>): void {
  for (const one of operations) app[one.method](one.path.replace(/\{(\w+)\}/g, ':$1'), (here) => carryOut(here, one))
  app.get('/admin/audit/export', exportAudit)
  app.get('/admin/events', streamEvents)
}

async function carryOut(here: Here, one: Operation): Promise<Response> {
  const by = await administrator(here)
  if (!by.ok) return failureAnswer(here, by.reason)
  const query = one.query === null ? accept({}) : parsed(one.query, here.req.query())
  if (!query.ok) return failureAnswer(here, query.reason)
  const body = one.body === null ? accept(null) : await bodyOf(here, one)
  if (!body.ok) return failureAnswer(here, body.reason)
  const id = here.req.param('id') ?? ''
  const answer = await one.run({ here, by: by.value, id, query: query.value as never, body: body.value as never })
  return answer.ok
    ? here.json(answer.value as object, 200, { 'Cache-Control': 'no-store' })
    : failureAnswer(here, answer.reason)
}

async function bodyOf(here: Here, { body: schema }: Operation): Promise<Check<unknown>> {
  const { incoming } = here.env
  const type = pickHead(incoming).header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') return refuse('unsupported_media_type')
  const bytes = await readBody(incoming)
  if (!bytes.ok) return bytes
  const json = parseJson(fromUtf8(bytes.value) ?? '')
  return json === undefined ? refuse('malformed_body') : parsed(schema as NonNullable<typeof schema>, json)
}

function parsed(schema: NonNullable<Operation['body']>, value: unknown): Check<unknown> {
  const result = schema.safeParse(value)
  return result.success ? accept(result.data) : refuse('invalid_request')
}
