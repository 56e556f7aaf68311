import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** `handstamp serve` as a process of its own. */
export interface ServerProcess {
  readonly url: string
  readonly port: number
  readonly demo: { readonly username: string; readonly password: string } | null
  /** All that it has printed on standard error. */
  complaints(): string
  /** Resident memory in MB (Linux). */
  memory(): number
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>
}

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname

/** Starts a server on a free port of loopback with its data in that folder. */
export async function startServer(data: string): Promise<ServerProcess> {
  const env = { PATH: process.env.PATH, PORT: '0', HANDSTAMP_DATA: data }
  const child = spawn(process.execPath, [main, 'serve', '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    void ended.then(() => reject(new Error(`the server did not start: ${complaints}`)))
  })
  const ready = JSON.parse(line)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  return {
    url: ready.url,
    port: Number(new URL(ready.url).port),
    demo: ready.demo ?? null,
    complaints: () => complaints,
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}
