import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Auth } from '../../src/http/auth.ts'
import { handstamp } from '../../src/http/auth.ts'
import type { Backend } from '../../src/model/backend.ts'
import { memory } from '../../src/stores/memory.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { type Gate, gate } from '../../src/testing/gate.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { type Answer, type Asked, type Client, connect } from './client.ts'
import type { Progress } from './interleave.ts'
import { type Door, type Listening, listen, raceApp } from './race-app.ts'

export type StoreName = 'memory' | 'sqlite'
export const stores: readonly StoreName[] = ['memory', 'sqlite']

export const secret = 'not a secret: 0123456789 abcdefghijklmnopqrstuvwxyz'

/** Where races are run: applications with real servers on one gated store, and a clock that stands still. */
export interface World {
  readonly clock: ManualClock
  readonly gate: Gate
  /** The store behind the gate. */
  readonly inner: Backend
  readonly auths: readonly Auth[]
  /** One for each node. */
  readonly clients: readonly Client[]
  /** Asks a node; with a flow, the operations of the request are held under that name. */
  ask(node: number, method: string, path: string, asked?: Asked & { readonly flow?: string }): Promise<Answer>
  /** Forgets the flows of the trial before, and holds operations from now on. */
  begin(): Progress
  close(): Promise<void>
}

export interface WorldOptions {
  readonly door: Door
  readonly store: StoreName
  /** Instances of the application on that store (1). */
  readonly nodes?: number
  /** Where the SQLite file is made. */
  readonly folder: string
}

let made = 0

export async function openWorld({ door, store, nodes = 1, folder }: WorldOptions): Promise<World> {
  const clock = manualClock()
  made += 1
  const path = join(folder, `races-${made}.db`)
  const inner = store === 'memory' ? memory({ clock }) : sqlite({ path, clock })
  const gated = gate(inner)
  gated.open()
  const auths = Array.from({ length: nodes }, () =>
    handstamp({ backend: gated.backend, clock, secrets: secret, present: 'both', claims: { role: 'string' } }),
  )
  for (const auth of auths) await auth.ready()
  const tracked = trackFlows(gated)
  const servers: readonly Listening[] = await Promise.all(
    auths.map((auth) => listen(tracked.listener(raceApp(door, auth)))),
  )
  const clients = servers.map(({ url }) => connect(url))
  return {
    clock,
    gate: gated,
    inner,
    auths,
    clients,
    ask: (node, method, path, { flow, ...asked } = {}) => {
      const client = clients[node % nodes] as Client
      return client.ask(method, path, flow === undefined ? asked : { ...asked, headers: { 'x-flow': flow } })
    },
    begin: () => {
      gated.shut()
      return tracked.renew()
    },
    close: async () => {
      gated.open()
      for (const client of clients) client.close()
      for (const server of servers) await server.close()
      for (const auth of auths) await auth.close()
    },
  }
}

/** Requests that name a flow belong to it from the first line of the server on, until they are answered. */
function trackFlows(gated: Gate): { listener(inner: RequestListener): RequestListener; renew(): Progress } {
  let entered = new Set<string>()
  let left = new Set<string>()
  return {
    listener: (inner) => (request, response) => {
      const flow = request.headers['x-flow']
      if (typeof flow !== 'string') return inner(request, response)
      const [hereEntered, hereLeft] = [entered, left]
      hereEntered.add(flow)
      response.once('close', () => hereLeft.add(flow))
      void gated.flow(flow, async () => inner(request, response))
    },
    renew: () => {
      const [nextEntered, nextLeft] = [new Set<string>(), new Set<string>()]
      entered = nextEntered
      left = nextLeft
      return { entered: (flow) => nextEntered.has(flow), left: (flow) => nextLeft.has(flow) }
    },
  }
}
