import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { expiryOf, type SessionRecord } from '../../src/model/session.ts'
import { memory } from '../../src/stores/memory.ts'
import { ownText } from '../../src/stores/own-text.ts'
import { isPackedLive, packedExpiry, packRecord, unpackRecord } from '../../src/stores/packed-record.ts'
import { naughty, newSession } from '../../src/testing/contract/subject.ts'
import { manualClock } from '../support/manual-clock.ts'

const seed = 20_260_301
const runs = { numRuns: 3_000, seed }

const text = fc.oneof(fc.constantFrom(...naughty), fc.string({ unit: 'binary' }), fc.string())
const texts = fc.array(text, { maxLength: 4 })
const count = fc.oneof(fc.nat(), fc.maxSafeNat())
const instant = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  fc.constantFrom(0, -0, 0.1, 1e308, -1e308, 5e-324, 2 ** 53, Number.POSITIVE_INFINITY, Number.NaN),
  fc.double(),
)
const claim = fc.oneof(text, fc.boolean(), fc.double(), fc.constant(-0), texts)

const record: fc.Arbitrary<SessionRecord> = fc.record({
  sid: text,
  user: fc.option(text),
  tenant: fc.option(text),
  generations: fc.record({ user: count, tenant: count, everyone: count }),
  version: count,
  state: fc.oneof(
    fc.constant({ kind: 'live' as const }),
    fc.record({ kind: fc.constant('ended' as const), cause: fc.constantFrom('logout', 'reuse'), at: instant }),
    fc.record({ kind: fc.constant('moved' as const), to: text, at: instant }),
  ),
  createdAt: instant,
  seenAt: instant,
  idle: instant,
  endsAt: instant,
  authentication: fc.option(
    fc.record({ at: instant, level: fc.constantFrom(1, 2, 3), levelUntil: instant, methods: texts }),
  ),
  // Entries, so that `__proto__` is a claim of that name.
  claims: fc.array(fc.tuple(text, claim), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  presentation: fc.constantFrom('cookie', 'token'),
  persistent: fc.boolean(),
  client: text,
  device: fc.record({ agent: text, address: fc.option(text) }),
  binding: fc.option(fc.record({ kind: fc.constantFrom('dpop', 'dbsc'), thumbprint: text })),
  salt: text,
  rotation: fc.record({ cur: count, par: count, grace: fc.array(count, { maxLength: 2 }), forks: count, at: instant }),
  renewIdentity: fc.boolean(),
})

describe(`a packed record (seed ${seed})`, () => {
  test('any record is the same again, and shares nothing with what it was', () => {
    fc.assert(
      fc.property(record, (before) => {
        const after = unpackRecord(before.sid, packRecord(before))
        // The copy has the prototypes that literals have, which those of fast-check need not.
        assert.deepEqual(after, structuredClone(before))
        assertFrozen(after)
      }),
      runs,
    )
  })

  test('its head alone tells whether it is live, and until when', () => {
    let alive = 0
    fc.assert(
      fc.property(record, (before) => {
        const packed = packRecord(before)
        assert.equal(isPackedLive(packed), before.state.kind === 'live')
        if (before.state.kind !== 'live') return
        alive++
        assert.equal(packedExpiry(packed), expiryOf(before))
      }),
      runs,
    )
    assert.ok(alive > 500, `${alive} live`)
  })

  test('each unpacking is another value', () => {
    fc.assert(
      fc.property(record, (before) => {
        const packed = packRecord(before)
        const [one, other] = [unpackRecord('a', packed), unpackRecord('a', packed)]
        for (const key of ['claims', 'device', 'rotation', 'generations'] as const)
          assert.notEqual(one[key], other[key])
      }),
      { ...runs, numRuns: 100 },
    )
  })

  test('what the caller adds to a record is not kept', () => {
    const clock = manualClock()
    const before = newSession({ backend: memory({ clock }), clock })
    const more = { ...before, device: { ...before.device, more: 1 }, more: 1 }
    assert.equal(packRecord(more), packRecord(before))
    assert.deepEqual(unpackRecord(before.sid, packRecord(more)), before)
  })

  test('an ordinary record is short', () => {
    const clock = manualClock()
    const before = newSession({ backend: memory({ clock }), clock }, { user: 'ann-1234', claims: {}, binding: null })
    assert.ok(packRecord(before).length < 200, packRecord(before))
  })
})

test('own text is the same text, whatever is in it', () => {
  fc.assert(
    fc.property(text, text, (a, b) => assert.equal(ownText(a + b), a + b)),
    runs,
  )
})

function assertFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  assert.ok(Object.isFrozen(value), JSON.stringify(value))
  for (const inner of Object.values(value)) assertFrozen(inner)
}
