import { hash } from 'node:crypto'
import type { Millis } from '../base/clock.ts'
import type { Position, Revocation } from '../model/revocation.ts'

/** 128 bits as base64url. */
const chainLength = 22

/**
 * The position after `previous` for this entry: chain_n = SHA-256(chain_{n-1}, entry), cut to 128 bits.
 *
 * @see protocol, section 2
 */
export function nextPosition(partition: number, previous: Position, at: Millis, revocation: Revocation): Position {
  const seq = previous.seq + 1
  const text = JSON.stringify([previous.chain, partition, seq, at, ...partsOf(revocation)])
  return Object.freeze({ seq, chain: hash('sha256', text, 'base64url').slice(0, chainLength) })
}

/** The canonical form: the same parts in the same order, whatever order the caller's object has. */
function partsOf(revocation: Revocation): readonly unknown[] {
  const { kind, until } = revocation
  switch (revocation.kind) {
    case 'kill':
      return [kind, until, revocation.sid, revocation.cause]
    case 'generation': {
      const { scope, generation, spare, cause } = revocation
      const name = scope.kind === 'user' ? scope.user : scope.kind === 'tenant' ? scope.tenant : null
      return [kind, until, scope.kind, name, generation, spare, cause]
    }
    case 'version':
      return [kind, until, revocation.sid, revocation.version]
    case 'key':
      return [kind, until, revocation.kid]
  }
}
