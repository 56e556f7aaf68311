import type { AdviceFile, Choice, Engine } from './advice.ts'
import { serverProgramOf } from './server-program.ts'

/** The files of an application that runs with this choice. */
export function programOf(choice: Choice): readonly AdviceFile[] {
  const { framework } = choice
  if (framework === 'server') return serverProgramOf(choice)
  const own = { ...choice, framework }
  return [
    { path: 'server.js', text: serverOf(own) },
    { path: 'package.json', text: manifestOf(own) },
    { path: '.env.example', text: environmentOf(choice) },
  ]
}

interface EngineParts {
  readonly imports: string
  readonly setUp: string
  readonly packages: Readonly<Record<string, string>>
  readonly variable: string | null
}

const engines: Readonly<Record<Engine, EngineParts>> = {
  memory: {
    imports: `import { handstamp, memory } from 'handstamp'`,
    setUp: 'const backend = memory()',
    packages: {},
    variable: null,
  },
  sqlite: {
    imports: `import { handstamp } from 'handstamp'\nimport { sqlite } from 'handstamp/sqlite'`,
    setUp: `const backend = sqlite({ path: process.env.SESSIONS ?? 'sessions.db' })`,
    packages: {},
    variable: 'SESSIONS=sessions.db',
  },
  postgres: {
    imports: `import { handstamp } from 'handstamp'\nimport { postgres } from 'handstamp/postgres'\nimport { Pool } from 'pg'`,
    setUp: 'const backend = postgres({ pool: new Pool({ connectionString: process.env.DATABASE_URL }) })',
    packages: { pg: '^8.13.0' },
    variable: 'DATABASE_URL=postgres://name:password@localhost/database',
  },
  redis: {
    imports: `import { handstamp } from 'handstamp'\nimport { redis } from 'handstamp/redis'\nimport { createClient } from 'redis'`,
    setUp: 'const backend = redis({ client: createClient({ url: process.env.REDIS_URL }) })',
    packages: { redis: '^6.0.0' },
    variable: 'REDIS_URL=redis://localhost:6379',
  },
}

interface FrameworkParts {
  readonly imports: string
  readonly packages: Readonly<Record<string, string>>
  /** @param login the call that begins a session, of `body` and `session` */
  readonly program: (login: (body: string, session: string) => string) => string
}

type Framework = Exclude<Choice['framework'], 'server'>
type OwnChoice = Choice & { readonly framework: Framework }

