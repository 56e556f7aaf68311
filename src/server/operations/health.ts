import { type Clock, second } from '../../base/clock.ts'
import { isFault } from '../../base/fault.ts'
import type { AnyAuth } from '../../http/auth.ts'
import type { Answer } from '../../http/problem.ts'
import type { Backend } from '../../model/backend.ts'

/** Whether requests should be sent here. */
export interface Readiness {
  readonly ready: boolean
  /** What was looked at; `down` where it speaks against. */
  readonly checks: Readonly<Record<'engine' | 'lease' | 'running', 'up' | 'down'>>
}

export interface Health {
  /** Asks the engine, at most once a second. */
  readiness(): Promise<Readiness>
  /** From now on it is not ready, whatever the engine says: requests are still answered, and others should go elsewhere. */
  drain(): void
}

/** Cost: one read a second, however often it is asked. */
export function createHealth(auth: AnyAuth, { documents }: Pick<Backend, 'documents'>, clock: Clock): Health {
  let draining = false
  let asked: { readonly at: number; readonly answers: Promise<boolean> } | null = null

  function engineAnswers(): Promise<boolean> {
    const now = clock.monotonic()
    if (asked === null || now - asked.at >= second) {
      const answers = documents.find('health', 'ready').then(
        () => true,
        (error: unknown) => {
          if (isFault(error)) return false
          throw error
        },
      )
      asked = { at: now, answers }
    }
    return asked.answers
  }

  return {
    readiness: async () => {
      const engine = await engineAnswers()
      const lease = auth.status()?.isCurrent ?? false
      const said = (ok: boolean): 'up' | 'down' => (ok ? 'up' : 'down')
      const checks = { engine: said(engine), lease: said(lease), running: said(!draining) }
      return { ready: engine && lease && !draining, checks }
    },
    drain: () => {
      draining = true
    },
  }
}

/** For load balancers: 200 or 503. */
export async function readyAnswer(health: Health): Promise<Answer> {
  const { ready, checks } = await health.readiness()
  const headers: [string, string][] = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
  ]
  if (!ready) headers.push(['Retry-After', '1'])
  return { status: ready ? 200 : 503, headers, body: JSON.stringify({ status: ready ? 'ready' : 'not ready', checks }) }
}
