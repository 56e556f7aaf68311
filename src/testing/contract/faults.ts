import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { hour, type Millis, second, systemClock } from '../../base/clock.ts'
import { isFault } from '../../base/fault.ts'
import { randomText } from '../../crypto/random.ts'
import type { Backend } from '../../model/backend.ts'
import { genesis } from '../../model/log.ts'
import { makeSid, partitionOfUser } from '../../model/partition.ts'
import { newRecord } from './race-record.ts'

/** An engine that can be put out of reach. */
export interface FaultSubject {
  /** Ready to use, on the machine’s own clock. */
  readonly backend: Backend
  /** From now on the engine does not answer: stop its process, cut its connections, or swallow what they carry. */
  readonly interrupt: () => Promise<void> | void
  /** It answers again. */
  readonly resume: () => Promise<void> | void
  /** How long an operation of this backend may take, in milliseconds. */
  readonly deadline: Millis
}

/** Nothing may hang; how busy the machine is says nothing about the engine. */
const slack: Millis = 5 * second
const longestRecovery: Millis = 20 * second

/**
 * What happens to a backend whose engine does not answer, as a test, for yours too: every operation ends with a Fault within its deadline, none of them says that nothing is there, and all of them
 * work again soon after the engine’s return, on the same backend.
 *
 *     backendFaults('my engine', async () => ({ backend, interrupt: () => proxy.cut(), resume: () => proxy.join(), deadline: 2000 }))
 */
export function backendFaults(name: string, open: () => Promise<FaultSubject>): void {
  describe(`${name} out of reach`, () => {
    test('V1 V2 each operation is a Fault within its deadline, and everything is as before once the engine answers', async () => {
      const { backend, interrupt, resume, deadline } = await open()
      try {
        const before = await leave(backend)
        await interrupt()
        const outcomes = await Promise.all(
          Object.entries(operations(backend, before.sid)).map(([key, run]) => timed(key, run)),
        )
        for (const { name: operation, error, took } of outcomes) {
          assert.ok(isFault(error), `${operation} did not fail with a Fault, but ${String(error)}`)
          assert.match(error.kind, /^(store_unavailable|not_stored)$/, operation)
          assert.equal(error.status, 503, operation)
          assert.ok(took <= deadline + slack, `${operation} took ${Math.round(took)} ms`)
        }
        await resume()
        await recovered(backend)
        const found = await backend.store.find(before.sid)
        // An end that was not acknowledged may have come about: nothing else may have.
        assert.ok(found !== null)
        assert.notEqual(found.record.state.kind, 'moved')
        const page = await backend.log.read(before.partition, genesis, 10_000)
        assert.ok(page.kind === 'entries')
        const seqs = page.entries.map(({ position }) => position.seq)
        assert.deepEqual(
          seqs,
          Array.from(seqs, (_, index) => index + 1),
          'the log has no gap',
        )
      } finally {
        await backend.close()
      }
    })
  })
}

async function leave({ store }: Backend): Promise<{ readonly sid: string; readonly partition: number }> {
  const user = `fault ${randomText(6)}`
  const partition = partitionOfUser(user, store.partitions)
  const sid = makeSid(partition, randomText(16))
  await store.insert(newRecord(sid, user), new Map([['a', 1]]))
  return { sid, partition }
}

type Operation = () => Promise<unknown>

function operations(
  { store, log, once, limits, documents }: Backend,
  sid: string,
): Readonly<Record<string, Operation>> {
  const until = systemClock.now() + hour
  const user = `other ${randomText(6)}`
  const fresh = makeSid(partitionOfUser(user, store.partitions), randomText(16))
  const scope = { kind: 'user', user } as const
  return {
    insert: () => store.insert(newRecord(fresh, user), new Map()),
    find: () => store.find(sid),
    advance: () => store.advance(sid, { counter: 1, presentation: 'cookie', quiet: 0 }, systemClock.now()),
    touch: () => store.touch(new Map([[sid, systemClock.now()]])),
    amend: () => store.amend(sid, 1, { renewIdentity: true }, until),
    kill: () => store.kill(sid, 'logout', until),
    bump: () => store.bump(scope, 'revoked', until),
    generation: () => store.generation(scope),
    data: () => store.data(sid),
    patch: () => store.patch(sid, { set: new Map([['a', 2]]), remove: [] }),
    list: () => store.list(user, 9),
    heartbeat: () => log.heartbeat('node', [], second),
    read: () => log.read(0, genesis, 9),
    followers: () => log.followers(),
    first: () => once.first(randomText(6), until),
    take: () => limits.take(randomText(6), { burst: 1, every: second }),
    document: () => documents.find('kind', 'key'),
  }
}

interface Outcome {
  readonly name: string
  readonly error: unknown
  readonly took: Millis
}

async function timed(name: string, run: Operation): Promise<Outcome> {
  const since = systemClock.monotonic()
  try {
    const answer = await run()
    return { name, error: `the answer ${JSON.stringify(answer)}`, took: systemClock.monotonic() - since }
  } catch (error) {
    return { name, error, took: systemClock.monotonic() - since }
  }
}

async function recovered(backend: Backend): Promise<void> {
  const since = systemClock.monotonic()
  for (;;) {
    try {
      const { sid } = await leave(backend)
      assert.equal(await backend.store.kill(sid, 'logout', systemClock.now() + hour), true)
      return
    } catch (error) {
      if (systemClock.monotonic() - since > longestRecovery) throw error
      await setTimeout(20)
    }
  }
}
