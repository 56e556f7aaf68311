import { type Millis, systemClock } from '../../base/clock.ts'
import type { Backend } from '../../model/backend.ts'
import { endCall, startCall } from './tracing.ts'

/** Told of each call of the engine that has ended: e.g. `store.find`, and how long it took. */
export type ObserveCall = (name: string, took: Millis, ok: boolean) => void

const parts = ['store', 'log', 'once', 'limits', 'documents'] as const
type Method = (...args: readonly unknown[]) => unknown

/** The same backend, with every call that answers later being timed. What answers at once (a local log, hints) is left alone. */
export function observedBackend(backend: Backend, observe: ObserveCall): Backend {
  const observed = Object.fromEntries(parts.map((part) => [part, observedPart(part, backend[part], observe)]))
  return { ...backend, ...observed }
}

function observedPart(part: string, target: object, observe: ObserveCall): object {
  const members = Object.entries(target).map(([name, member]) => {
    const isCall = typeof member === 'function' && name !== 'onPoke'
    return [name, isCall ? timed(`${part}.${name}`, member as Method, observe) : member] as const
  })
  return Object.fromEntries(members)
}

function timed(name: string, method: Method, observe: ObserveCall): Method {
  return (...args) => {
    const since = systemClock.monotonic()
    const startTime = systemClock.now()
    const answer = method(...args)
    if (!(answer instanceof Promise)) return answer
    const span = startCall(name, startTime)
    const told = (ok: boolean): void => {
      endCall(span, ok)
      observe(name, systemClock.monotonic() - since, ok)
    }
    answer.then(
      () => told(true),
      () => told(false),
    )
    return answer
  }
}
