import { type PathContext, proxy, requireSession, routes, session } from '../../../../src/adapters/next.ts'
import type { EndingKind } from '../application.ts'
import { type Answering, answerHandlers, endings, type Guarding, me, sessionHandlers } from '../doors/fetch.ts'
import type { World } from '../world.ts'

/** What the files of the app pass on to. */
export interface NextApplication {
  proxy(request: Request): Promise<Response | undefined>
  route(request: Request, context: PathContext): Promise<Response>
}

const guarded: Guarding = (rules, handler) => requireSession(rules)(handler)

export function nextApplication(world: World, folder: string): NextApplication {
  const { auth } = world
  const endpoints = routes(auth)
  const twice = session(auth)(session(auth)(guarded({}, me)))
  const handlers = {
    ...sessionHandlers(guarded),
    ...answerHandlers(world, folder),
    'GET /twice/me': twice,
  } as Readonly<Record<string, Answering>>
  const handle = session(auth)((request) => {
    const { pathname } = new URL(request.url)
    const [, kind, name] = /^\/ending\/(\w+)\/(.+)$/.exec(pathname) ?? []
    const ending = endings[kind as EndingKind]?.[decodeURIComponent(name ?? '')]
    if (ending !== undefined) return ending()
    const handler = handlers[`${request.method === 'HEAD' ? 'GET' : request.method} ${pathname}`]
    const plain = { 'Content-Type': 'text/plain' }
    return handler === undefined ? new Response('not found', { status: 404, headers: plain }) : handler(request)
  })
  return {
    proxy: proxy(auth),
    route: async (request, context) => {
      const below = await belowEndpoints(context)
      return below === null ? handle(request) : endpoints.POST(request, below)
    },
  }
}

/** The context as a route in `auth/[...path]`, or in `sub/auth/[...path]`, gets it. */
async function belowEndpoints({ params }: PathContext): Promise<PathContext | null> {
  const path = [(await params).path ?? []].flat()
  const start = path[0] === 'sub' ? 2 : 1
  if (path[start - 1] !== 'auth' || path.length === start) return null
  return { params: Promise.resolve({ path: path.slice(start) }) }
}
