import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Hono } from 'hono'
import type { WithSession } from '../adapters/node.ts'
import type { ClaimTypes } from '../engine/context.ts'
import type { AnyAuth } from '../http/auth.ts'
import type { RequestSession } from '../http/request-session.ts'
import type { Source } from '../migrate/index.ts'
import type { Limits } from '../model/limits.ts'
import type { Presentation } from '../model/session.ts'
import type { Accounts, VerifyCredentials } from './accounts.ts'
import type { ActiveCount } from './admin/active-count.ts'
import type { AuditLog } from './admin/audit.ts'
import type { Attempts } from './attempts.ts'
import type { Notes } from './notes.ts'
import type { Operations } from './operations/operations.ts'

/** What the endpoints work with. */
export interface Desk {
  readonly auth: AnyAuth
  readonly verify: VerifyCredentials
  readonly attempts: Attempts
  /** Null where the application checks names and passwords itself. */
  readonly accounts: Accounts | null
  readonly notes: Notes
  readonly audit: AuditLog
  readonly limits: Limits
  readonly activeCount: ActiveCount
  /** Null: administrators need two factors. */
  readonly adminSecret: string | null
  /** Sessions of other products, taken over as they come. */
  readonly sources: readonly Source[]
  /** The name of the demo account where it was made by this process. */
  readonly demo: string | null
  readonly presentDefault: Presentation
  readonly operations: Operations
  /** Adds the pages of the lab; null where there are none, as in production. */
  readonly lab: ((app: Hono<Env>) => void) | null
  /** Metrics are shown on the main port, to this machine: not where they have a port of their own, and not in production, where a proxy beside might pass anybody on. */
  readonly metricsHere: boolean
}

/** What the server itself keeps in a session. */
export interface ServerData {
  /** Until when the admin secret counts for it, ms since the Unix epoch. */
  readonly 'admin-until'?: number
}

/** What a handler finds in its context. */
export interface Env {
  Bindings: {
    incoming: WithSession<IncomingMessage, RequestSession<ServerData, ServerData, ClaimTypes>>
    outgoing: ServerResponse
  }
  Variables: { desk: Desk }
}
