import express from 'express'
import session from 'express-session'
import { acceptWebSocket } from './web-socket.ts'

/**
 * An application on express-session as its README shows it: MemoryStore, the defaults of the cookie, `regenerate` at login, `destroy` at logout. Its
 * README logs out by GET; here it is POST, as in the others. WebSockets as the README of ws shows them with express-session.
 */
export function expressSessionApp(_origin: string, counts: { notes: number; sockets: number }) {
  const app = express()
  const sessionParser = session({ secret: 'not a secret', resave: false, saveUninitialized: false })
  app.use(sessionParser)
  app.use(express.json(), express.urlencoded({ extended: false }))
  app.get('/', (_request, response) => response.send('<!doctype html><title>app</title>'))
  app.get('/whoami', (request, response) => response.json({ user: request.session.user ?? null }))
  app.post('/login', (request, response, next) => {
    const { user } = request.body ?? {}
    if (user === undefined) return response.sendStatus(400)
    request.session.regenerate((error) => {
      if (error) return next(error)
      request.session.user = user
      request.session.save((failed) => (failed ? next(failed) : response.json({ user })))
    })
  })
  app.post('/logout', (request, response) => {
    request.session.destroy(() => response.status(204).end())
  })
  app.post('/note', (request, response) => {
    if (request.session.user === undefined) return response.sendStatus(401)
    counts.notes++
    response.status(204).end()
  })
  const upgrade = (request, socket) => {
    sessionParser(request, {}, () => {
      if (request.session.user === undefined) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      counts.sockets++
      acceptWebSocket(request, socket)
    })
  }
  return { listener: app, upgrade }
}
