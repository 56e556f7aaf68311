import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Account {
  readonly username: string
  readonly password: string
}

/** A real `handstamp serve` in a process of its own. */
export interface ServerProcess {
  /** `http://localhost:PORT`, as it was printed. */
  readonly url: string
  readonly port: number
  /** Path of the data folder. */
  readonly data: string
  /** The demo account that the first start printed. */
  readonly demo: Account
  /** The same server under another name that leads to this machine. */
  at(host: string): string
  /** SIGTERM; resolves when the process has gone, with its exit code. */
  stop(): Promise<number | null>
  /** Begins anew after `stop`: the same port, the same data. */
  restart(): Promise<void>
  /** Stops and removes the data. */
  remove(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

interface Ready {
  readonly url: string
  readonly demo?: Account
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts one on a free port, with a data folder of its own and an environment that holds nothing of ours but what is given. */
export async function serve(env: Environment = {}): Promise<ServerProcess> {
  const data = mkdtempSync(join(tmpdir(), 'handstamp-browser-'))
  let { child, ready } = await start({ PORT: '0', ...env, HANDSTAMP_DATA: data })
  const { url, demo } = ready
  const port = Number(new URL(url).port)
  assert.ok(demo !== undefined, 'the first start makes a demo account')

  async function stop(): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    return child.exitCode
  }

  return {
    url,
    port,
    data,
    demo,
    at: (host) => `http://${host}:${port}`,
    stop,
    restart: async () => {
      ;({ child, ready } = await start({ ...env, HANDSTAMP_DATA: data, PORT: String(port) }))
    },
    remove: async () => {
      await stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

async function start(env: Environment): Promise<{ child: ChildProcess; ready: Ready }> {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, [main, 'serve', '--json'], {
    env: { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> })
  for await (const line of lines) return { child, ready: JSON.parse(line) as Ready }
  throw new Error('the server ended before it was ready')
}
