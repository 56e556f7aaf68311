import { second } from '../../src/base/clock.ts'
import type { SharedEngine } from '../support/engines.ts'
import { type Begun, type RemoteNode, startNodes } from '../support/nodes.ts'

export interface LagOptions {
  readonly nodes: number
  readonly revocations: number
  /** R, in milliseconds. */
  readonly bound: number
  /** No hint arrives anywhere. */
  readonly isDeaf?: boolean
  /** Checks go through HTTP, to a server of each node. */
  readonly overHttp?: boolean
  /** Each is confirmed. */
  readonly confirm?: boolean
  readonly progress?: (done: number) => void
}

export interface Lag {
  readonly revocations: number
  /** Checks that raced with a revocation. */
  readonly checks: number
  /** From the acknowledgement to the last acceptance at any node, in milliseconds; 0 where it was earlier. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Accepted later than R after the acknowledgement; with confirmation, after it at all. */
  readonly late: number
  /** How long `revoke` took. */
  readonly ackP50: number
  readonly ackP99: number
}

const batch = 20

/** Ends sessions at one node after the other, while all nodes check them without a pause (P-I1, P-I2). */
export async function revocationLag(engine: SharedEngine, options: LagOptions): Promise<Lag> {
  const { bound, confirm = false, isDeaf = false, overHttp = false } = options
  const policy = { revocationBound: bound }
  const nodes = await startNodes(options.nodes, {
    engine: engine.name,
    url: engine.server.url,
    policy,
    isDeaf,
    overHttp,
  })
  const lags: number[] = []
  const acks: number[] = []
  let late = 0
  try {
    for (let done = 0; done < options.revocations; done += batch) {
      const sessions = await beginAll(nodes, done)
      const over = refusals(nodes, sessions)
      await Promise.all(nodes.map((node) => node.ask({ kind: 'watch', sessions: sessions.map(pairOf) })))
      const acknowledged = new Map<string, number>()
      for (const [index, { id }] of sessions.entries()) {
        const node = nodes[(done + index) % nodes.length] as RemoteNode
        const since = performance.now()
        const { at } = await node.ask<{ at: number }>({ kind: 'revoke', id, confirm })
        acks.push(performance.now() - since)
        acknowledged.set(id, at)
      }
      for (const [id, lastAccepted] of await over) {
        const lag = lastAccepted - (acknowledged.get(id) ?? 0)
        lags.push(Math.max(0, lag))
        if (lag > (confirm ? 0 : bound)) late++
      }
      options.progress?.(done + batch)
    }
    const statuses = await Promise.all(nodes.map((node) => node.ask<{ tries: number }>({ kind: 'status' })))
    const checks = statuses.reduce((sum, { tries }) => sum + tries, 0)
    return { revocations: lags.length, checks, ...quantiles(lags), late, ackP50: at(acks, 0.5), ackP99: at(acks, 0.99) }
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
  }
}

async function beginAll(nodes: readonly RemoteNode[], done: number): Promise<readonly Begun[]> {
  const begun: Begun[] = []
  for (let index = 0; index < batch; index++) {
    const node = nodes[(done + index * 3) % nodes.length] as RemoteNode
    const present = index % 2 === 0 ? 'cookie' : 'token'
    begun.push(await node.ask<Begun>({ kind: 'create', user: `user ${done + index}`, present }))
  }
  return begun
}

function pairOf({ id, presented }: Begun): readonly [string, Begun['presented']] {
  return [id, presented]
}

/** By session: when any node has last accepted it, once all have refused it. */
function refusals(nodes: readonly RemoteNode[], sessions: readonly Begun[]): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>()
  const left = new Map(sessions.map(({ id }) => [id, nodes.length]))
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('a node has not refused an ended session for a minute')),
      60 * second,
    )
    for (const node of nodes)
      node.onRefused((id, lastAccepted) => {
        const missing = left.get(id)
        if (missing === undefined) return
        last.set(id, Math.max(last.get(id) ?? 0, lastAccepted))
        if (missing > 1) left.set(id, missing - 1)
        else left.delete(id)
        if (left.size > 0) return
        clearTimeout(timer)
        resolve(last)
      })
  })
}

function quantiles(values: readonly number[]): Pick<Lag, 'p50' | 'p99' | 'max'> {
  return { p50: at(values, 0.5), p99: at(values, 0.99), max: at(values, 1) }
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100) / 100
}
