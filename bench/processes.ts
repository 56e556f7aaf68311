import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Driven, LoadTask, RunTask } from './drive.ts'
import type { Answered, Question, Settings } from './process-talk.ts'

/** Servers run on this core, the driver on the other, where the machine has two and knows `taskset`. */
const serverCore = 0
const driverCore = 1

export const pins: boolean =
  availableParallelism() > 1 && spawnSync('taskset', ['-p', String(process.pid)]).status === 0

/** A contestant's process. */
export interface ServerProcess {
  readonly port: number
  ask(ask: Question['ask'], argument?: number): Promise<unknown>
  /** Microseconds of CPU time so far, user and system. */
  cpu(): Promise<number>
  close(): Promise<void>
}

export interface Driver {
  load(set: string, requests: readonly string[]): Promise<void>
  run(task: Omit<RunTask, 'kind'>): Promise<Driven>
  close(): Promise<void>
}

/** A server waits a minute between its slots; without these V8 gives up compiled code and room for new objects meanwhile, which no server under load loses. */
const asUnderLoad = ['--no-memory-reducer', '--no-flush-bytecode']

/** Starts a module of this folder with an IPC channel, on one core. */
export function startNode(file: string, args: readonly string[], core: number): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const node = [process.execPath, '--conditions=handstamp-source', '--expose-gc', ...asUnderLoad, path, ...args]
  const [command, ...rest] = pins ? ['taskset', '-c', String(core), ...node] : node
  const env = { PATH: process.env.PATH, NODE_ENV: 'development', NODE_NO_WARNINGS: '1' }
  // Requests are many: as JSON they take longer than sessions take to begin.
  return spawn(command as string, rest, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
    env,
  })
}

export async function startServer(settings: Settings, core: number = serverCore): Promise<ServerProcess> {
  const child = startNode('server-process.ts', [JSON.stringify(settings)], core)
  const waiting = new Map<number, (value: unknown) => void>()
  let lastId = 0
  const ready = new Promise<unknown>((resolve) => waiting.set(0, resolve))
  const ended = once(child, 'exit').then(() => 'ended' as const)
  child.on('message', ({ id, value }: Answered) => {
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  const port = await Promise.race([ready, ended])
  if (typeof port !== 'number') throw new Error(`${settings.name} did not start`)
  const ask = async (ask: Question['ask'], argument?: number): Promise<unknown> => {
    const id = ++lastId
    const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve))
    child.send({ id, ask, ...(argument === undefined ? {} : { argument }) } satisfies Question)
    const value = await Promise.race([answer, ended])
    if (value === 'ended') throw new Error(`${settings.name} has ended`)
    return value
  }
  return {
    port,
    ask,
    cpu: async () => (await ask('cpu')) as number,
    close: async () => {
      await ask('close')
      child.disconnect()
      await ended
    },
  }
}

export function startDriver(): Driver {
  const child = startNode('drive.ts', [], driverCore)
  const tell = async (task: LoadTask | RunTask): Promise<unknown> => {
    const answer = once(child, 'message')
    child.send(task)
    const [value] = await answer
    return value
  }
  return {
    load: async (set, requests) => {
      await tell({ kind: 'load', set, requests })
    },
    run: async (task) => (await tell({ kind: 'run', ...task })) as Driven,
    close: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
