import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import * as fetchDoor from '../../src/adapters/fetch.ts'
import { minute, second } from '../../src/base/clock.ts'
import { isFault } from '../../src/base/fault.ts'
import { parseCredential, writeCredential } from '../../src/crypto/credential.ts'
import { createKeyRing } from '../../src/crypto/keyring.ts'
import { randomText } from '../../src/crypto/random.ts'
import type { SessionEvent } from '../../src/engine/events.ts'
import { type Auth, handstamp } from '../../src/http/auth.ts'
import { defineBounds } from '../../src/http/revocation-bounds.ts'
import type { HandstampOptions } from '../../src/http/settings.ts'
import type { Backend } from '../../src/model/backend.ts'
import type { Poke } from '../../src/model/log.ts'
import { definePolicy } from '../../src/model/policy.ts'
import { memory } from '../../src/stores/memory.ts'
import { type Gate, gate } from '../../src/testing/gate.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

const secret = 'No7-nodes-Yq2Wn8Rk5Lm0Xc3Zt6Bd9Hf'

interface Node {
  readonly auth: Auth
  readonly gate: Gate
  readonly events: SessionEvent[]
  /** How often its store was asked. */
  asked(): number
  /** What it is told, to be passed on or not. */
  readonly hints: Poke[]
  hear(poke: Poke): void
  /** One heartbeat now. */
  beat(): Promise<void>
}

interface World {
  readonly clock: ManualClock
  node(options?: Partial<HandstampOptions>, deaf?: boolean): Promise<Node>
}

/** Nodes on one engine that is seen only from afar. */
function world(): World {
  const clock = manualClock()
  const shared = memory({ clock, partitions: 4 })
  return {
    clock,
    node: async (options = {}, deaf = false) => {
      const gated = gate(shared)
      gated.open()
      const events: SessionEvent[] = []
      const hints: Poke[] = []
      let listener: (poke: Poke) => void = () => {}
      const log = {
        ...shared.log,
        heartbeat: gated.backend.log.heartbeat,
        read: gated.backend.log.read,
        tail: gated.backend.log.tail,
        followers: shared.log.followers,
        leave: shared.log.leave,
        askForHeartbeats: shared.log.askForHeartbeats,
        local: null,
        onPoke: (own: (poke: Poke) => void) => {
          listener = own
          return shared.log.onPoke((poke) => {
            hints.push(poke)
            if (!deaf) own(poke)
          })
        },
      }
      const backend: Backend = { ...gated.backend, log }
      const auth = handstamp({
        backend,
        clock,
        secrets: secret,
        present: 'both',
        events: (event) => events.push(event),
        ...options,
      })
      await auth.ready()
      return {
        auth,
        gate: gated,
        events,
        hints,
        asked: () => [...gated.counts()].reduce((sum, [name, n]) => (name.startsWith('store.') ? sum + n : sum), 0),
        hear: (poke) => listener(poke),
        beat: async () => {
          const before = auth.status()?.heartbeats ?? 0
          listener({ kind: 'heartbeat' })
          while ((auth.status()?.heartbeats ?? 0) === before) await setTimeout(1)
        },
      }
    },
  }
}

async function begin({ auth }: Node, user = 'ann') {
  const made = await auth.create({ user, present: 'token' })
  assert.ok(made.ok)
  return { id: made.value.session.id, token: { accessToken: made.value.snapshot }, refresh: made.value.credential }
}

