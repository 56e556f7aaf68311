import type { RequestListener } from 'node:http'
import express from 'express'
import session from 'express-session'

/** The application of the race script on express-session, as its README says: MemoryStore, nothing saved that was not changed. */
export function expressSessionApp(pause: () => Promise<void>): RequestListener {
  const app = express()
  app.use(session({ secret: 'not a secret', resave: false, saveUninitialized: false }))
  app.post('/login', (request, response) => {
    request.session.regenerate(() => {
      request.session.user = request.query.user
      response.status(200).json({ user: request.session.user })
    })
  })
  app.post('/logout', (request, response) => {
    request.session.destroy(() => response.status(204).end())
  })
  app.get('/me', (request, response) => {
    if (request.session.user === undefined) response.status(401).end()
    else response.json({ user: request.session.user })
  })
  app.get('/data', (request, response) => {
    const keys = [request.query.key].flat()
    response.json(Object.fromEntries(keys.map((key) => [key, request.session[key] ?? null])))
  })
  app.post('/slow', async (request, response) => {
    await pause()
    request.session[request.query.key] = request.query.value
    response.status(204).end()
  })
  return app
}
