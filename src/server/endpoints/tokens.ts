import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { answer } from '../../adapters/node-entry.ts'
import type { Here } from '../respond.ts'

/** `/token` and `/revoke`: the library's own endpoints. */
export async function answerTokens(here: Here): Promise<Response> {
  await answer(here.env.incoming, here.env.outgoing, here.req.path)
  return RESPONSE_ALREADY_SENT
}
