import assert from 'node:assert/strict'
import { test } from 'node:test'
import { genesis } from '../../src/model/log.ts'
import type { Position, Revocation } from '../../src/model/revocation.ts'
import { nextPosition } from '../../src/stores/chain.ts'

const kill: Revocation = { kind: 'kill', sid: 'a', cause: 'logout', until: 9 }

test('P-R3 a chain tells every history from every other', () => {
  const scope = { kind: 'user', user: 'a' } as const
  const generation: Revocation = { kind: 'generation', scope, generation: 1, spare: null, cause: 'logout', until: 9 }
  const events: readonly Revocation[] = [
    kill,
    ...([{ sid: 'b' }, { cause: 'reuse' }, { until: 8 }] as const).map((change) => ({ ...kill, ...change })),
    generation,
    { ...generation, scope: { kind: 'user', user: 'b' } },
    { ...generation, scope: { kind: 'tenant', tenant: 'a' } },
    { ...generation, scope: { kind: 'everyone' } },
    { ...generation, generation: 2 },
    { ...generation, spare: 'a' },
    { ...generation, cause: 'reuse' },
    { kind: 'version', sid: 'a', version: 1, until: 9 },
    { kind: 'version', sid: 'a', version: 2, until: 9 },
    { kind: 'key', kid: 'a', until: 9 },
    { kind: 'key', kid: 'b', until: 9 },
  ]
  const chains = events.map((event) => nextPosition(0, genesis, 5, event).chain)
  const elsewhere = [nextPosition(1, genesis, 5, kill), nextPosition(0, genesis, 6, kill)].map(({ chain }) => chain)
  assert.equal(new Set([...chains, ...elsewhere]).size, events.length + 2)

  const heads = events.map((event) => follow([event, kill, kill]))
  assert.equal(new Set(heads.map(({ chain }) => chain)).size, events.length, 'an early difference stays')
  assert.deepEqual(new Set(heads.map(({ seq }) => seq)), new Set([3]))
})

test('the same history has the same chain, however its objects are written', () => {
  const other = { until: 9, cause: 'logout', sid: 'a', kind: 'kill', more: 1 } as const
  assert.deepEqual(follow([kill, other]), follow([other, kill]))
  assert.match(follow([kill]).chain, /^[A-Za-z0-9_-]{22}$/)
})

function follow(events: readonly Revocation[]): Position {
  return events.reduce((position, event) => nextPosition(0, position, 5, event), genesis)
}
