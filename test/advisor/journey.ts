import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { AdviceFile, Choice } from '../../src/advisor/advice.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** One for all: they share the engines, as the nodes of one application do. */
const secret = randomBytes(32).toString('base64url')
const cli = join(root, 'src', 'cli', 'main.ts')
const packages = ['express', 'fastify', 'hono', '@hono/node-server', 'pg', 'redis']

/** Writes the files into an empty folder, starts what they say, and signs in, renews and signs out in each presentation that it has. */
export async function journey(
  { present, framework, engine }: Choice,
  files: readonly AdviceFile[],
  urls: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-advice-'))
  for (const { path, text } of files) writeFileSync(join(folder, path), text)
  link(folder)
  // The server takes its engine from what it is told of: the variable of that one alone.
  const variable = engine === 'postgres' ? 'DATABASE_URL' : 'REDIS_URL'
  const told = framework === 'server' ? (engine === 'sqlite' ? {} : { [variable]: urls[variable] }) : urls
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = {
    PATH,
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    ...told,
    SESSION_SECRET: secret,
    PORT: '0',
    NODE_ENV: 'development',
  }
  const isServer = framework === 'server'
  const person = isServer ? await addAccount(folder, env) : ada
  const argv = isServer ? [...startOf(files), '--json'] : startOf(files)
  const child = spawn(process.execPath, argv, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaints += chunk
  })
  const ended = once(child, 'exit')
  try {
    const line = await Promise.race([firstLine(child.stdout), ended.then(() => null)])
    if (line === null) assert.fail(`it did not start: ${complaints}`)
    const at: Place = isServer
      ? { url: (JSON.parse(line) as { readonly url: string }).url, me: '/session', auth: '', person }
      : { url: line, me: '/me', auth: '/auth', person }
    if (present !== 'token') await withCookies(at)
    if (present !== 'cookie') await withTokens(at, present === 'both')
  } finally {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What `npm start` runs; the program of the package from its source. */
function startOf(files: readonly AdviceFile[]): readonly string[] {
  const manifest = files.find(({ path }) => path === 'package.json')?.text ?? '{}'
  const { start } = (JSON.parse(manifest) as { readonly scripts: { readonly start: string } }).scripts
  const [program, ...words] = start.split(' ')
  assert.equal(program, 'node')
  const own = words.map((word) => (word === 'node_modules/handstamp/bin/handstamp.js' ? cli : word))
  return ['--conditions=handstamp-source', ...own]
}

/** An account for this run alone: the engines are shared. */
async function addAccount(folder: string, env: Readonly<Record<string, string | undefined>>): Promise<Person> {
  const person = { username: `ada-${randomBytes(6).toString('hex')}`, password: ada.password }
  const argv = ['--conditions=handstamp-source', cli, 'users', 'add', person.username, '--password-stdin']
  const child = spawn(process.execPath, argv, { cwd: folder, env, stdio: ['pipe', 'ignore', 'pipe'] })
  child.stdin.end(person.password)
  const [code] = (await once(child, 'exit')) as [number | null]
  assert.equal(code, 0, 'an account was added')
  return person
}

function link(folder: string): void {
  const to = (name: string, target: string): void => {
    const path = join(folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }
  to('handstamp', root)
  for (const name of packages) to(name, join(root, 'node_modules', name))
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | null> {
  for await (const line of createInterface({ input: stream })) return line
  return null
}

interface Person {
  readonly username: string
  readonly password: string
}

const ada: Person = { username: 'ada', password: 'notes on the engine' }

/** Where the application answers. */
interface Place {
  readonly url: string
  /** Path that tells who it is. */
  readonly me: string
  /** Path before `/logout` and `/token`. */
  readonly auth: string
  readonly person: Person
}

function post(url: string, path: string, body: object | null, headers: Readonly<Record<string, string>> = {}) {
  const json = body === null ? {} : { 'Content-Type': 'application/json' }
  const init = body === null ? {} : { body: JSON.stringify(body) }
  return fetch(url + path, { method: 'POST', headers: { Origin: url, ...json, ...headers }, ...init })
}

function cookiesOf(answer: Response): ReadonlyMap<string, string> {
  const lines = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
  return new Map(lines.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

async function withCookies({ url, me: path, auth, person }: Place): Promise<void> {
  const login = await post(url, '/login', { ...person, ...(auth === '' && { present: 'cookie' }) })
  assert.equal(login.status, 200)
  const cookies = cookiesOf(login)
  assert.deepEqual([...cookies.keys()].sort(), ['__Host-session', '__Host-snapshot'])
  const credential = `__Host-session=${cookies.get('__Host-session')}`
  const both = { Cookie: `${credential}; __Host-snapshot=${cookies.get('__Host-snapshot')}` }
  const me = await fetch(url + path, { headers: both })
  assert.equal(((await me.json()) as { readonly user: string }).user, auth === '' ? person.username : '42')
  const renewed = await fetch(url + path, { headers: { Cookie: credential } })
  assert.equal(renewed.status, 200)
  assert.ok(cookiesOf(renewed).has('__Host-snapshot'), 'renewed in passing')
  assert.equal((await post(url, `${auth}/logout`, null, both)).status, 204)
  assert.equal((await fetch(url + path, { headers: both })).status, 401)
}

async function withTokens({ url, me, auth, person }: Place, alsoCookies: boolean): Promise<void> {
  const login = await post(url, '/login', alsoCookies ? { ...person, present: 'token' } : person)
  assert.equal(login.status, 200)
  const first = (await login.json()) as { readonly access_token: string; readonly refresh_token: string }
  const who = async (token: string): Promise<number> =>
    (await fetch(url + me, { headers: { Authorization: `Bearer ${token}` } })).status
  assert.equal(await who(first.access_token), 200)
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: first.refresh_token })
  const refreshed = await fetch(`${url}${auth}/token`, { method: 'POST', body: form })
  assert.equal(refreshed.status, 200)
  const { access_token: token } = (await refreshed.json()) as { readonly access_token: string }
  assert.equal(await who(token), 200)
  assert.equal((await post(url, `${auth}/logout`, null, { Authorization: `Bearer ${token}` })).status, 204)
  assert.equal(await who(token), 401)
}
