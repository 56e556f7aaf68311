import { readBody } from '../../adapters/node-entry.ts'
import { answerRoute } from '../../http/routes.ts'
import { failureAnswer, given, type Here } from '../respond.ts'

/** `/token` and `/revoke`: the library's own endpoints. */
export async function answerTokens(here: Here): Promise<Response> {
  const { incoming } = here.env
  const answer = await answerRoute(incoming, here.req.path, () => readBody(incoming))
  return answer === null ? failureAnswer(here, 'not_found') : given(here, answer)
}
