// region readme

import { handstamp, memory } from 'handstamp'
import { problems, requireSession, routes, type SessionEnv, session } from 'handstamp/hono'
import { Hono } from 'hono'

const auth = handstamp({ secrets: process.env.SESSION_SECRET, backend: memory() })
const app = new Hono<SessionEnv>().use(session(auth))
app.use('/auth/*', routes(auth)) // POST /auth/logout, /auth/token, /auth/revoke
app.onError(problems())

app.post('/login', async (c) => {
  const user = checkPassword(await c.req.json().catch(() => null)) // yours
  return user === null ? c.body(null, 401) : c.json(await c.var.session.login({ user }))
})
app.get('/me', requireSession(), (c) => c.json({ user: c.var.session.user }))
// endregion

/** Stands in for your own check of a name and a password. */
function checkPassword(body: unknown): string | null {
  const { username, password } = (body ?? {}) as { username?: unknown; password?: unknown }
  return username === 'ada' && password === 'notes on the engine' ? '42' : null
}

import { serve } from '@hono/node-server'

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`http://localhost:${port}`)
})
