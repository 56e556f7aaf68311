import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { arrive, findChromium, launch } from '../test/support/browser.ts'
import type { Figure } from './figure.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)
/** What a new user has: nothing of this clone's, and nothing of the npm that runs this. */
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) => {
    if (/^(npm_|SESSION_SECRET|NODE_ENV|INIT_CWD)/.test(name)) return []
    const own = (path: string): boolean => !path.startsWith(root) && !path.includes('node-gyp-bin')
    return [[name, name === 'PATH' ? value?.split(delimiter).filter(own).join(delimiter) : value]]
  }),
)
const onNode = ['express', 'fastify', 'hono', 'fetch', 'node'] as const
/** Packages that bring a runtime without an install script, on this kind of machine. */
const runtimes = {
  bun: { package: '@oven/bun-linux-x64', path: '@oven/bun-linux-x64/bin/bun', args: [] },
  deno: { package: '@deno/linux-x64-glibc', path: '@deno/linux-x64-glibc/deno', args: ['run', '-A'] },
} as const

/** Every example in a fresh clone, started by the line of examples/README.md, spoken to by its curl lines and by Chromium; the one for fetch in Bun and Deno as well. */
export const examples: Figure = {
  name: 'examples',
  shows:
    'every example runs from a fresh clone by its own lines, with curl and in Chromium; the one for fetch also in Bun and Deno',
  run: async (progress) => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-examples-'))
    const clone = join(folder, 'clone')
    const browser = await launch(findChromium() as string)
    const result: Record<string, unknown> = {}
    try {
      await run('git', ['clone', '-q', root, clone])
      await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: clone, env, maxBuffer: 2 ** 26 })
      for (const name of onNode) {
        progress(name)
        const args = ['run', '--silent', 'example', `examples/${name}.ts`]
        result[name] = await tried(browser, folder, () => start('npm', args, clone))
      }
      progress('next')
      result.next = await triedNext(browser, folder, clone)
      for (const [name, runtime] of Object.entries(await installRuntimes(folder, clone, progress))) {
        progress(name)
        const { path, args } = runtime
        result[name] = await tried(browser, folder, () => start(path, [...args, 'fetch.ts'], join(folder, 'app')))
      }
    } finally {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    }
    return { n: Object.keys(result).length, passed: true, result }
  },
}

interface Started {
  readonly child: ChildProcess
  readonly url: string
}

