import type { z } from 'zod'
import type { accountSchema, auditSchema, overviewSchema, sessionSchema } from '../../admin/schemas.ts'
import type { ServerEvent } from '../../operations/event-hub.ts'

/** What the admin API answers, from the schemas of the server. Types only: no code of it comes along. */
export type Account = z.infer<typeof accountSchema>
export type SessionRow = z.infer<typeof sessionSchema>
export type AuditEntry = z.infer<typeof auditSchema>
export type Overview = z.infer<typeof overviewSchema>
export type Sample = Overview['samples'][number]
export type Happened = ServerEvent

export interface SessionsPage {
  readonly sessions: readonly SessionRow[]
  readonly looked_at: number
  readonly next: string | null
}

/** Whom a revocation is about, as the API takes it. */
export type Whom =
  | { readonly user: string }
  | { readonly tenant: string }
  | { readonly everyone: true }
  | { readonly match: Readonly<Record<string, string>> }