describe('a node that follows a shared log', () => {
  test('P-I1 answers from memory while its lease lasts, and asks for the record afterwards', async () => {
    const { clock, node } = world()
    const one = await node()
    const { token } = await begin(one)
    await one.auth.validate(token)
    const before = one.asked()
    clock.advance(4 * second)
    assert.equal((await one.auth.validate(token)).ok, true)
    assert.equal(one.asked(), before, 'no call of the store')
    clock.advance(2 * second)
    assert.equal((await one.auth.validate(token)).ok, true)
    assert.ok(one.asked() > before, 'asked')
    await one.beat()
    const after = one.asked()
    assert.equal((await one.auth.validate(token)).ok, true)
    assert.equal(one.asked(), after)
  })

  test('a lease that lapses, and one that is renewed, are told once each', async () => {
    const { clock, node } = world()
    const one = await node()
    const leases = (): readonly string[] =>
      one.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('lease'))
    assert.deepEqual(leases(), [])
    clock.advance(6 * second)
    for (const failed of [1, 2]) {
      one.gate.fail('log.heartbeat', 'before')
      one.hear({ kind: 'heartbeat' })
      while ((one.auth.status()?.failedHeartbeats ?? 0) < failed) await setTimeout(1)
    }
    assert.deepEqual(leases(), ['lease.lapsed'])
    assert.equal(one.auth.status()?.isCurrent, false)
    await one.beat()
    assert.deepEqual(leases(), ['lease.lapsed', 'lease.renewed'])
    assert.deepEqual([one.auth.status()?.isCurrent, one.auth.status()?.lapses], [true, 1])
  })

  test('V1 is 503 for everybody once the lease is over and the engine does not answer; a session that it knows to be ended stays so', async () => {
    const { clock, node } = world()
    const one = await node()
    const [kept, ended] = [await begin(one), await begin(one)]
    await one.auth.revoke(ended.id)
    for (const { token } of [kept, ended]) await one.auth.validate(token)
    clock.advance(6 * second)
    for (let times = 0; times < 3; times++) one.gate.fail('store.find', 'before')
    await assert.rejects(one.auth.validate(kept.token), (error) => isFault(error) && error.kind === 'store_unavailable')
    assert.deepEqual(await one.auth.validate(ended.token), { ok: false, reason: 'revoked' })
  })

  test('P-R7 with onLapse refuse it does not even ask', async () => {
    const { clock, node } = world()
    const one = await node({ policy: { onLapse: 'refuse' } })
    const { token } = await begin(one)
    await one.auth.validate(token)
    clock.advance(6 * second)
    const before = one.asked()
    await assert.rejects(one.auth.validate(token), (error) => isFault(error) && error.status === 503)
    assert.equal(one.asked(), before)
    assert.equal((await one.auth.validate(token, 0)).ok, true, 'a bound of 0 asks, lease or not')
  })

  test('P-I1 the larger of both clocks counts for the lease', async () => {
    const { clock, node } = world()
    const one = await node()
    const { token } = await begin(one)
    await one.auth.validate(token)
    const before = one.asked()
    clock.set(clock.now() - 60 * minute)
    assert.equal((await one.auth.validate(token)).ok, true)
    assert.equal(one.asked(), before, 'a step back changes nothing')
    clock.advance(6 * second)
    assert.equal((await one.auth.validate(token)).ok, true)
    assert.ok(one.asked() > before, 'and does not prolong it')
    await one.beat()
    const renewed = one.asked()
    assert.equal((await one.auth.validate(token)).ok, true)
    assert.equal(one.asked(), renewed)
    clock.set(clock.now() + 6 * second)
    assert.equal((await one.auth.validate(token)).ok, true)
    assert.ok(one.asked() > renewed, 'a step forward lapses early, the safe direction')
  })

  test('P-R1 it applies a hint that is the next, reads for any other, and misses nothing without one', async () => {
    const { node } = world()
    const one = await node()
    const deaf = await node({}, true)
    const sessions = [await begin(one), await begin(one), await begin(one)]
    for (const { token } of sessions) await deaf.auth.validate(token)
    for (const { id } of sessions) await one.auth.revoke(id)
    await setTimeout(5)
    const reads = (): number => deaf.auth.status()?.reads ?? 0
    const refused = async (): Promise<number> => {
      const answers = await Promise.all(sessions.map(({ token }) => deaf.auth.validate(token)))
      return answers.filter((answer) => !answer.ok).length
    }
    assert.equal(await refused(), 0, 'it has heard nothing')
    const told = deaf.hints.filter(({ kind }) => kind === 'entry')
    assert.equal(told.length, 3)
    const before = reads()
    deaf.hear(told[0] as Poke)
    assert.equal(await refused(), 1)
    assert.equal(reads(), before, 'the next one is applied as it is')
    deaf.hear(told[0] as Poke)
    assert.equal(reads(), before, 'once more changes nothing')
    deaf.hear(told[2] as Poke)
    await setTimeout(5)
    assert.equal(await refused(), 3, 'a gap is read')
    assert.equal(reads(), before + 1)
  })

  test('P-I2 a confirmed revocation waits for the node that has not heard, until it has', async () => {
    const { node } = world()
    const one = await node()
    const deaf = await node({}, true)
    const { id, token } = await begin(one)
    await deaf.auth.validate(token)
    let confirmed = false
    const confirming = one.auth.revoke(id, { confirm: true }).then(() => {
      confirmed = true
    })
    await setTimeout(50)
    assert.equal(confirmed, false)
    assert.equal((await deaf.auth.validate(token)).ok, true)
    await deaf.beat()
    await deaf.beat()
    await confirming
    assert.equal((await deaf.auth.validate(token)).ok, false)
  })

  test('P-I2 … or until its lease is over', async () => {
    const { clock, node } = world()
    const one = await node()
    const gone = await node({}, true)
    const { id, token } = await begin(one)
    await gone.auth.validate(token)
    gone.gate.shut()
    const confirming = one.auth.revoke(id, { confirm: true })
    await setTimeout(20)
    clock.advance(5 * second + 20)
    await one.beat()
    await one.beat()
    await confirming
    gone.gate.open()
    assert.notEqual((await gone.auth.validate(token)).ok, true)
  })

  test('P-I1 a renewal that another one answers is judged by what is known when it is answered, with or without a lease', async () => {
    const { clock, node } = world()
    const one = await node({ policy: { revocationBound: second } })
    const { id, refresh } = await begin(one)
    one.gate.shut()
    const first = one.auth.refresh(refresh)
    await one.gate.settle()
    const [asked] = one.gate.waiting()
    assert.equal(asked?.name, 'store.advance')
    one.gate.release(asked as NonNullable<typeof asked>)
    await one.gate.settle()
    // Its answer is on the way; meanwhile the session is ended elsewhere, and the lease of this node lapses.
    const other = await node()
    await other.auth.revoke(id)
    const joining = one.auth.refresh(refresh)
    clock.advance(2 * second)
    one.gate.open()
    await first
    assert.deepEqual(await joining, { ok: false, reason: 'revoked' })
  })

  test('P-I1 with a bound of 0 the answer of an earlier reading is not taken', async () => {
    const { node } = world()
    const one = await node({}, true)
    const made = await one.auth.create({ user: 'ann', present: 'cookie' })
    assert.ok(made.ok)
    const { session, credential } = made.value
    one.gate.shut()
    const first = one.auth.validate({ credential }, 0)
    await one.gate.settle()
    const [asked] = one.gate.waiting()
    assert.equal(asked?.name, 'store.find')
    one.gate.release(asked as NonNullable<typeof asked>)
    await one.gate.settle()
    await (await node()).auth.revoke(session.id)
    const joining = one.auth.validate({ credential }, 0)
    one.gate.open()
    assert.equal((await first).ok, true, 'it arrived before the end')
    assert.deepEqual(await joining, { ok: false, reason: 'revoked' })
  })

  test('R3 a wrong tag behind a good mark changes nothing that stays', async () => {
    const { clock, node } = world()
    const one = await node()
    const { id, refresh } = await begin(one)
    const before = (await one.gate.backend.store.find(id))?.record
    clock.advance(minute)
    await one.beat()
    const ring = createKeyRing([secret])
    const parsed = parseCredential(refresh, ring)
    assert.ok(parsed.ok)
    const forged = writeCredential(parsed.value.sid, 1, randomText(16), ring)
    assert.deepEqual(await one.auth.refresh(forged), { ok: false, reason: 'forged_credential' })
    assert.deepEqual((await one.gate.backend.store.find(id))?.record.rotation, before?.rotation)
    const renewed = await one.auth.refresh(refresh)
    assert.ok(renewed.ok && renewed.value.refresh_token !== undefined, 'the holder goes on as before')
  })

  test('a renewal is one call of the store', async () => {
    const { clock, node } = world()
    const one = await node()
    const { refresh } = await begin(one)
    let credential = refresh
    for (let times = 0; times < 3; times++) {
      clock.advance(minute)
      await one.beat()
      const before = one.asked()
      const renewed = await one.auth.refresh(credential)
      assert.ok(renewed.ok && renewed.value.refresh_token !== undefined)
      credential = renewed.value.refresh_token
      // The first one reads the generation of everyone, which the log raises from then on.
      assert.equal(one.asked() - before, times === 0 ? 2 : 1)
    }
  })
})

