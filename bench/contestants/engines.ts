import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { World } from '../contestant.ts'

/** An engine of its own, which writes nothing to a disk that has to be waited for. */
export interface Engine {
  readonly url: string
  close(): Promise<void>
}

type Name = 'Redis' | 'Postgres'

/** Why contestants on it are left out here; null where they can run. */
export function engineMissing(name: Name): string | null {
  const program = name === 'Redis' ? 'redis-server' : postgresProgram('postgres')
  return program !== null && spawnSync(program, ['--version']).status === 0 ? null : `${name} is not installed`
}

/** Started by the process that begins, found by the one that joins. It ends with the first at the latest. */
export async function openEngine(name: Name, world: World): Promise<Engine> {
  const file = join(world.folder, `${name}.url`)
  if (world.role === 'joins') return { url: await readFile(file, 'utf8'), close: async () => {} }
  const port = await freePort()
  const { child, url } = name === 'Redis' ? startRedis(world.folder, port) : startPostgres(world.folder, port)
  process.once('exit', () => child.kill('SIGKILL'))
  await ready(child)
  await writeFile(file, url)
  return { url, close: () => end(child) }
}

interface Started {
  readonly child: ChildProcess
  readonly url: string
}

function startRedis(folder: string, port: number): Started {
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  return { child: spawn('redis-server', options, quiet), url: `redis://127.0.0.1:${port}` }
}

const quiet = { stdio: ['ignore', 'pipe', 'pipe'] as ('ignore' | 'pipe')[] }

/** Postgres does not run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

function startPostgres(folder: string, port: number): Started {
  const data = join(folder, 'postgres')
  mkdirSync(data, { mode: 0o700 })
  if ('uid' in nobody) {
    chownSync(folder, nobody.uid, nobody.gid)
    chownSync(data, nobody.uid, nobody.gid)
  }
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  execFileSync(postgresProgram('initdb') as string, init, { stdio: 'pipe', cwd: '/', ...nobody })
  const settings = ['-c', 'fsync=off', '-c', 'unix_socket_directories=', '-c', 'log_min_messages=log']
  const args = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', ...settings]
  const child = spawn(postgresProgram('postgres') as string, args, { ...quiet, cwd: '/', ...nobody })
  return { child, url: `postgres://postgres@127.0.0.1:${port}/postgres` }
}

function postgresProgram(name: string): string | null {
  if (spawnSync(name, ['--version']).status === 0) return name
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(root, version, 'bin', name)).find((file) => existsSync(file)) ?? null
}

/** Both say on their log that they are ready. */
async function ready(child: ChildProcess): Promise<void> {
  const said = new Promise<'ready'>((resolve) => {
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        log += log.length < 100_000 ? chunk.toString() : ''
        if (/ready to accept connections/i.test(log)) resolve('ready')
      })
  })
  if ((await Promise.race([said, once(child, 'exit')])) !== 'ready') throw new Error('the engine did not start')
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  if (child.kill('SIGKILL')) await ended
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
