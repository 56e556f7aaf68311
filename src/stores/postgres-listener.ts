import { setTimeout as pause } from 'node:timers/promises'
import { type Millis, systemClock } from '../base/clock.ts'
import type { Poke } from '../model/log.ts'
import { within } from './deadline.ts'
import { pokesOf } from './hints.ts'
import { createListeners } from './listeners.ts'
import type { EventHandler, PostgresClient, Queries } from './postgres-pool.ts'

/** Hears what other nodes tell: by LISTEN on a connection of its own, or by asking for the heads where that is not possible. */
export interface Listener {
  onPoke(listener: (poke: Poke) => void): () => void
  /** Hears what this node tells, at once. */
  hear(poke: Poke): void
  close(): void
}

export interface ListenerOptions {
  readonly queries: Queries
  /** Unguessable: whoever may connect to a database may notify any channel. Null: LISTEN is not wanted. */
  readonly channel: () => Promise<string | null>
  readonly deadline: Millis
}

/** How often the heads are asked for without LISTEN. */
const pollEvery: Millis = 50
/** How often a connection that listens is asked whether it is still there. */
const probeEvery: Millis = 5_000
const retryAfter: Millis = 500

export function createListener({ queries, channel, deadline }: ListenerOptions): Listener {
  const { add, hear, clear } = createListeners()
  let running: { stopped: boolean } | null = null

  async function run(state: { stopped: boolean }): Promise<void> {
    const heads = new Map<number, number>()
    while (!state.stopped) {
      const name = await channel().catch(() => null)
      const heard = name !== null && (await listen(state, name).catch(() => false))
      // Also until the next connection: nothing that came in between may wait for the next heartbeat.
      const until = systemClock.monotonic() + (heard || name === null ? 0 : retryAfter)
      do {
        // One that is down is not asked so often.
        await poll(heads).catch(() => pause(retryAfter, undefined, { ref: false }))
        await pause(pollEvery, undefined, { ref: false })
      } while (!state.stopped && systemClock.monotonic() < until)
    }
  }

  /** @returns after the connection has been lost; false if it never heard anything, as behind a pooler of transactions */
  async function listen(state: { stopped: boolean }, name: string): Promise<boolean> {
    const client = await queries.client()
    let lost: Error | null = null
    let probed = ''
    const onLoss = (error?: Error): void => {
      lost ??= error ?? new Error('the connection has ended')
    }
    const onNotification = ({ payload = '' }: { readonly payload?: string }): void => {
      if (payload.startsWith('p')) probed = payload
      else for (const poke of pokesOf(payload)) hear(poke)
    }
    client.on('error', onLoss)
    client.on('end', onLoss)
    client.on('notification', onNotification)
    try {
      await within(deadline, () => client.query({ text: `LISTEN "${name}"` }))
      for (let probe = 1; !state.stopped && lost === null; probe++) {
        const values = [name, `p${probe}`]
        await within(deadline, () => client.query({ text: 'SELECT pg_notify($1, $2)', values }))
        if (!(await arrival(() => probed === `p${probe}` || lost !== null, deadline))) return probe > 1
        const next = systemClock.monotonic() + probeEvery
        while (!state.stopped && lost === null && systemClock.monotonic() < next)
          await pause(Math.min(200, pollEvery * 4), undefined, { ref: false })
      }
      return true
    } finally {
      forget(client, { error: onLoss, end: onLoss, notification: onNotification })
    }
  }

  async function poll(heads: Map<number, number>): Promise<void> {
    const rows = await queries.run<{ part: number; seq: number }>('read', 'SELECT part, seq FROM hs.head', [])
    for (const { part, seq } of rows) {
      const before = heads.get(Number(part))
      heads.set(Number(part), Number(seq))
      if (before !== undefined && before !== Number(seq)) hear({ kind: 'news', partition: Number(part) })
    }
  }

  return {
    onPoke: (listener) => {
      const stop = add(listener)
      if (running === null) {
        running = { stopped: false }
        void run(running)
      }
      return () => {
        if (!stop() || running === null) return
        running.stopped = true
        running = null
      }
    },
    hear,
    close: () => {
      clear()
      if (running !== null) running.stopped = true
      running = null
    },
  }
}

/** Closed rather than given back: it may still be listening. */
function forget(client: PostgresClient, handlers: Readonly<Record<string, EventHandler>>): void {
  for (const [event, handler] of Object.entries(handlers))
    if (event !== 'error') client.removeListener?.(event, handler)
  client.release(true)
}

async function arrival(isThere: () => boolean, limit: Millis): Promise<boolean> {
  const end = systemClock.monotonic() + limit
  while (!isThere() && systemClock.monotonic() < end) await pause(5, undefined, { ref: false })
  return isThere()
}
