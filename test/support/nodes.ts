import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PolicyOptions, Presented } from 'handstamp'
import type { SharedEngine } from './engines.ts'

export interface Opening {
  readonly engine: SharedEngine['name']
  readonly url: string
  readonly secret: string
  readonly policy: PolicyOptions
  /** It hears no hints: only its heartbeats tell it anything. */
  readonly isDeaf: boolean
  /** What is watched is tried over HTTP. */
  readonly overHttp?: boolean
}

export type Asked =
  | { readonly kind: 'open'; readonly opening: Opening }
  | { readonly kind: 'create'; readonly user: string; readonly present: 'cookie' | 'token' }
  | { readonly kind: 'validate'; readonly presented: Presented }
  | { readonly kind: 'watch'; readonly sessions: readonly (readonly [id: string, presented: Presented])[] }
  | { readonly kind: 'revoke'; readonly id: string; readonly confirm: boolean }
  | { readonly kind: 'revokeAll'; readonly whom: { readonly tenant: string } | { readonly user: string } | 'everyone' }
  | { readonly kind: 'stall'; readonly ms: number }
  | { readonly kind: 'status' | 'close' }

export type Told =
  | { readonly kind: 'answer'; readonly number: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly id: string; readonly lastAccepted: number }

/** A session, and what its client shows. */
export interface Begun {
  readonly id: string
  readonly presented: Presented
}

/** A node in a process of its own. Rejects with the kind of the Fault. */
export interface RemoteNode {
  ask<T>(asked: Asked): Promise<T>
  /** Calls back when a watched session is refused there: when it was last accepted, on the clock that all processes share. */
  onRefused(listener: (id: string, lastAccepted: number) => void): void
  close(): Promise<void>
}

export const nodeSecret = 'Nd6-nodes-Yq2Wn8Rk5Lm0Xc3Zt6Bd9Hf'

/** Starts so many nodes on one engine. */
export async function startNodes(count: number, opening: Omit<Opening, 'secret'>): Promise<readonly RemoteNode[]> {
  return Promise.all(Array.from({ length: count }, () => startNode({ ...opening, secret: nodeSecret })))
}

async function startNode(opening: Opening): Promise<RemoteNode> {
  const file = fileURLToPath(new URL('node-worker.ts', import.meta.url))
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child: ChildProcess = fork(file, {
    execArgv: ['--conditions=handstamp-source'],
    env,
    serialization: 'advanced',
  })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const listeners: ((id: string, lastAccepted: number) => void)[] = []
  let numbers = 0
  child.on('message', (told: Told) => {
    if (told.kind === 'refused') {
      for (const listener of listeners) listener(told.id, told.lastAccepted)
      return
    }
    const { resolve, reject } = waiting.get(told.number) ?? {}
    waiting.delete(told.number)
    if (told.kind === 'answer') resolve?.(told.value)
    else reject?.(new Error(told.reason))
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the node has ended'))
  })
  const ask = <T>(asked: Asked): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const number = ++numbers
      waiting.set(number, { resolve: (value) => resolve(value as T), reject })
      child.send({ number, asked })
    })
  await ask({ kind: 'open', opening })
  return {
    ask,
    onRefused: (listener) => listeners.push(listener),
    close: async () => {
      const over = new Promise((resolve) => child.once('exit', resolve))
      await ask({ kind: 'close' }).catch(() => {})
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await over
      clearTimeout(timer)
    },
  }
}
