import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IronSession } from 'iron-session'
import type { Contestant, World } from '../contestant.ts'
import { answerMe, answerStatus, queryOf } from './answers.ts'

type Stored = IronSession<Record<string, unknown>>
type Open = (request: IncomingMessage, response: ServerResponse) => Promise<Stored>

/** iron-session, set up as its README says. */
export const ironSessions: readonly Contestant[] = [
  {
    name: 'iron-session',
    framework: 'node:http',
    carries: 'cookie',
    endsBy: 'cookie: 14 days',
    keepsData: true,
    start: async (world) => {
      const { getIronSession } = await import('iron-session')
      const options = { password: world.secret, cookieName: 'session', cookieOptions: { secure: false } }
      const open: Open = (request, response) => getIronSession(request, response, options)
      const listener = createListener(open, world)
      return { listener, storeCalls: () => null, close: async () => {} }
    },
  },
]

/** What it throws for some damaged cookies is answered as a framework would. */
function createListener(open: Open, world: World) {
  const answer = createAnswer(open, world)
  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch(() => answerStatus(response, 500))
  }
}

function createAnswer(open: Open, { hold }: World) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const session = await open(request, response)
    const query = queryOf(request)
    const [path] = (request.url ?? '').split('?', 1)
    switch (path) {
      case '/me':
        if (typeof session.user === 'string') answerMe(response, session.user)
        else answerStatus(response, 401)
        return
      case '/login':
        session.user = query.get('user')
        await session.save()
        return answerStatus(response, 200)
      case '/logout':
        session.destroy()
        return answerStatus(response, 204)
      case '/slow':
        await hold()
        session[String(query.get('key'))] = query.get('value')
        await session.save()
        return answerStatus(response, 204)
      case '/data':
        return answerData(response, session, query.getAll('key'))
      default:
        return answerStatus(response, 404)
    }
  }
}

function answerData(response: ServerResponse, session: Stored, keys: readonly string[]): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(Object.fromEntries(keys.map((key) => [key, session[key] ?? null]))))
}