const frameworks: Readonly<Record<Framework, FrameworkParts>> = {
  express: {
    imports: `import express from 'express'\nimport { problems, requireSession, routes, session } from 'handstamp/express'`,
    packages: { express: '^5.1.0' },
    program: (login) => `const app = express().use(session(auth), express.json())
app.use('/auth', routes(auth)) // POST /auth/logout, /auth/token, /auth/revoke

app.post('/login', async (req, res) => {
  const user = checkPassword(req.body)
  if (user === null) return res.sendStatus(401)
  res.json(await ${login('req.body', 'req.session')})
})
app.get('/me', requireSession(), (req, res) => res.json({ user: req.session.user }))
app.use(problems())

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(\`http://localhost:\${server.address().port}\`)
})`,
  },
  fastify: {
    imports: `import fastify from 'fastify'\nimport { problems, requireSession, routes, session } from 'handstamp/fastify'`,
    packages: { fastify: '^5.2.0' },
    program: (login) => `const app = fastify().register(session(auth))
app.register(routes(auth), { prefix: '/auth' }) // POST /auth/logout, /auth/token, /auth/revoke
app.setErrorHandler(problems())

app.post('/login', async (request, reply) => {
  const user = checkPassword(request.body)
  return user === null ? reply.code(401).send() : ${login('request.body', 'request.session')}
})
app.get('/me', { onRequest: requireSession() }, async (request) => ({ user: request.session.user }))

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(\`http://localhost:\${app.server.address().port}\`)`,
  },
  hono: {
    imports: `import { serve } from '@hono/node-server'\nimport { problems, requireSession, routes, session } from 'handstamp/hono'\nimport { Hono } from 'hono'`,
    packages: { hono: '^4.6.0', '@hono/node-server': '^2.0.0' },
    program: (login) => `const app = new Hono().use(session(auth))
app.use('/auth/*', routes(auth)) // POST /auth/logout, /auth/token, /auth/revoke
app.onError(problems())

app.post('/login', async (c) => {
  const body = await c.req.json().catch(() => null)
  const user = checkPassword(body)
  return user === null ? c.body(null, 401) : c.json(await ${login('body', 'c.var.session')})
})
app.get('/me', requireSession(), (c) => c.json({ user: c.var.session.user }))

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(\`http://localhost:\${port}\`)
})`,
  },
  node: {
    imports: `import { createServer } from 'node:http'\nimport { json } from 'node:stream/consumers'\nimport { requireSession, routes, session } from 'handstamp/node'`,
    packages: {},
    program: (
      login,
    ) => `const authRoutes = routes(auth, { at: '/auth' }) // POST /auth/logout, /auth/token, /auth/revoke
const me = requireSession()((req, res) => send(res, 200, { user: req.session.user }))

const server = createServer(
  session(auth)(async (req, res) => {
    if (req.method === 'POST' && req.url === '/login') {
      const body = await json(req).catch(() => null)
      const user = checkPassword(body)
      if (user === null) return send(res, 401, { error: 'wrong name or password' })
      return send(res, 200, await ${login('body', 'req.session')})
    }
    if (req.method === 'GET' && req.url === '/me') return me(req, res)
    if (!(await authRoutes(req, res))) send(res, 404, { error: 'not found' })
  }),
)

function send(res, status, body) {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(\`http://localhost:\${server.address().port}\`)
})`,
  },
}

function serverOf({ framework, engine, present, policy }: OwnChoice): string {
  const { imports, program } = frameworks[framework]
  const parts = engines[engine]
  const options = [
    'secrets: process.env.SESSION_SECRET,',
    'backend,',
    ...(present === 'cookie' ? [] : [`present: '${present}',`]),
    ...(Object.keys(policy).length === 0 ? [] : [`policy: ${policyText(policy)},`]),
  ]
  return `${sorted(`${imports}\n${parts.imports}`)}

${parts.setUp}
const auth = handstamp({
  ${options.join('\n  ')}
})

${program(present === 'both' ? loginOfBoth : (_body, session) => `${session}.login({ user })`)}

/** Yours: the id of the user with that name and password, or null. */
function checkPassword(body) {
  return body?.username === 'ada' && body.password === 'notes on the engine' ? '42' : null
}
`
}

function loginOfBoth(body: string, session: string): string {
  return `${session}.login({ user, present: ${body}.present === 'token' ? 'token' : 'cookie' })`
}

/** Lines of imports: node: first, then by module. */
function sorted(imports: string): string {
  const moduleOf = (line: string): string => / from '(.*)'$/.exec(line)?.[1] ?? ''
  const rank = (line: string): string => (moduleOf(line).startsWith('node:') ? ' ' : '') + moduleOf(line)
  return imports
    .split('\n')
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .join('\n')
}

function policyText(policy: Choice['policy']): string {
  const entries = Object.entries(policy).map(([name, millis]) => `${name}: ${millis / 60_000} * 60 * 1000`)
  return `{ ${entries.join(', ')} }`
}

function manifestOf({ framework, engine }: OwnChoice): string {
  const dependencies = { handstamp: '^0.1.0', ...frameworks[framework].packages, ...engines[engine].packages }
  const manifest = {
    private: true,
    type: 'module',
    engines: { node: '>=24.7' },
    scripts: { start: 'node --env-file-if-exists=.env server.js' },
    dependencies: Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

function environmentOf({ engine }: Choice): string {
  const { variable } = engines[engine]
  return `# Copy to .env. Make the secret with: openssl rand -base64 32
SESSION_SECRET=
PORT=3000
${variable === null ? '' : `${variable}\n`}`
}
