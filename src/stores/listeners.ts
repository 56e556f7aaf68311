import type { Poke } from '../model/log.ts'

/** Who is told of hints. */
export interface Listeners {
  /** @returns how to stop; whether that was the last one */
  add(listener: (poke: Poke) => void): () => boolean
  hear(poke: Poke): void
  clear(): void
}

export function createListeners(): Listeners {
  const listeners = new Set<(poke: Poke) => void>()
  return {
    add: (listener) => {
      const own = (poke: Poke): void => listener(poke)
      listeners.add(own)
      return () => listeners.delete(own) && listeners.size === 0
    },
    hear: (poke) => {
      for (const listener of [...listeners]) {
        try {
          listener(poke)
        } catch {
          // Whoever may send there may send anything: a hint that makes no sense is none, and the next heartbeat reads.
        }
      }
    },
    clear: () => listeners.clear(),
  }
}
