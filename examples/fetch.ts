// region readme
import { handstamp, memory } from 'handstamp'
import { requireSession, routes, session, type WithSession } from 'handstamp/fetch'

const auth = handstamp({ secrets: process.env.SESSION_SECRET, backend: memory() })
const authRoutes = routes(auth, { at: '/auth' }) // POST /auth/logout, /auth/token, /auth/revoke
const me = requireSession()((request: WithSession) => Response.json({ user: request.session.user }))

async function login(request: WithSession): Promise<Response> {
  const user = checkPassword(await request.json().catch(() => null)) // yours
  return user === null ? new Response(null, { status: 401 }) : Response.json(await request.session.login({ user }))
}

export const handle = session(auth)(async (request: WithSession) => {
  const route = `${request.method} ${new URL(request.url).pathname}`
  if (route === 'POST /login') return login(request)
  if (route === 'GET /me') return me(request)
  return (await authRoutes(request)) ?? new Response('not found', { status: 404 })
})
// endregion

/** Stands in for your own check of a name and a password. */
function checkPassword(body: unknown): string | null {
  const { username, password } = (body ?? {}) as { username?: unknown; password?: unknown }
  return username === 'ada' && password === 'notes on the engine' ? '42' : null
}

/** Bun, Deno and edge servers take `handle` as it is: `Bun.serve({ fetch: handle })`, `Deno.serve(handle)`. Node needs a bridge. */
async function serve(port: number): Promise<number | undefined> {
  const runtime = globalThis as unknown as Runtimes
  const hostname = '127.0.0.1'
  if (runtime.Bun !== undefined) return runtime.Bun.serve({ port, hostname, fetch: (request) => handle(request) }).port
  if (runtime.Deno !== undefined)
    return runtime.Deno.serve({ port, hostname, onListen: () => {} }, (request) => handle(request)).addr.port
  const { serve } = await import('@hono/node-server')
  return new Promise((resolve) =>
    serve({ fetch: (request) => handle(request), port, hostname }, (at) => resolve(at.port)),
  )
}

type Fetch = (request: Request) => Promise<Response>

interface Runtimes {
  readonly Bun?: { serve(options: { port: number; hostname: string; fetch: Fetch }): { readonly port: number } }
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(): void },
      fetch: Fetch,
    ): { readonly addr: { readonly port: number } }
  }
}

console.log(`http://localhost:${await serve(Number(process.env.PORT ?? 3000))}`)
