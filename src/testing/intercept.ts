import type { Backend } from '../model/backend.ts'

/** One operation of a backend, e.g. `store.kill`. */
export interface Call {
  readonly name: string
  readonly args: readonly unknown[]
}

/** Decides when, and whether, an operation is carried out. */
export interface Interceptor {
  /** For operations that answer with a promise. */
  readonly call: (call: Call, carryOut: (args: readonly unknown[]) => Promise<unknown>) => Promise<unknown>
  /** For `local.since`, which answers at once; throws to fail it. */
  readonly callNow?: (call: Call) => void
}

type Method = (...args: readonly unknown[]) => unknown

const parts = ['store', 'log', 'once', 'limits', 'documents'] as const
const notOperations = new Set(['log.onPoke'])

/** The same backend with every operation going through the interceptor; `ready`, `close` and `onPoke` are left alone. */
export function intercept(backend: Backend, interceptor: Interceptor): Backend {
  const wrapped = Object.fromEntries(parts.map((part) => [part, wrap(part, backend[part], interceptor)]))
  return { ...backend, ...wrapped }
}

function wrap(part: string, target: object, interceptor: Interceptor): object {
  const made = new Map<string | symbol, unknown>()
  return new Proxy(target, {
    get: (_target, property) => {
      if (!made.has(property)) made.set(property, wrapMember(part, target, property, interceptor))
      return made.get(property)
    },
  })
}

function wrapMember(part: string, target: object, property: string | symbol, interceptor: Interceptor): unknown {
  const value: unknown = Reflect.get(target, property)
  const name = `${part}.${String(property)}`
  if (name === 'log.local' && value !== null) return wrap('local', value as object, interceptor)
  if (typeof value !== 'function' || notOperations.has(name)) return value
  const method = value.bind(target) as Method
  if (part === 'local') {
    return (...args: readonly unknown[]) => {
      interceptor.callNow?.({ name, args })
      return method(...args)
    }
  }
  // A copy at the call, like an engine that sends: the caller may change what it passed in.
  return (...args: readonly unknown[]) =>
    interceptor.call({ name, args: structuredClone(args) }, async (given) => method(...given))
}
