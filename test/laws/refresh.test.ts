import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { second } from '../../src/base/clock.ts'
import { handstamp } from '../../src/http/auth.ts'
import { memory } from '../../src/stores/memory.ts'
import { gate } from '../../src/testing/gate.ts'
import { manualClock } from '../support/manual-clock.ts'
import type { Acts } from '../support/refresh-worker.ts'
import { connect } from './client.ts'
import { listen, raceApp } from './race-app.ts'
import { secret } from './race-world.ts'
import { counterOf, type Fleet, memoryFleet, pastQuiet, type Refreshed, refreshLaw, sqliteFleet } from './refresh.ts'

const fleets: Readonly<Record<string, () => Promise<Fleet>>> = {
  'one node on memory': () => memoryFleet(1),
  '100 nodes in one process on memory': () => memoryFleet(100),
  'three processes on SQLite, four nodes each': () => sqliteFleet(3, 4),
}

for (const [name, open] of Object.entries(fleets)) {
  describe(name, async () => {
    const opening = open()
    after(async () => (await opening).close())

    test('R2 100 refreshes at once have one successor, round after round', async (t) => {
      const result = await refreshLaw(await opening, { rounds: 25, parallel: 100 })
      t.diagnostic(`${result.presented} presentations, ${result.refused} refused`)
      assert.deepEqual(result.broken, [])
    })

    test('R1 the spent token of two rotations ago ends the family, and tells', async () => {
      const fleet = await opening
      const { refreshToken: first, accessToken } = await create(fleet)
      const second = await renew(fleet, first)
      const third = await renew(fleet, second.refreshToken)
      await fleet.advance(pastQuiet)
      await fleet.events()
      assert.deepEqual(await present(fleet, first), { ok: false, reason: 'replayed_credential' })
      assert.deepEqual((await fleet.events()).toSorted(), ['session.ended', 'session.reuse'])
      await expectOver(
        fleet,
        [first, second.refreshToken, third.refreshToken],
        [accessToken, second.accessToken, third.accessToken],
      )
    })

    test('R1 R3 a late parent forks; the skipped token then ends the family', async () => {
      const fleet = await opening
      const { refreshToken: first } = await create(fleet)
      const second = await renew(fleet, first)
      const third = await renew(fleet, first)
      assert.equal(counterOf(third.refreshToken), counterOf(second.refreshToken) + 1)
      assert.deepEqual(await present(fleet, second.refreshToken), { ok: false, reason: 'replayed_credential' })
      await expectOver(fleet, [first, second.refreshToken, third.refreshToken], [second.accessToken, third.accessToken])
    })

    test('R3 two tabs and a lost answer are no theft: within G the parent gets the same successor', async () => {
      const fleet = await opening
      const { refreshToken: first } = await create(fleet)
      const { refreshToken: successor } = await renew(fleet, first)
      await fleet.advance(5 * second)
      for (const token of [first, successor]) {
        for (const worker of fleet.workers) {
          const [answer] = (await worker.refresh(token, 1)) as [Refreshed]
          assert.equal(answer.ok && answer.refreshToken, successor)
        }
      }
    })
  })
}

describe('R5 what is spent or revoked stays so when the process is killed', async () => {
  const opening = sqliteFleet(2, 1)
  after(async () => (await opening).close())

  test('a spent refresh token, replayed at the next process', async () => {
    const fleet = await opening
    const { refreshToken: first, accessToken } = await create(fleet)
    const second = await renew(fleet, first)
    const third = await renew(fleet, second.refreshToken)
    await fleet.advance(pastQuiet)
    await fleet.replace?.(0)
    assert.deepEqual(await present(fleet, first), { ok: false, reason: 'replayed_credential' })
    await fleet.replace?.(0)
    await expectOver(fleet, [first, second.refreshToken, third.refreshToken], [accessToken, third.accessToken])
  })

  test('a revoked session, at the next process and at the one that lived on', async () => {
    const fleet = await opening
    const { id, refreshToken, accessToken } = await create(fleet)
    assert.equal(await workerOf(fleet).revoke(id), true)
    await fleet.replace?.(0)
    await expectOver(fleet, [refreshToken], [accessToken])
  })

  test('the successor that nobody has seen: the parent gets it from the next process', async () => {
    const fleet = await opening
    const { refreshToken: first } = await create(fleet)
    const { refreshToken: successor } = await renew(fleet, first)
    await fleet.replace?.(0)
    const again = await present(fleet, first)
    assert.equal(again.ok && again.refreshToken, successor)
  })
})

describe('R3 the connection is lost after the store has committed the rotation', () => {
  test('the client retries, and gets the successor that was made for it', async () => {
    const clock = manualClock()
    const gated = gate(memory({ clock }))
    gated.open()
    const auth = handstamp({ backend: gated.backend, clock, secrets: secret, present: 'token' })
    const { url, close } = await listen(raceApp('node:http', auth))
    const [hasty, client] = [connect(url), connect(url)]
    try {
      const created = await auth.create({ user: 'ann' })
      assert.ok(created.ok)
      const form = { grant_type: 'refresh_token', refresh_token: created.value.credential }
      clock.advance(pastQuiet)
      gated.shut()
      const lost = assert.rejects(hasty.ask('POST', '/auth/token', { form }))
      const committed = new Promise<void>((resolve) => {
        gated.onArrival((pending) => {
          if (pending.name === 'store.advance' && pending.phase === 'after') resolve()
          else gated.release(pending)
        })
      })
      await committed
      hasty.close()
      await lost
      gated.open()
      const retried = await client.ask('POST', '/auth/token', { form })
      assert.equal(retried.status, 200)
      const { refresh_token: successor } = JSON.parse(retried.body) as { refresh_token: string }
      assert.equal(counterOf(successor), 2)
      clock.advance(pastQuiet)
      assert.equal((await auth.refresh(successor)).ok, true)
    } finally {
      hasty.close()
      client.close()
      await close()
      await auth.close()
    }
  })
})

function workerOf({ workers }: Fleet): Acts {
  return workers[0] as Acts
}

let users = 0

function create(fleet: Fleet): ReturnType<Acts['create']> {
  users += 1
  return workerOf(fleet).create(`user-${users}`)
}

/** Once at the first worker. */
async function present(fleet: Fleet, token: string): Promise<Refreshed> {
  return (await workerOf(fleet).refresh(token, 1))[0] as Refreshed
}

/** After the quiet zone, at the first worker. */
async function renew(fleet: Fleet, token: string): Promise<{ refreshToken: string; accessToken: string }> {
  await fleet.advance(pastQuiet)
  const answer = await present(fleet, token)
  assert.ok(answer.ok && answer.refreshToken !== null)
  return { refreshToken: answer.refreshToken, accessToken: answer.accessToken }
}

/** Nothing of the family is accepted by any process. */
async function expectOver(fleet: Fleet, tokens: readonly string[], accessTokens: readonly string[]): Promise<void> {
  for (const worker of fleet.workers) {
    for (const token of tokens) assert.deepEqual(await worker.refresh(token, 1), [{ ok: false, reason: 'revoked' }])
    for (const token of accessTokens) assert.notEqual(await worker.validate(token), null)
  }
}
