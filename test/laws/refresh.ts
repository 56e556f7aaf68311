import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { second } from '../../src/base/clock.ts'
import { handstamp } from '../../src/http/auth.ts'
import type { Backend } from '../../src/model/backend.ts'
import { defaultPolicy } from '../../src/model/policy.ts'
import { memory } from '../../src/stores/memory.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { type Acts, type Answered, actsOf, type Refreshed } from '../support/refresh-worker.ts'
import { slowBackend } from '../support/slow-backend.ts'
import { secret } from './race-world.ts'

export type { Refreshed }

/** Nodes in one process or several that work on one store and go by one clock. */
export interface Fleet {
  readonly workers: readonly Acts[]
  advance(ms: number): Promise<void>
  /** What happened at all of them since the last time. */
  events(): Promise<readonly string[]>
  /** Kills a process and starts another one in its place; for fleets of processes. */
  replace?(worker: number): Promise<void>
  close(): Promise<void>
}

/** Beyond G + 2D: the newest credential rotates, its parent forks. */
export const pastQuiet = defaultPolicy.grace + 2 * defaultPolicy.transit + second

/** So many nodes in this process on one memory store. */
export function memoryFleet(nodes: number): Promise<Fleet> {
  const clock = manualClock()
  return localFleet(nodes, memory({ clock }), clock)
}

/** The same on an engine whose operations overlap and are answered in any order. */
export function slowFleet(nodes: number, seed: number): Promise<Fleet> {
  const clock = manualClock()
  return localFleet(nodes, slowBackend({ clock, seed }), clock)
}

async function localFleet(nodes: number, backend: Backend, clock: ManualClock): Promise<Fleet> {
  const kinds: string[] = []
  const auths = Array.from({ length: nodes }, () =>
    handstamp({ backend, clock, secrets: secret, present: 'token', events: ({ kind }) => kinds.push(kind) }),
  )
  for (const auth of auths) await auth.ready()
  const worker = actsOf(auths, clock, kinds)
  return {
    workers: [worker],
    advance: worker.advance,
    events: worker.events,
    close: async () => {
      for (const auth of auths) await auth.close()
    },
  }
}

/** So many processes on one SQLite file, each with some nodes. */
export async function sqliteFleet(processes: number, nodesEach: number): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-refresh-'))
  const path = join(folder, 'sessions.db')
  const clock = manualClock()
  const start = (): Promise<Worker> => startWorker(path, nodesEach, clock)
  const running: Worker[] = []
  // One after the other: the first one makes the file.
  for (let count = 0; count < processes; count++) running.push(await start())
  return {
    get workers() {
      return running.map(({ acts }) => acts)
    },
    advance: async (ms) => {
      clock.advance(ms)
      await Promise.all(running.map(({ acts }) => acts.advance(ms)))
    },
    events: async () => (await Promise.all(running.map(({ acts }) => acts.events()))).flat(),
    replace: async (worker) => {
      await running[worker]?.kill()
      running[worker] = await start()
    },
    close: async () => {
      await Promise.all(running.map(({ kill }) => kill()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Worker {
  readonly acts: Acts
  /** SIGKILL. */
  kill(): Promise<void>
}

const script = fileURLToPath(new URL('../support/refresh-worker.ts', import.meta.url))

async function startWorker(path: string, nodes: number, clock: ManualClock): Promise<Worker> {
  const child = fork(script, [path, secret, String(nodes), String(clock.now())], { execArgv: [] })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let asked = 0
  child.on('message', (answer: Answered) => {
    const one = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) one?.reject(new Error(answer.error))
    else one?.resolve(answer.value)
  })
  const exited = once(child, 'exit').then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the worker has gone'))
  })
  await new Promise((resolve, reject) => waiting.set(0, { resolve, reject }))
  const call =
    (act: string) =>
    (...args: readonly unknown[]) =>
      new Promise((resolve, reject) => {
        asked += 1
        waiting.set(asked, { resolve, reject })
        child.send({ id: asked, act, args })
      })
  const acts = Object.fromEntries(
    ['advance', 'create', 'refresh', 'validate', 'revoke', 'events'].map((act) => [act, call(act)]),
  )
  return {
    acts: acts as unknown as Acts,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

export interface RefreshResult {
  readonly rounds: number
  readonly parallel: number
  /** Presentations in all, and how they were answered. */
  readonly presented: number
  readonly refused: number
  /** Rounds that did not end with exactly one successor, written exactly once. */
  readonly broken: readonly string[]
}

export interface RefreshOptions {
  readonly rounds: number
  readonly parallel: number
  readonly progress?: (sentence: string) => void
}

/** Each round presents the newest refresh token many times at once, spread over all nodes; then the clock passes the quiet zone. */
export async function refreshLaw(
  fleet: Fleet,
  { rounds, parallel, progress = () => {} }: RefreshOptions,
): Promise<RefreshResult> {
  const { workers } = fleet
  const broken: string[] = []
  let refused = 0
  let { refreshToken: token } = await (workers[0] as Acts).create('ann')
  await fleet.events()
  for (let round = 1; round <= rounds; round++) {
    await fleet.advance(pastQuiet)
    const shares = workers.map((_, index) => Math.floor((parallel + index) / workers.length))
    const held = token
    const answers = (
      await Promise.all(workers.map((worker, index) => worker.refresh(held, shares[index] as number)))
    ).flat()
    const renewals = (await fleet.events()).filter((kind) => kind === 'session.renewed').length
    const good = answers.filter((answer) => answer.ok)
    refused += answers.length - good.length
    const successors = new Set(good.map(({ refreshToken }) => refreshToken))
    const [successor] = successors
    const found = {
      answers: answers.length,
      refused: answers.length - good.length,
      successors: successors.size,
      renewals,
    }
    const counted = typeof successor === 'string' ? counterOf(successor) - counterOf(token) : 0
    const isOne = successors.size === 1 && counted === 1 && renewals === 1 && found.refused === 0
    if (!isOne) broken.push(`round ${round}: ${JSON.stringify({ ...found, counted })}`)
    if (typeof successor === 'string') token = successor
    if (round % 100 === 0) progress(`${round} of ${rounds} rounds`)
  }
  return { rounds, parallel, presented: rounds * parallel, refused, broken }
}

/** The counter of a credential (protocol section 5), which anybody can read. */
export function counterOf(credential: string): number {
  return Buffer.from(credential, 'base64url').readUInt32BE(28)
}
