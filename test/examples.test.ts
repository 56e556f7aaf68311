import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sharedEngines } from './support/engines.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'examples')
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .sort()

const ada = { username: 'ada', password: 'notes on the engine' }

const engines = await sharedEngines()
const onEngines = engines.map(({ name }) => `${name}.ts`)
const urls = Object.fromEntries(engines.map(({ variable }) => variable))

describe('examples with cookies', () => {
  for (const name of ['express.ts', 'node.ts', 'fastify.ts', 'hono.ts', 'fetch.ts', ...onEngines]) {
    test(`${name} logs in, checks and logs out; a copied pair is refused afterwards`, async (t) => {
      const url = await run(t, name)
      const jar = new Map<string, string>()
      assert.deepEqual(await check(url, jar), { status: 401, reason: 'anonymous' })

      const wrong = await send(url, jar, '/login', { ...ada, password: 'wrong' })
      assert.equal(wrong.status, 401)
      assert.equal(jar.size, 0)

      const login = await send(url, jar, '/login', ada)
      assert.equal(login.status, 200)
      assert.deepEqual([...jar.keys()].sort(), ['__Host-session', '__Host-snapshot'])
      assert.deepEqual(await check(url, jar), { status: 200, user: '42' })

      const copy = new Map(jar)
      const logout = await send(url, jar, '/auth/logout')
      assert.equal(logout.status, 204)
      assert.equal(jar.size, 0)
      assert.deepEqual(await check(url, jar), { status: 401, reason: 'anonymous' })
      assert.deepEqual(await check(url, copy), { status: 401, reason: 'revoked' })
    })

    test(`${name} refuses a logout that another site has started`, async (t) => {
      const url = await run(t, name)
      const jar = new Map<string, string>()
      await send(url, jar, '/login', ada)
      const foreign = await send(url, jar, '/auth/logout', undefined, { Origin: 'https://elsewhere.example' })
      assert.equal(foreign.status, 403)
      assert.deepEqual(await check(url, jar), { status: 200, user: '42' })
    })
  }
})

describe('express-migrate.ts', () => {
  test('takes over a session of express-session with its data, once', async (t) => {
    const url = await run(t, 'express-migrate.ts')
    const signature = createHmac('sha256', 'what session() was given').update('an-old-session').digest('base64')
    const cookie = `connect.sid=${encodeURIComponent(`s:an-old-session.${signature.replace(/=+$/, '')}`)}`
    const answer = await fetch(`${url}/me`, { headers: { Cookie: cookie } })
    assert.deepEqual(await answer.json(), { user: '42', cart: ['bread'] })
    const names = answer.headers.getSetCookie().map((line) => line.split('=', 1)[0])
    assert.deepEqual(names.sort(), ['__Host-session', '__Host-snapshot', 'connect.sid'])
    assert.equal((await fetch(`${url}/me`, { headers: { Cookie: `${cookie}x` } })).status, 401)
  })
})

describe('examples with tokens', () => {
  test('express-tokens.ts logs in, checks, renews and logs out; copied tokens are refused afterwards', async (t) => {
    const url = await run(t, 'express-tokens.ts')
    const login = await send(url, new Map(), '/login', ada)
    assert.deepEqual(login.headers.getSetCookie(), [])
    const tokens = (await login.json()) as { access_token: string; refresh_token: string; expires_in: number }
    assert.equal(tokens.expires_in, 300)
    assert.deepEqual(await checkToken(url, tokens.access_token), { status: 200, user: '42' })

    const renewed = await renew(url, tokens.refresh_token)
    assert.equal(renewed.status, 200)
    const { access_token } = (await renewed.json()) as { access_token: string }
    assert.deepEqual(await checkToken(url, access_token), { status: 200, user: '42' })

    const bearer = { Authorization: `Bearer ${access_token}` }
    const logout = await fetch(`${url}/auth/logout`, { method: 'POST', headers: bearer })
    assert.equal(logout.status, 204)
    for (const copied of [tokens.access_token, access_token])
      assert.deepEqual(await checkToken(url, copied), { status: 401, reason: 'revoked' })
    assert.equal((await renew(url, tokens.refresh_token)).status, 400)
  })

  test('express-tokens.ts is express.ts with one line changed', () => {
    assert.equal(changedLines('express.ts', 'express-tokens.ts').length, 1)
  })
})

const pages = [
  'README.md',
  'docs/backends.md',
  'docs/engines.md',
  'docs/migrate-express-session.md',
  'examples/README.md',
  'examples/next/README.md',
]
/** Sources of the example that is a folder of its own. */
const nextSources = ['app', 'lib', 'proxy.ts'].flatMap((name) => {
  const path = join('next', name)
  if (name.endsWith('.ts')) return [path]
  const inside = readdirSync(join(folder, path), { recursive: true, encoding: 'utf8' })
  return inside.filter((one) => /\.tsx?$/.test(one)).map((one) => join(path, one))
})

