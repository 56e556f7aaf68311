// region readme
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { handstamp, memory } from 'handstamp'
import { requireSession, routes, session, type WithSession } from 'handstamp/node'

type Req = WithSession<IncomingMessage>

const auth = handstamp({ secrets: process.env.SESSION_SECRET, backend: memory() })
const authRoutes = routes(auth, { at: '/auth' })
const me = requireSession()((req: Req, res: ServerResponse) => send(res, 200, { user: req.session.user }))

async function login(req: Req, res: ServerResponse): Promise<void> {
  const user = checkPassword(await readJson(req)) // yours
  if (user === null) send(res, 401, { error: 'wrong name or password' })
  else send(res, 200, await req.session.login({ user }))
}

async function answer(req: Req, res: ServerResponse): Promise<void> {
  if (req.method === 'POST' && req.url === '/login') return login(req, res)
  if (req.method === 'GET' && req.url === '/me') return me(req, res)
  if (!(await authRoutes(req, res))) send(res, 404, { error: 'not found' })
}

const server = createServer(session(auth)(answer))
// endregion

/** Stands in for your own check of a name and a password. */
function checkPassword(body: unknown): string | null {
  const { username, password } = (body ?? {}) as { username?: unknown; password?: unknown }
  return username === 'ada' && password === 'notes on the engine' ? '42' : null
}

/** A small JSON body; null for anything else. */
async function readJson(req: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of req.setEncoding('utf8')) if (text.length < 16_384) text += chunk
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://localhost:${address.port}`)
})
