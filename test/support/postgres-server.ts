import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import { type EngineProcess, freePort, postgresFolders, programOf, startEngine } from './engine-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface PostgresServer extends EngineProcess {
  readonly port: number
  readonly url: string
  /** Its files; to be copied while it is stopped. */
  readonly folder: string
  /** A new pool; the caller ends it. */
  pool(max?: number): Pool
  /** Starts it again on the same port and files. */
  start(): Promise<void>
  /** Stops it, and puts a copy of its files back. */
  copy(): string
  restore(copy: string): void
}

/** Debian’s user nobody: Postgres does not run as root. */
const nobody = { uid: 65_534, gid: 65_534 }
const isRoot = process.getuid?.() === 0

export const withPostgres = programOf('postgres', postgresFolders()) !== null

/** Stopped when the tests of the file, or of the suite that asks for it, are over. @param settings of postgresql.conf; it is not crash-safe without `fsync: 'on'` */
export async function postgresServer(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const program = programOf('postgres', postgresFolders()) as string
  const initdb = programOf('initdb', postgresFolders()) as string
  const folder = join(temporaryFolder(), 'data')
  mkdirSync(folder, { mode: 0o700 })
  if (isRoot) {
    chownSync(join(folder, '..'), nobody.uid, nobody.gid)
    chownSync(folder, nobody.uid, nobody.gid)
  }
  const user = isRoot ? nobody : undefined
  execFileSync(initdb, ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    stdio: 'pipe',
    cwd: '/',
    ...user,
  })
  const port = await freePort()
  const all = { fsync: 'off', max_connections: '200', unix_socket_directories: '', ...settings }
  const config = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const isUp = async (): Promise<boolean> => {
    const client = new Client({ connectionString: url })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return true
    } catch {
      return false
    }
  }
  const start = (): Promise<EngineProcess> =>
    startEngine({ program, args: ['-D', folder, '-p', `${port}`, '-h', '127.0.0.1', ...config], user, isUp })
  let running = await start()
  after(() => running.crash())
  return {
    port,
    url,
    folder,
    pool: (max = 10) => new Pool({ connectionString: url, max }),
    pause: () => running.pause(),
    resume: () => running.resume(),
    crash: () => running.crash(),
    stop: () => running.stop(),
    start: async () => {
      // After kill -9 its processes have to notice first that they are alone.
      for (let tries = 1; ; tries++) {
        try {
          running = await start()
          return
        } catch (error) {
          if (tries === 50) throw error
          await setTimeout(100)
        }
      }
    },
    copy: () => {
      const copy = join(temporaryFolder(), 'data')
      execFileSync('cp', ['-a', folder, copy])
      return copy
    },
    restore: (copy) => {
      execFileSync('rm', ['-rf', folder])
      execFileSync('cp', ['-a', copy, folder])
    },
  }
}
