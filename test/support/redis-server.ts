import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after } from 'node:test'
import { createClient } from 'redis'
import { type EngineProcess, freePort, programOf, startEngine } from './engine-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface RedisServer extends EngineProcess {
  readonly port: number
  readonly url: string
  readonly folder: string
  /** Starts it again on the same port and files. */
  start(): Promise<void>
  /** A copy of its files, to be taken while it is stopped. */
  copy(): string
  restore(copy: string): void
}

const names = ['redis-server', 'valkey-server'] as const
const program = programOf(names[0]) ?? programOf(names[1])

export const withRedis = program !== null

/** @param settings of redis.conf, over those of a server that keeps what it is given */
export async function redisServer(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const folder = temporaryFolder()
  const data = join(folder, 'data')
  execFileSync('mkdir', [data])
  const port = await freePort()
  const all = { port: `${port}`, bind: '127.0.0.1', dir: data, save: '', appendonly: 'yes', ...settings }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  const url = `redis://127.0.0.1:${port}`
  const isUp = async (): Promise<boolean> => {
    const client = createClient({ url, socket: { reconnectStrategy: false } })
    client.on('error', () => {})
    try {
      await client.connect()
      const pong = await client.ping()
      client.destroy()
      return pong === 'PONG'
    } catch {
      return false
    }
  }
  const start = (): Promise<EngineProcess> => startEngine({ program: program as string, args, isUp })
  let running = await start()
  after(() => running.crash())
  return {
    port,
    url,
    folder: data,
    pause: () => running.pause(),
    resume: () => running.resume(),
    crash: () => running.crash(),
    stop: () => running.stop(),
    start: async () => {
      running = await start()
    },
    copy: () => {
      const copy = join(temporaryFolder(), 'data')
      execFileSync('cp', ['-a', data, copy])
      return copy
    },
    restore: (copy) => {
      execFileSync('rm', ['-rf', data])
      execFileSync('cp', ['-a', copy, data])
    },
  }
}
