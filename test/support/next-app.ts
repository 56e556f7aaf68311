import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const example = join(root, 'examples', 'next')
const installed = join(example, 'node_modules', 'handstamp')
const next = join(example, 'node_modules', 'next', 'dist', 'bin', 'next')
const run = promisify(execFile)

/** `next start` of `examples/next`, as a process of its own. */
export interface NextApp {
  readonly port: number
  /** The origin that it is configured with. */
  readonly url: string
  readonly secret: string
  /** Where its sessions are. */
  readonly database: string
  /** The folder that `next build` has written. */
  readonly built: string
  stop(): Promise<void>
}

/** Declares a suite that needs what `examples/next` depends on. Where that is not installed it is skipped in one line, or fails in CI (HANDSTAMP_REQUIRE_ALL=1). */
export function withNext(title: string, declare: () => void): void {
  const isThere = existsSync(next) && existsSync(installed)
  const missing = 'Next is not installed to run them: npm run build && npm ci --prefix examples/next'
  if (!isThere && process.env.HANDSTAMP_REQUIRE_ALL === '1') {
    test(title, () => assert.fail(missing))
    return
  }
  describe(title, { skip: isThere ? false : missing }, declare)
}

/**
 * Builds the example with the library as it is in `src` now, and starts it on a free port.
 *
 * @param data an empty folder for its sessions
 */
export async function startNext(data: string): Promise<NextApp> {
  const secret = 'Kf8-next-start-2mXw0_qVtZ6rJyB4nLd'
  const port = await freePort()
  const url = `http://localhost:${port}`
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, SESSION_SECRET: secret, ORIGIN: url, NEXT_TELEMETRY_DISABLED: '1' }
  await installSource()
  await run(process.execPath, [next, 'build', example], { cwd: data, env })
  const child = spawn(process.execPath, [next, 'start', example, '--port', String(port), '--hostname', '127.0.0.1'], {
    cwd: data,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await ready(child)
  return {
    port,
    url,
    secret,
    database: join(data, 'sessions.db'),
    built: join(example, '.next'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

/** Puts the library, compiled anew, where `npm ci` has put it as it was then. */
async function installSource(): Promise<void> {
  const dist = join(installed, 'dist')
  rmSync(dist, { recursive: true, force: true })
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // Types are checked elsewhere; `next build` checks those that the example sees.
  const flags = ['-p', 'tsconfig.build.json', '--outDir', dist, '--noCheck', '--noEmitOnError', 'false']
  await run(process.execPath, [compiler, ...flags], { cwd: root })
}

/** Resolves once it listens; reads on, so that it can go on writing. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
      if (said.includes('Ready in')) resolve()
    })
    child.once('exit', () => reject(new Error(`next start ended: ${said}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}
