import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { day, second } from '../../base/clock.ts'
import { genesis, type Poke } from '../../model/log.ts'
import { partitionOfUser } from '../../model/partition.ts'
import type { Position } from '../../model/revocation.ts'
import { allEntries, begin, entriesAfter, type Laws, later, type Subject } from './subject.ts'

const lease = 5 * second

async function names({ backend }: Subject): Promise<readonly string[]> {
  return (await backend.log.followers()).nodes.map(({ node }) => node).toSorted()
}

/** What engines that are seen at once need not keep. */
function isFollowed({ backend }: Subject): boolean {
  return backend.name !== 'sqlite'
}

export const followerLaws: Laws = {
  'P-I2 followers are the nodes that may answer from memory, with what they have applied': async (subject) => {
    const { backend, clock } = subject
    if (!isFollowed(subject)) return
    const { log, store } = backend
    const partition = partitionOfUser('ann', store.partitions)
    const none = Array.from({ length: log.partitions }, () => 0)
    assert.deepEqual(await log.followers(), { at: clock.now(), nodes: [] })
    await log.heartbeat('one', [], lease)
    assert.deepEqual(await log.followers(), {
      at: clock.now(),
      nodes: [{ node: 'one', applied: none, at: clock.now(), lease }],
    })
    await store.bump({ kind: 'user', user: 'ann' }, 'revoked', later(subject))
    clock.advance(7)
    const { heads } = await log.heartbeat('two', [], lease)
    await log.heartbeat('two', heads, 2 * lease)
    const { nodes } = await log.followers()
    assert.deepEqual(
      nodes.toSorted((a, b) => (a.node < b.node ? -1 : 1)),
      [
        { node: 'one', applied: none, at: clock.now() - 7, lease },
        { node: 'two', applied: none.with(partition, 1), at: clock.now(), lease: 2 * lease },
      ],
    )
  },

  'P-I2 a node is a follower until its lease is over, on the store’s clock, and a little longer': async (subject) => {
    const { backend, clock } = subject
    if (!isFollowed(subject)) return
    await backend.log.heartbeat('one', [], lease)
    clock.advance(lease)
    assert.deepEqual(await names(subject), ['one'], 'a clock that counts a little slower')
    await backend.log.heartbeat('two', [], lease)
    clock.advance(lease / 10)
    assert.deepEqual(await names(subject), ['two'])
    await backend.log.heartbeat('one', [], lease)
    assert.deepEqual(await names(subject), ['one', 'two'])
    clock.advance(day)
    assert.deepEqual(await names(subject), [])
  },

  'a node that leaves, or takes no lease, is none': async (subject) => {
    const { log } = subject.backend
    await log.heartbeat('one', [], lease)
    await log.heartbeat('two', [])
    await log.leave('one')
    await log.leave('three')
    assert.deepEqual(await names(subject), [])
  },

  'names of nodes are only ever values': async (subject) => {
    if (!isFollowed(subject)) return
    const { log } = subject.backend
    const odd = ['*', '{a}', "'; DROP TABLE session; --", '\n', '__proto__', 'é']
    for (const node of odd) await log.heartbeat(node, [], lease)
    assert.deepEqual(await names(subject), odd.toSorted())
  },

  'a hint of an entry is that entry, and tells what it follows': async (subject) => {
    const { backend } = subject
    const pokes: Poke[] = []
    const stop = backend.log.onPoke((poke) => pokes.push(poke))
    for (let times = 0; times < 3; times++) {
      await backend.store.kill((await begin(subject)).sid, 'logout', later(subject))
      await arrival(() => pokes.length > times)
    }
    const entries = await allEntries(backend)
    assert.equal(entries.length, 3)
    for (const poke of pokes) {
      if (poke.kind !== 'entry') continue
      const index = entries.findIndex(({ position }) => position.seq === poke.entry.position.seq)
      assert.deepEqual(poke.entry, entries[index])
      assert.equal(poke.follows, index === 0 ? genesis.chain : (entries[index - 1]?.position.chain as string))
    }
    stop()
  },

  'whoever waits for heartbeats is heard': async (subject) => {
    const { log } = subject.backend
    if (log.local !== null) return
    const kinds: string[] = []
    const stop = log.onPoke(({ kind }) => kinds.push(kind))
    await log.askForHeartbeats()
    await arrival(() => kinds.includes('heartbeat'))
    stop()
  },

  'P-R3 a heartbeat after many entries names the last of each partition': async (subject) => {
    const { backend } = subject
    for (let times = 0; times < 30; times++)
      await backend.store.bump({ kind: 'user', user: `u${times % 9}` }, 'revoked', later(subject))
    const { heads } = await backend.log.heartbeat('one', [], lease)
    for (const [partition, head] of heads.entries()) {
      const last: Position | undefined = (await entriesAfter(backend, partition, genesis)).at(-1)?.position
      assert.deepEqual(head, last ?? genesis)
    }
  },
}

/** Hints take their time, and none is due: this waits for one for three seconds. */
async function arrival(isThere: () => boolean): Promise<void> {
  for (let times = 0; times < 600 && !isThere(); times++) await setTimeout(5)
  assert.ok(isThere(), 'no hint came')
}
