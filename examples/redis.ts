import express from 'express'
import { handstamp } from 'handstamp'
import { requireSession, routes, session } from 'handstamp/express'
// region readme
import { redis } from 'handstamp/redis'
import { createClient } from 'redis'

const client = createClient({ url: process.env.REDIS_URL ?? 'redis://localhost:6379' })
const auth = handstamp({ secrets: process.env.SESSION_SECRET, backend: redis({ client }) })
// endregion

const app = express().use(session(auth), express.json())
app.use('/auth', routes(auth)) // POST /auth/logout, /auth/token, /auth/revoke

app.post('/login', async (req, res) => {
  const user = checkPassword(req.body) // yours
  if (user === null) res.sendStatus(401)
  else res.json(await req.session.login({ user }))
})
app.get('/me', requireSession(), (req, res) => res.json({ user: req.session.user }))

/** Stands in for your own check of a name and a password. */
function checkPassword(body: { username?: string; password?: string } | undefined): string | null {
  return body?.username === 'ada' && body.password === 'notes on the engine' ? '42' : null
}

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://localhost:${address.port}`)
})
