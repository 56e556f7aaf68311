import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../src/base/clock.ts'
import { type Auth, handstamp } from '../src/http/auth.ts'
import type { HandstampOptions } from '../src/http/settings.ts'
import type { Backend } from '../src/model/backend.ts'
import { memory } from '../src/stores/memory.ts'
import { sqlite } from '../src/stores/sqlite.ts'

/** A backend whose calls are counted, for figures of cost in reads and writes. */
export interface Counted {
  readonly backend: Backend
  calls(): number
}

export type StoreName = 'memory' | 'SQLite'

/** SQLite's file goes with the process. */
export function countedBackend(store: StoreName, clock: Clock = systemClock): Counted {
  const backend = store === 'memory' ? memory({ clock }) : sqlite({ path: join(folder(), 'sessions.db'), clock })
  let calls = 0
  const counting = new Proxy(backend.store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown => {
        calls++
        return Reflect.apply(value, target, args)
      }
    },
  })
  return { backend: { ...backend, store: counting }, calls: () => calls }
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'handstamp-micro-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}

export function authOn(
  backend: Backend,
  present: 'cookie' | 'token',
  options: Partial<Pick<HandstampOptions, 'keys' | 'clock' | 'secrets'>> = {},
): Auth {
  return handstamp({ secrets: 'micro-benchmark-secret-0123456789abcdef', ...options, backend, present })
}
