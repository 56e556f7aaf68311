import type { Millis } from '../../base/clock.ts'
import type { Reason } from '../../base/reasons.ts'
import type { SessionEvent } from '../../engine/events.ts'

/** What happened in the server, besides what happened to sessions. Holds no secret, no name as typed. */
export type ServerEvent =
  | SessionEvent
  | Reported
  /** A password was judged, or refused unseen. `user` only where it was right. */
  | {
      readonly kind: 'login.judged'
      /** A sign-in, or the password once more within a session. */
      readonly what: 'login' | 'reauthentication'
      readonly result: 'ok' | Reason
      readonly user: string | null
      /** The address, shortened to its /24 or /48. */
      readonly network: string
      readonly at: Millis
    }

/** Somebody says of a session of theirs that it is not. It is ended; somebody may know the password. An alarm. */
export type Reported = {
  readonly kind: 'session.reported'
  readonly id: string
  readonly user: string
  readonly at: Millis
}

export type Listener = (event: ServerEvent) => void

/** Tells everybody who listens, in the order of their coming. One that throws is told no less next time, and keeps nobody else from hearing. */
export interface EventHub {
  emit(event: ServerEvent): void
  /** @returns stops listening */
  listen(listener: Listener): () => void
}

export function createEventHub(warn: (error: unknown) => void): EventHub {
  const listeners = new Set<Listener>()
  return {
    emit: (event) => {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          warn(error)
        }
      }
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
