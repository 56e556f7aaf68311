import { hostile } from '../test/laws/hostile.ts'
import type { Figure } from './figure.ts'

const count = 1_000_000

export const hostileInput: Figure = {
  name: 'hostile',
  shows: 'mutated cookies, headers, tokens and bodies sent to a server process',
  run: async (progress, seed) => {
    const told = (done: number): void => {
      if (done % 100_000 < 64) progress(`${done} of ${count}`)
    }
    const { sent, accepted, serverErrors, complaints, alive, statuses, byKind, memory } = await hostile(
      count,
      seed,
      told,
    )
    // Memory after half and after all of it: growth would be linear in what was sent.
    const grown = (memory.at(-1) ?? 0) - (memory.at(1) ?? 0)
    const passed = accepted.length === 0 && serverErrors.length === 0 && complaints === '' && alive && grown < 50
    const result = { accepted, serverErrors, complaints, alive, statuses, byKind, memoryMb: memory }
    return { n: sent, passed, result }
  },
}
