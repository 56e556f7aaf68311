import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { hour, minute } from '../../base/clock.ts'
import { genesis } from '../../model/log.ts'
import { partitionOfUser } from '../../model/partition.ts'
import type { LogEntry, Position, Scope } from '../../model/revocation.ts'
import { allEntries, begin, entriesAfter, type Laws, later, parallel, rejectsWith, type Subject } from './subject.ts'

const users = ['ann', 'bob', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hal']

export const logLaws: Laws = {
  'the sequence of each partition begins at 1 and has no gaps, whatever overlaps': async (subject) => {
    const { backend } = subject
    await appendMany(subject, 40)
    const entries = await allEntries(backend)
    assert.equal(entries.length, 40)
    for (let partition = 0; partition < backend.log.partitions; partition++) {
      const own = entries.filter((entry) => entry.partition === partition)
      assert.deepEqual(
        own.map(({ position }) => position.seq),
        own.map((_, index) => index + 1),
      )
    }
  },

  'P-R3 the chain is the same at every reading, and never the same twice': async (subject) => {
    const { backend } = subject
    await appendMany(subject, 20)
    const first = await allEntries(backend)
    await appendMany(subject, 20)
    const again = await allEntries(backend)
    for (const entry of first) assert.deepEqual(again.find(sameAs(entry)), entry)
    const chains = again.map(({ partition, position }) => `${partition} ${position.chain}`)
    assert.equal(new Set(chains).size, 40)
    assert.ok(
      again.every(({ position }) => position.chain.length >= 16),
      'at least 96 bits',
    )
  },

  'P-R3 the same event twice gives two chains': async (subject) => {
    const { backend } = subject
    for (let times = 0; times < 5; times++) await backend.store.retireKey('key', later(subject))
    const chains = (await entriesAfter(backend, 0, genesis)).map(({ position }) => position.chain)
    assert.equal(new Set(chains).size, 5)
  },

  'entries carry the store’s time, which never goes back': async (subject) => {
    const { backend, clock } = subject
    const start = clock.now()
    for (const at of [start, start + minute, start - hour, start + 2 * minute]) {
      clock.set(at)
      await backend.store.bump({ kind: 'everyone' }, 'revoked', start + hour)
    }
    const times = (await entriesAfter(backend, 0, genesis)).map(({ at }) => at)
    assert.deepEqual(times, [start, start + minute, start + minute, start + 2 * minute])
  },

  'read gives what came after a position, as much as asked for, and the newest head': async (subject) => {
    const { backend } = subject
    for (let times = 0; times < 7; times++) await backend.store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    const all = await entriesAfter(backend, 0, genesis)
    const head = all.at(-1)?.position
    for (const [index, { position }] of [{ position: genesis }, ...all].entries()) {
      for (const limit of [0, 1, 3, 100, Number.POSITIVE_INFINITY]) {
        const entries = all.slice(index, index + limit)
        assert.deepEqual(await backend.log.read(0, position, limit), { kind: 'entries', entries, head })
      }
    }
  },

  'an empty log is at its beginning': async (subject) => {
    const { backend, clock } = subject
    const empty = { kind: 'entries', entries: [], head: genesis }
    for (let partition = 0; partition < backend.log.partitions; partition++) {
      assert.deepEqual(await backend.log.read(partition, genesis, 9), empty)
      assert.deepEqual(await backend.log.tail(partition, 0), empty)
      assert.equal(backend.log.local?.since(partition, genesis) ?? null, null)
    }
    const heads = Array.from({ length: backend.log.partitions }, () => genesis)
    assert.deepEqual(await backend.log.heartbeat('node', []), { heads, at: clock.now() })
  },

  'P-R3 a position that is not on the history has diverged': async (subject) => {
    const { backend } = subject
    for (let times = 0; times < 3; times++) await backend.store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    const [first, second, third] = (await entriesAfter(backend, 0, genesis)).map(({ position }) => position) as [
      Position,
      Position,
      Position,
    ]
    const wrong: readonly Position[] = [
      { seq: 0, chain: first.chain },
      { seq: 1, chain: second.chain },
      { seq: 2, chain: `${second.chain}A` },
      { seq: 3, chain: '' },
      { seq: 4, chain: third.chain },
      { seq: 1.5, chain: first.chain },
      { seq: -1, chain: '' },
    ]
    for (const position of wrong) {
      assert.deepEqual(await backend.log.read(0, position, 9), { kind: 'diverged' })
      const { local } = backend.log
      if (local !== null) assert.deepEqual(local.since(0, position), { kind: 'diverged' })
    }
  },

  'P-R5 tail gives the entries that still count, and the head that they lead to': async (subject) => {
    const { backend, clock } = subject
    const now = clock.now()
    const untils = [now + hour, now + 1, now + 2 * hour, now + minute]
    for (const until of untils) await backend.store.retireKey(`key ${until}`, until)
    const all = await entriesAfter(backend, 0, genesis)
    const head = all.at(-1)?.position
    for (const at of [now, now + 1, now + minute, now + hour, now + 2 * hour]) {
      const entries = all.filter(({ revocation }) => revocation.until > at)
      assert.deepEqual(await backend.log.tail(0, at), { kind: 'entries', entries, head })
    }
  },

  'heartbeat tells the newest position of every partition, and the store’s time': async (subject) => {
    const { backend, clock } = subject
    await appendMany(subject, 20)
    clock.advance(7)
    const { heads, at } = await backend.log.heartbeat('node 1', [genesis])
    assert.equal(at, clock.now())
    assert.equal(heads.length, backend.log.partitions)
    for (const [partition, head] of heads.entries()) {
      const page = await backend.log.tail(partition, 0)
      assert.deepEqual(head, page.head)
      assert.deepEqual(head, page.entries.at(-1)?.position ?? genesis)
    }
  },

  'P-I1 the local log tells at once what was committed, and null when there is nothing new': async (subject) => {
    const { backend } = subject
    const { local } = backend.log
    if (local === null) return
    const partition = partitionOfUser('ann', backend.store.partitions)
    let position: Position = genesis
    for (let times = 0; times < 5; times++) {
      const { sid } = await begin(subject)
      assert.equal(local.since(partition, position), null)
      await backend.store.kill(sid, 'logout', later(subject))
      const entries = await entriesAfter(backend, partition, position)
      const head = entries.at(-1)?.position as Position
      assert.deepEqual(local.since(partition, position), { kind: 'entries', entries, head })
      assert.deepEqual(local.since(partition, position), { kind: 'entries', entries, head }, 'again')
      assert.equal(local.since(partition, head), null)
      position = head
    }
    assert.equal((await entriesAfter(backend, partition, genesis)).length, 5)
  },

  'onPoke calls back after something was appended, until it is stopped': async (subject) => {
    const { backend } = subject
    const pokes = { one: 0, two: 0 }
    const stopOne = backend.log.onPoke(() => pokes.one++)
    const stopTwo = backend.log.onPoke(() => pokes.two++)
    await backend.store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    await quiet()
    assert.ok(pokes.one > 0 && pokes.two > 0)
    const { one } = pokes
    stopOne()
    stopOne()
    await backend.store.bump({ kind: 'everyone' }, 'revoked', later(subject))
    await quiet()
    assert.equal(pokes.one, one)
    assert.ok(pokes.two > 1)
    stopTwo()
  },

  'entries are immutable, or the caller’s own': async (subject) => {
    const { backend } = subject
    await backend.store.bump({ kind: 'user', user: 'ann' }, 'revoked', later(subject))
    const before = await allEntries(backend)
    const expected = structuredClone(before)
    for (const { position, revocation } of before) {
      Reflect.set(position, 'seq', 99)
      Reflect.set(revocation, 'until', 0)
      if (revocation.kind === 'generation') Reflect.set(revocation.scope, 'user', 'bob')
    }
    assert.deepEqual(await allEntries(backend), expected)
  },

  'there is no partition but those of the store': async ({ backend }) => {
    const { log } = backend
    for (const partition of [log.partitions, -1, 0.5]) {
      await rejectsWith('invalid_value', log.read(partition, genesis, 9))
      await rejectsWith('invalid_value', log.tail(partition, 0))
    }
    assert.equal(log.partitions, backend.store.partitions)
  },
}

/** So many revocations of several users at the same time. */
async function appendMany(subject: Subject, count: number): Promise<void> {
  await parallel(count, async (index) => {
    const scope: Scope = { kind: 'user', user: users[index % users.length] ?? 'ann' }
    await subject.backend.store.bump(scope, 'revoked', later(subject))
  })
}

function sameAs(wanted: LogEntry): (entry: LogEntry) => boolean {
  return ({ partition, position }) => partition === wanted.partition && position.seq === wanted.position.seq
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate()
}