describe(`the code blocks of ${pages.join(', ')}`, () => {
  const blocks = pages.flatMap((path) => codeBlocks(readFileSync(join(root, path), 'utf8')))
  const regions = new Map([...examples, ...nextSources].flatMap((name) => regionsOf(name)))

  test('are regions of the examples', () => {
    const texts = [...regions.values()]
    for (const { text } of blocks.filter(({ language }) => language.startsWith('ts')))
      assert.ok(texts.includes(text), `no example holds this block:\n${text}`)
  })

  test('show every region of the examples but those of the tokens, which are shown as a change', () => {
    const shown = new Set(blocks.map(({ text }) => text))
    const missing = [...regions].filter(([, text]) => !shown.has(text)).map(([place]) => place)
    assert.deepEqual(missing, ['express-tokens.ts readme'])
    const [change] = changedLines('express.ts', 'express-tokens.ts')
    const diffs = blocks.filter(({ language }) => language === 'diff').map(({ text }) => text)
    assert.deepEqual(diffs, [`-${change?.before}\n+${change?.after}\n`])
  })
})

describe('the links of the documents', () => {
  for (const path of documents()) {
    test(`${path}: every link to a file leads somewhere`, () => assert.deepEqual(deadLinks(path), []))
  }
})

/** Runs an example from source on a free port until the test ends, and gives its address. */
async function run(t: TestContext, name: string): Promise<string> {
  const { SESSION_SECRET: _, ...env } = process.env
  const child = spawn(process.execPath, ['--conditions=handstamp-source', join('examples', name)], {
    cwd: root,
    env: { ...env, ...urls, PORT: '0', NODE_ENV: 'development' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => stop(child))
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error(`${name} ended before it listened`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}

type Jar = Map<string, string>

/** What a browser would send: its cookies, and for unsafe requests the origin of the page. */
async function send(
  url: string,
  jar: Jar,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Response> {
  const headers: Record<string, string> = { Origin: url, ...more }
  if (jar.size > 0) headers.Cookie = [...jar].map((pair) => pair.join('=')).join('; ')
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) ?? null })
  keep(jar, response)
  return response
}

function keep(jar: Jar, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [pair = '', ...attributes] = line.split('; ')
    const at = pair.indexOf('=')
    if (attributes.includes('Max-Age=0')) jar.delete(pair.slice(0, at))
    else jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

interface Checked {
  readonly status: number
  readonly user?: string
  readonly reason?: string
}

async function check(url: string, jar: Jar): Promise<Checked> {
  return checkWith(url, { Cookie: [...jar].map((pair) => pair.join('=')).join('; ') })
}

async function checkToken(url: string, token: string): Promise<Checked> {
  return checkWith(url, { Authorization: `Bearer ${token}` })
}

async function checkWith(url: string, headers: Record<string, string>): Promise<Checked> {
  const response = await fetch(`${url}/me`, { headers })
  const { user, reason } = (await response.json()) as { user?: string; reason?: string }
  return {
    status: response.status,
    ...(user === undefined ? {} : { user }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function renew(url: string, token: string): Promise<Response> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token })
  return fetch(`${url}/auth/token`, { method: 'POST', body })
}

function changedLines(one: string, other: string): { readonly before: string; readonly after: string }[] {
  const [before, after] = [one, other].map((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  assert.equal(before?.length, after?.length)
  return (before ?? []).flatMap((line, index) => {
    const changed = after?.[index] ?? ''
    return line === changed ? [] : [{ before: line, after: changed }]
  })
}

/** The text between `// region NAME` and `// endregion`, by `FILE NAME`. */
function regionsOf(name: string): [place: string, text: string][] {
  const text = readFileSync(join(folder, name), 'utf8')
  return [...text.matchAll(/^\/\/ region (\S+)\n(.*?)^\/\/ endregion$/gms)].map((found) => [
    `${name} ${found[1]}`,
    found[2] ?? '',
  ])
}

function codeBlocks(markdown: string): { readonly language: string; readonly text: string }[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((found) => ({
    language: found[1] ?? '',
    text: found[2] ?? '',
  }))
}

/** Every Markdown file of the repository, by its path from the root. */
function documents(): string[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'))
  const inside = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const docs = inside.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  return [...top, ...docs, ...pages.slice(3)].sort()
}

function deadLinks(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8').replace(/^```.*?^```$/gms, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => found[1] ?? '')
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !leads(path, target))
}

function leads(path: string, target: string): boolean {
  const [file = '', anchor] = target.split('#', 2)
  const found = file === '' ? join(root, path) : resolve(root, dirname(path), decodeURIComponent(file))
  if (relative(root, found).startsWith('..') || !existsSync(found)) return false
  return anchor === undefined || headings(found).includes(anchor)
}

/** The anchors that GitHub gives the headings of a document. */
function headings(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)
  return [...found].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}
