import type { Application, Contestant, World } from '../contestant.ts'
import { answerJson, answerStatus, pathOf, queryOf } from './answers.ts'

/** The server's forward-auth endpoint, as proxies ask it; `GET /me` of the script is such a question. */
export const handstampVerify: Contestant = {
  name: 'Handstamp /verify, memory',
  framework: 'node:http',
  carries: 'cookie',
  endsBy: 'snapshot: 5 min; session: 1 h unused, 24 h',
  keepsData: false,
  start: async (world: World): Promise<Application> => {
    const { handstamp, memory } = await import('../../src/index.ts')
    const { session } = await import('../../src/adapters/node.ts')
    const { createForwardAuth } = await import('../../src/server/forward-auth.ts')
    const { createWatch } = await import('../../src/server/operations/operations.ts')
    const { systemClock } = await import('../../src/base/clock.ts')
    const backend = memory()
    const watch = createWatch('silent', systemClock)
    const claims = { role: 'string', preferred_username: 'string' } as const
    const auth = handstamp({ secrets: world.secret, backend, present: 'both', claims })
    await auth.ready()
    const forwardAuth = createForwardAuth(auth, watch.over(auth, backend))
    const rest = session(auth)(async (request, response) => {
      const user = queryOf(request).get('user')
      if (pathOf(request) === '/login')
        return answerJson(
          response,
          await request.session.login({ user, present: 'cookie', claims: { role: 'member' } }),
        )
      await request.session.logout()
      return answerStatus(response, 204)
    })
    const listener = (request, response): void => {
      if (request.url === '/me') request.url = '/verify'
      if (!forwardAuth(request, response)) void rest(request, response)
    }
    return { listener, storeCalls: () => null, close: () => auth.close() }
  },
}
