import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { day, hour, minute, second } from '../../src/base/clock.ts'
import { createRevokedIds } from '../../src/engine/revoked-ids.ts'
import { makeSid } from '../../src/model/partition.ts'

const start = 1_700_000_000_000

function sidOf(bytes: Uint8Array, partition = 0): string {
  return makeSid(partition, Buffer.from(bytes).toString('base64url'))
}

function randomSid(): string {
  return sidOf(randomBytes(16))
}

/** Few handles that fall on few slots: the first word decides where one stands, also at the end of the table. */
const crowded = fc
  .record({
    first: fc.constantFrom(0, 1, 62, 63, 64, 0xffffffff, 0xffffffc0),
    rest: fc.constantFrom(0, 1, 0x80000000, 0xffffffff),
    partition: fc.constantFrom(0, 1, 63),
  })
  .map(({ first, rest, partition }) => {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt32BE(first, 0)
    bytes.writeUInt32BE(rest, 12)
    return sidOf(bytes, partition)
  })

const spread = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => sidOf(bytes))
const malformed = fc.constantFrom('', 'A', 'é'.repeat(23), `${'A'.repeat(22)}B`, '!'.repeat(23), '__proto__')
const anySid = fc.oneof({ weight: 6, arbitrary: crowded }, { weight: 3, arbitrary: spread }, malformed)
const lives = fc.constantFrom(1, 999, second, minute, hour, 365 * day, 20_000 * day)

const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add'), sid: anySid, life: lives }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('prune') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), life: lives }) },
) as fc.Arbitrary<Step>

interface Step {
  readonly do: 'add' | 'prune' | 'wait'
  readonly sid: string
  readonly life: number
}

describe('the table of revoked sessions', () => {
  test('P-I6 remembers exactly what it was told, and until when', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 400 }), fc.array(anySid, { maxLength: 20 }), (steps, others) => {
        const ids = createRevokedIds()
        const model = new Map<string, number>()
        let now = start
        for (const step of steps) {
          if (step.do === 'wait') now += step.life
          else if (step.do === 'prune') ids.prune(now)
          else {
            ids.add(step.sid, now + step.life, now)
            model.set(step.sid, Math.max(model.get(step.sid) ?? 0, now + step.life))
          }
          for (const [sid, until] of model) if (now < until) assert.ok(ids.has(sid), `${sid} is forgotten early`)
        }
        for (const sid of others) if (!model.has(sid)) assert.equal(ids.has(sid), false)
        // A second is as fine as it counts.
        ids.prune(now + second)
        const left = [...model].filter(([, until]) => until > now + second)
        const most = [...model].filter(([, until]) => until > now)
        assert.ok(ids.size() >= left.length && ids.size() <= most.length, `${ids.size()} of ${left.length}`)
      }),
      { numRuns: 300 },
    )
  })

  test('tells apart what differs in one bit, or in the partition alone', () => {
    for (let round = 0; round < 20; round++) {
      const bytes = randomBytes(16)
      const ids = createRevokedIds()
      ids.add(sidOf(bytes, 5), start + hour, start)
      for (let bit = 0; bit < 128; bit++) {
        const other = Buffer.from(bytes)
        other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
        assert.equal(ids.has(sidOf(other, 5)), false, `bit ${bit}`)
      }
      for (let partition = 0; partition < 64; partition++)
        assert.equal(ids.has(sidOf(bytes, partition)), partition === 5)
    }
  })

  test('grows, forgets and shrinks, and never loses one', () => {
    const ids = createRevokedIds()
    const short = Array.from({ length: 3000 }, randomSid)
    const long = Array.from({ length: 200 }, randomSid)
    for (const sid of short) ids.add(sid, start + minute, start)
    for (const sid of long) ids.add(sid, start + hour, start)
    assert.equal(ids.size(), 3200)
    assert.ok([...short, ...long].every(ids.has))
    ids.prune(start + minute - 1)
    assert.equal(ids.size(), 3200)
    ids.prune(start + minute + second)
    assert.equal(ids.size(), 200)
    assert.ok(long.every(ids.has))
    assert.ok(!short.some(ids.has))
    for (const sid of short) ids.add(sid, start + 2 * hour, start + 2 * minute)
    assert.ok([...short, ...long].every(ids.has))
  })

  test('what is over makes room before it grows', () => {
    const ids = createRevokedIds()
    for (let round = 0; round < 100; round++) {
      const now = start + round * minute
      for (let index = 0; index < 40; index++) ids.add(randomSid(), now + second, now)
    }
    assert.ok(ids.size() <= 96, `${ids.size()}`)
  })

  test('adding again keeps the later time', () => {
    const ids = createRevokedIds()
    const sid = randomSid()
    ids.add(sid, start + hour, start)
    ids.add(sid, start + minute, start)
    ids.prune(start + 2 * minute)
    assert.ok(ids.has(sid))
    assert.equal(ids.size(), 1)
    ids.add(sid, start + 2 * hour, start)
    ids.prune(start + hour + minute)
    assert.ok(ids.has(sid))
  })

  test('nothing is lost that has another form, or ends in years', () => {
    const ids = createRevokedIds()
    const sid = randomSid()
    ids.add('not a handle', start + hour, start)
    ids.add(sid, start + 4000 * day, start)
    assert.ok(ids.has('not a handle') && ids.has(sid))
    ids.prune(start + 3999 * day)
    assert.ok(!ids.has('not a handle') && ids.has(sid))
    ids.prune(start + 4001 * day)
    assert.equal(ids.size(), 0)
  })
})
