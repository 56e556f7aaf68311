import type { Millis } from '../base/clock.ts'
import type { Scope } from '../model/revocation.ts'
import type { Cause, Presentation, Sid } from '../model/session.ts'

/**
 * What happened, told after it was stored. Never holds a credential, a token, a claim or session data; `id` is the public handle.
 */
export type SessionEvent =
  | {
      readonly kind: 'session.created'
      readonly id: Sid
      readonly user: string | null
      readonly presentation: Presentation
      readonly at: Millis
    }
  | {
      readonly kind: 'session.renewed'
      readonly id: Sid
      readonly user: string | null
      readonly how: 'rotate' | 'fork' | 'adopt'
      readonly at: Millis
    }
  /** The family goes on under another handle, because its rights changed. */
  | {
      readonly kind: 'session.moved'
      readonly id: Sid
      readonly to: Sid
      readonly user: string | null
      readonly at: Millis
    }
  | {
      readonly kind: 'session.ended'
      readonly id: Sid
      readonly user: string | null
      readonly cause: Cause
      readonly at: Millis
    }
  /** A credential that was already replaced came back: two parties hold it. The session was ended. An alarm. */
  | { readonly kind: 'session.reuse'; readonly id: Sid; readonly user: string | null; readonly at: Millis }
  | { readonly kind: 'sessions.ended'; readonly scope: Scope; readonly cause: Cause; readonly at: Millis }
  /** This node has not heard from the engine for longer than R: it asks for the record at each check, or refuses. */
  | { readonly kind: 'lease.lapsed'; readonly at: Millis }
  /** It has caught up, and answers from memory again. */
  | { readonly kind: 'lease.renewed'; readonly at: Millis }
  /** The engine's log goes on with another history (a fail-over, a restored backup). What this node remembered, and the engine had lost, was told again. */
  | { readonly kind: 'log.adopted'; readonly partition: number; readonly reasserted: number; readonly at: Millis }
  /** Work off the request path failed and will be tried again. */
  | { readonly kind: 'engine.trouble'; readonly work: 'touch' | 'sweep'; readonly at: Millis }

/** What it returns is not used; a promise that is rejected becomes a process warning. */
export type EventListener = (event: SessionEvent) => unknown

/** Tells the listener and does not wait for it; what it throws, at once or later, becomes a process warning and never reaches the request. */
export function createEmitter(listener: EventListener | undefined): Emit {
  if (listener === undefined) return () => {}
  const warn = (error: unknown): void =>
    process.emitWarning(error instanceof Error ? error : String(error), 'HandstampEventListener')
  return (event) => {
    try {
      const result = listener(event)
      if (result instanceof Promise) result.catch(warn)
    } catch (error) {
      warn(error)
    }
  }
}

export type Emit = (event: SessionEvent) => void
