import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import express from 'express'
import { acceptWebSocket } from './web-socket.ts'

const password = 'correct horse battery staple'

/**
 * An application on Better Auth with email and password as its documentation shows it for Express: nothing is set but baseURL, secret, database and
 * emailAndPassword. `POST /note` is a route of the application's own, which asks `auth.api.getSession` who is signed in.
 */
export async function betterAuthApp(origin: string, counts: { notes: number; sockets: number }) {
  const auth = betterAuth({
    baseURL: origin,
    secret: 'k2yVq8ZrT5mWx0NcJ7bLd4HsPf9GuEaR',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], rateLimit: [] }),
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
  for (const name of ['ada', 'mallory'])
    await auth.api.signUpEmail({ body: { name, email: `${name}@example.com`, password } })
  const userOf = async (request) => {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
    return session?.user.name ?? null
  }
  const app = express()
  app.all('/api/auth/*splat', toNodeHandler(auth))
  app.use(express.json(), express.urlencoded({ extended: false }))
  app.get('/', (_request, response) => response.send('<!doctype html><title>app</title>'))
  app.get('/whoami', async (request, response) => response.json({ user: await userOf(request) }))
  app.post('/note', async (request, response) => {
    if ((await userOf(request)) === null) return response.sendStatus(401)
    counts.notes++
    response.status(204).end()
  })
  const upgrade = async (request, socket) => {
    if ((await userOf(request)) === null) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    counts.sockets++
    acceptWebSocket(request, socket)
  }
  return { listener: app, upgrade }
}