describe('R of a route', () => {
  const options = {
    policy: { availability: { reading: 2 * minute } },
    revocationBounds: {
      '/money/*': 0,
      '/articles/*': 'reading',
      '/articles/mine': 1000,
      '/both/*': 'reading',
      '/both': 0,
    },
  }

  async function routes() {
    const { clock, node } = world()
    const one = await node(options)
    const { token } = await begin(one)
    const handle = fetchDoor.session(one.auth)(({ session }) => new Response(String(session.user)))
    const ask = async (path: string): Promise<{ user: string; asked: number }> => {
      const before = one.asked()
      const headers = { Authorization: `Bearer ${token.accessToken}` }
      const answer = await handle(new Request(`http://localhost${path}`, { headers }))
      return { user: await answer.text(), asked: one.asked() - before }
    }
    return { clock, ask }
  }

  test('P-I1 0 asks for the record at each request, whatever the spelling of the path', async () => {
    const { ask } = await routes()
    assert.deepEqual(await ask('/other'), { user: 'ann', asked: 0 })
    for (const path of [
      '/money',
      '/money/',
      '/money/out?x=1',
      '/MONEY/out',
      '/mon%65y/out',
      '//money/out',
      '/x;/money',
    ])
      assert.ok((await ask(path)).asked > 0, path)
    assert.ok((await ask('/both')).asked > 0, 'of equal length the exact path counts')
    // As a socket may send it, and routers take it.
    assert.equal(defineBounds(options.revocationBounds, definePolicy(options.policy)).boundOf('/money#x'), 0)
    for (const path of ['/moneybox', '/articles/1', '/both/1', '/']) assert.equal((await ask(path)).asked, 0, path)
  })

  test('P-I1 a class of availability answers from memory for longer, the longest path that fits counts', async () => {
    const { clock, ask } = await routes()
    await ask('/other')
    clock.advance(800)
    assert.equal((await ask('/articles/mine')).asked, 0)
    clock.advance(second)
    assert.ok((await ask('/articles/mine')).asked > 0)
    clock.advance(10 * second)
    assert.equal((await ask('/articles/1')).asked, 0)
    assert.ok((await ask('/other')).asked > 0)
    clock.advance(2 * minute)
    assert.ok((await ask('/articles/1')).asked > 0)
  })

  test('bounds that cannot be are said at once', () => {
    const revocationBounds = { money: 0, '/a': -1, '/b': 'reding', '/c': 6000, '/d*e': 0 }
    assert.throws(
      () => handstamp({ backend: memory(), secrets: secret, ...options, revocationBounds }),
      (error: Error) => {
        assert.deepEqual(error.message.split('\n- ').slice(1), [
          "revocationBounds['money'] must be a path like '/money' or '/money/*'",
          "revocationBounds['/a'] must be whole milliseconds from 0 to policy.revocationBound; a longer one has a name in policy.availability",
          "revocationBounds['/b']: 'reding' is not in policy.availability: did you mean reading?",
          "revocationBounds['/c'] must be whole milliseconds from 0 to policy.revocationBound; a longer one has a name in policy.availability",
          "revocationBounds['/d*e'] must be a path like '/money' or '/money/*'",
        ])
        return true
      },
    )
  })
})
