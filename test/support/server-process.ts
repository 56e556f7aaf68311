import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** `handstamp serve` as a process of its own. */
export interface ServerProcess {
  /** By address, so that no name has to be resolved. */
  readonly url: string
  readonly pid: number
  readonly demo: { readonly username: string; readonly password: string } | null
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>
  /** What it has written to standard error. */
  complaints(): string
}

/** Starts a server on a free port of this machine and waits until it is ready. */
export async function startServerProcess(data: string, flags: readonly string[] = []): Promise<ServerProcess> {
  const argv = ['--conditions=handstamp-source', main, 'serve', '--json', '--port', '0', '--data', data, ...flags]
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, argv, {
    env: { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaints += chunk
  })
  const ended = once(child, 'close').then(() => null)
  const line = await Promise.race([firstLine(child), ended])
  if (line === null) throw new Error(`the server did not start: ${complaints}`)
  const { url, demo = null } = JSON.parse(line) as { url: string; demo?: ServerProcess['demo'] }
  return {
    url: `http://127.0.0.1:${new URL(url).port}`,
    pid: child.pid ?? 0,
    demo,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
    complaints: () => complaints,
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string | null> {
  if (stdout === null) return null
  for await (const line of createInterface({ input: stdout })) return line
  return null
}
