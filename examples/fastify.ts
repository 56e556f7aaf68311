// region readme
import fastify from 'fastify'
import { handstamp, memory } from 'handstamp'
import { problems, requireSession, routes, session } from 'handstamp/fastify'

const auth = handstamp({ secrets: process.env.SESSION_SECRET, backend: memory() })
const app = fastify().register(session(auth))
app.register(routes(auth), { prefix: '/auth' }) // POST /auth/logout, /auth/token, /auth/revoke
app.setErrorHandler(problems())

app.post('/login', async (request, reply) => {
  const user = checkPassword(request.body) // yours
  return user === null ? reply.code(401).send() : request.session.login({ user })
})
app.get('/me', { onRequest: requireSession() }, async (request) => ({ user: request.session.user }))
// endregion

/** Stands in for your own check of a name and a password. */
function checkPassword(body: unknown): string | null {
  const { username, password } = (body ?? {}) as { username?: unknown; password?: unknown }
  return username === 'ada' && password === 'notes on the engine' ? '42' : null
}

import type { AddressInfo } from 'node:net'

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(`http://localhost:${(app.server.address() as AddressInfo).port}`)
