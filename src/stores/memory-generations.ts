import { type Scope, scopeKey } from '../model/revocation.ts'
import type { Generations, SessionRecord } from '../model/session.ts'
import { ownText } from './own-text.ts'

/** The present generations: 0 until one is set. */
export interface MemoryGenerations {
  of(scope: Scope): number
  set(scope: Scope, generation: number): void
  /** Of everything that the record belongs to. */
  presentFor(record: SessionRecord): Generations
}

export function memoryGenerations(): MemoryGenerations {
  const generations = new Map<string, number>()

  function of(scope: Scope): number {
    return generations.get(scopeKey(scope)) ?? 0
  }

  return {
    of,
    set: (scope, generation) => generations.set(ownText(scopeKey(scope)), generation),
    presentFor: ({ user, tenant }) => ({
      user: user === null ? 0 : of({ kind: 'user', user }),
      tenant: tenant === null ? 0 : of({ kind: 'tenant', tenant }),
      everyone: of({ kind: 'everyone' }),
    }),
  }
}
