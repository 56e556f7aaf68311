import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A server of an engine, started by the tests and stopped by its id. */
export interface EngineProcess {
  /** SIGSTOP: it neither answers nor closes anything. */
  pause(): void
  resume(): void
  /** SIGKILL. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** Where a program is, on the path or in one of the folders; null: nowhere. Where all must be there, it throws instead. */
export function programOf(name: string, folders: readonly string[] = []): string | null {
  const path = (process.env.PATH ?? '').split(delimiter)
  const found = [...path, ...folders].map((folder) => join(folder, name)).find((file) => existsSync(file))
  if (found === undefined && process.env.HANDSTAMP_REQUIRE_ALL === '1')
    throw new Error(`${name} is not installed, and HANDSTAMP_REQUIRE_ALL is set`)
  return found ?? null
}

/** The folders of Debian’s versions of Postgres, newest first. */
export function postgresFolders(): readonly string[] {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return []
  return readdirSync(root)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, 'bin'))
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

export interface StartOptions {
  readonly program: string
  readonly args: readonly string[]
  /** Who it runs as, where the tests run as root and it refuses to. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Whether it answers. */
  readonly isUp: () => Promise<boolean>
}

/** Starts it and waits until it answers. The caller stops it. */
export async function startEngine({ program, args, user, isUp }: StartOptions): Promise<EngineProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', ...user })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-4000)
    })
  for (let tries = 0; !(await isUp()); tries++) {
    if (child.exitCode !== null || tries > 600) throw new Error(`${program} did not start:\n${said}`)
    await setTimeout(50)
  }
  return {
    pause: () => signal(child, 'SIGSTOP'),
    resume: () => signal(child, 'SIGCONT'),
    crash: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGINT'),
  }
}

/** To it and to the processes that it has started: Postgres has one for each connection. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  child.kill(name)
  for (const pid of childrenOf(child.pid ?? 0)) {
    try {
      process.kill(pid, name)
    } catch {
      // It has ended meanwhile.
    }
  }
}

function childrenOf(parent: number): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
    } catch {
      return false
    }
  })
}

async function end(child: ChildProcess, name: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = new Promise((resolve) => child.once('exit', resolve))
  child.kill(name)
  signal(child, 'SIGCONT')
  await over
}
