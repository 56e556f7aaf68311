import type { Auth } from '../../src/http/auth.ts'
import { handstamp } from '../../src/http/auth.ts'
import { memory } from '../../src/stores/memory.ts'
import { type Gate, gate } from '../../src/testing/gate.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { type Answer, type Client, connect, cookiesOf } from './client.ts'
import { type Door, listen, raceApp } from './race-app.ts'
import { secret } from './race-world.ts'

/** An application whose store can fail at any operation. */
export interface Frail {
  readonly auth: Auth
  readonly clock: ManualClock
  readonly gate: Gate
  readonly client: Client
  /**
   * Sends a request and lets one of its operations at the store fail, counted from 0: before it was carried out, or after.
   *
   * @returns null when it made fewer operations
   */
  failing(at: number, when: 'before' | 'after', send: () => Promise<Answer>): Promise<Failed | null>
  close(): Promise<void>
}

export interface Failed {
  readonly answer: Answer
  /** e.g. `store.kill` */
  readonly operation: string
}

export async function openFrail(door: Door): Promise<Frail> {
  const clock = manualClock()
  const gated = gate(memory({ clock }))
  gated.open()
  const auth = handstamp({
    backend: gated.backend,
    clock,
    secrets: secret,
    present: 'both',
    claims: { role: 'string' },
  })
  await auth.ready()
  const { url, close } = await listen(raceApp(door, auth))
  const client = connect(url)
  return {
    auth,
    clock,
    gate: gated,
    client,
    failing: (at, when, send) => failing(gated, at, when, send),
    close: async () => {
      gated.open()
      client.close()
      await close()
      await auth.close()
    },
  }
}

async function failing(
  gated: Gate,
  at: number,
  when: 'before' | 'after',
  send: () => Promise<Answer>,
): Promise<Failed | null> {
  let operation: string | null = null
  let seen = 0
  gated.shut()
  const stop = gated.onArrival((pending) => {
    if (pending.phase === 'before') {
      if (seen === at) {
        operation = pending.name
        gated.fail(pending.name, when)
      }
      seen += 1
    }
    gated.release(pending)
  })
  try {
    const answer = await send()
    return operation === null ? null : { answer, operation }
  } finally {
    stop()
    gated.open()
  }
}

/**
 * What is wrong with an answer to somebody whose store is down; null if it is as it must be (V1, V2).
 *
 * @param given `renewed`: the session had been renewed before the store failed, so that the new pair may go out
 */
export function wrongWith(
  { status, headers, body }: Answer,
  given: { readonly renewed?: boolean } = {},
): string | null {
  if (status !== 503) return `status ${status}: ${body}`
  if (headers['retry-after'] === undefined) return 'no Retry-After'
  const cookies = [...cookiesOf({ headers })]
  if (cookies.some(([, value]) => value === '')) return 'deletes cookies'
  if (cookies.length > 0 && given.renewed !== true) return 'hands out cookies'
  if (headers['clear-site-data'] !== undefined) return 'clears the storage'
  const { reason } = JSON.parse(body) as { reason?: string }
  if (reason !== 'store_unavailable' && reason !== 'not_stored') return `reason ${reason}`
  return body.includes('token') ? 'the body holds a token' : null
}
