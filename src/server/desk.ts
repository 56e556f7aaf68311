import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WithSession } from '../adapters/node.ts'
import type { Auth } from '../http/auth.ts'
import type { Presentation } from '../model/session.ts'
import type { VerifyCredentials } from './accounts.ts'

/** What the endpoints work with. */
export interface Desk {
  readonly auth: Auth
  readonly verify: VerifyCredentials
  /** The name of the demo account where it was made by this process. */
  readonly demo: string | null
  readonly presentDefault: Presentation
}

/** What a handler finds in its context. */
export interface Env {
  Bindings: { incoming: WithSession<IncomingMessage>; outgoing: ServerResponse }
  Variables: { desk: Desk }
}