async function start(command: string, args: readonly string[], cwd: string): Promise<Started> {
  // A process group of its own, because npm does not pass signals on.
  const child = spawn(command, args, {
    cwd,
    env: { ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  for await (const line of createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }))
    for (const [url] of line.matchAll(/http:\/\/localhost:\d+/g)) {
      child.stdout?.resume()
      return { child, url }
    }
  throw new Error(`${command} ${args.join(' ')} ended before it listened`)
}

async function tried(browser: Browser, folder: string, begin: () => Promise<Started>): Promise<unknown> {
  const { child, url } = await begin()
  try {
    const curl = await byCurl(url, folder, 'examples/README.md')
    assert.deepEqual(curl, ['200', '200', '204', '401'])
    return { curl, chromium: await byChromium(browser, url) }
  } finally {
    const gone = once(child, 'exit')
    process.kill(-(child.pid as number), 'SIGTERM')
    await gone
  }
}

/** The example that is a folder of its own, by the lines of its own README: `next dev`, curl, and its page in Chromium. */
async function triedNext(browser: Browser, folder: string, clone: string): Promise<unknown> {
  const app = join(clone, 'examples', 'next')
  await run('npm', ['run', 'build'], { cwd: clone, env, maxBuffer: 2 ** 26 })
  await run('npm', ['install'], { cwd: app, env, maxBuffer: 2 ** 26 })
  const { child, url } = await start('npm', ['run', 'dev'], app)
  const person = await arrive(browser)
  try {
    const curl = await byCurl(url, folder, 'examples/next/README.md')
    assert.deepEqual(curl, ['200', '200', '204'])
    const { page } = person
    await page.goto(url)
    await page.getByLabel('Name').fill('ada')
    await page.getByLabel('Password').fill('notes on the engine')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Hello, 42').waitFor()
    const names = (await person.jar()).map(({ name }) => name)
    assert.ok(names.includes('__Host-session') && names.includes('__Host-snapshot'), names.join())
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    const left = (await person.jar()).map(({ name }) => name).filter((name) => name.startsWith('__Host-'))
    assert.deepEqual(left, [])
    return { curl, chromium: 'signed in and out by its page' }
  } finally {
    await person.leave()
    const gone = once(child, 'exit')
    process.kill(-(child.pid as number), 'SIGTERM')
    await gone
  }
}

/** The curl lines of a README, as they stand there but for the port; gives their statuses. */
async function byCurl(url: string, folder: string, path: string): Promise<readonly string[]> {
  const text = readFileSync(join(root, path), 'utf8')
  const lines = text.split('\n').filter((line) => line.startsWith('curl '))
  const statuses: string[] = []
  for (const line of lines) {
    const [command = ''] = line.replaceAll('localhost:3000', `localhost:${new URL(url).port}`).split(' # ', 1)
    const { stdout } = await run('sh', ['-c', `${command} -s -o /dev/null -w '%{http_code}'`], { cwd: folder })
    statuses.push(stdout)
  }
  await run('rm', ['-f', 'jar'], { cwd: folder })
  return statuses
}

async function byChromium(browser: Browser, url: string): Promise<readonly number[]> {
  const person = await arrive(browser)
  const { page } = person
  try {
    const visit = async (): Promise<number> => (await page.goto(`${url}/me`))?.status() ?? 0
    const post = (path: string, body: unknown): Promise<number> =>
      page.evaluate(
        async ([to, json]) => {
          const headers = { 'content-type': 'application/json' }
          return (await fetch(to as string, { method: 'POST', headers, body: json as string })).status
        },
        [path, JSON.stringify(body)],
      )
    // The examples have no pages: this one stands for the application's own.
    await page.route(`${url}/page`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>page</title>' }))
    const before = await visit()
    await page.goto(`${url}/page`)
    const login = await post('/login', { username: 'ada', password: 'notes on the engine' })
    const names = (await person.jar()).map(({ name }) => name)
    assert.deepEqual(names, ['__Host-session', '__Host-snapshot'])
    const inside = await visit()
    assert.match(await page.content(), /"42"/)
    await page.goto(`${url}/page`)
    const logout = await post('/auth/logout', {})
    assert.deepEqual(await person.jar(), [])
    const statuses = [before, login, inside, logout, await visit()]
    assert.deepEqual(statuses, [401, 200, 200, 204, 401])
    return statuses
  } finally {
    await person.leave()
  }
}

/** The built package and the example, as somebody has them who works with that runtime. */
async function installRuntimes(
  folder: string,
  clone: string,
  progress: (line: string) => void,
): Promise<Readonly<Record<string, { readonly path: string; readonly args: readonly string[] }>>> {
  const app = join(folder, 'app')
  progress('npm pack, and the runtimes')
  await run('npm', ['pack', '--pack-destination', folder], { cwd: clone, env, maxBuffer: 2 ** 26 })
  await run('sh', [
    '-c',
    `mkdir ${app} && cp ${clone}/examples/fetch.ts ${app} && echo '{"type":"module"}' > ${app}/package.json`,
  ])
  const packages = Object.values(runtimes).map((runtime) => runtime.package)
  const tarball = (await run('sh', ['-c', `ls ${folder}/*.tgz`])).stdout.trim()
  await run('npm', ['install', '--no-audit', '--no-fund', tarball, ...packages], { cwd: app, env })
  return Object.fromEntries(
    Object.entries(runtimes).map(([name, { path, args }]) => [name, { path: join(app, 'node_modules', path), args }]),
  )
}
