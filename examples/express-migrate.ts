// region docs
import express from 'express'
import { handstamp, memory } from 'handstamp'
import { problems, requireSession, session } from 'handstamp/express'
import { adopt, expressSessions } from 'handstamp/migrate'

const auth = handstamp({ secrets: process.env.SESSION_SECRET, backend: memory() })
const old = expressSessions({
  secret: process.env.OLD_SESSION_SECRET ?? 'what session() was given',
  find: (sid) => oldSession(sid), // with connect-redis: client.get('sess:' + sid)
  user: ({ userId, cart }) => (userId === undefined ? null : { user: String(userId), data: { cart: cart ?? [] } }),
})

const app = express().use(session(auth))
app.use((req, _res, next) => adopt(req, [old]).then(() => next(), next)) // in place of express-session
app.get('/me', requireSession(), async (req, res) => {
  res.json({ user: req.session.user, cart: await req.session.get('cart') })
})
app.use(problems())
// endregion

/** Stands in for the store of express-session. */
async function oldSession(sid: string): Promise<string | null> {
  return sid === 'an-old-session' ? JSON.stringify({ cookie: {}, userId: 42, cart: ['bread'] }) : null
}

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://localhost:${address.port}`)
})
