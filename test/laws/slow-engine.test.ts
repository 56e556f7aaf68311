import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TokenAnswer } from '../../src/engine/issue.ts'
import { handstamp } from '../../src/http/auth.ts'
import { manualClock } from '../support/manual-clock.ts'
import { slowBackend } from '../support/slow-backend.ts'
import { type Client, connect, jarOf, onlyCookie, sessionCookie } from './client.ts'
import { doors, listen, raceApp } from './race-app.ts'
import { createHold, type Hold, playScript } from './race-script.ts'
import { secret } from './race-world.ts'
import { pastQuiet, refreshLaw, slowFleet } from './refresh.ts'

const seed = Number(process.env.SEED ?? 20_260_101)

async function withApp(
  door: (typeof doors)[number],
  run: (app: {
    readonly url: string
    readonly clients: readonly Client[]
    readonly hold: Hold
    pass(): void
  }) => Promise<void>,
): Promise<void> {
  const clock = manualClock()
  const hold = createHold()
  const backend = slowBackend({ clock, partitions: 4, seed })
  const auths = [1, 2].map(() => handstamp({ backend, clock, secrets: secret, present: 'both' }))
  const servers = await Promise.all(auths.map((auth) => listen(raceApp(door, auth, hold.pause))))
  const clients = servers.map(({ url }) => connect(url))
  try {
    await run({ url: servers[0]?.url ?? '', clients, hold, pass: () => clock.advance(pastQuiet) })
  } finally {
    for (const client of clients) client.close()
    for (const { close } of servers) await close()
    for (const auth of auths) await auth.close()
  }
}

/** Users in all four partitions. */
const people = Array.from({ length: 12 }, (_, index) => `user-${index}`)

describe('an engine on the other end of a network, four partitions: nothing can be seen without asking', () => {
  for (const door of doors) {
    test(`P-I1 S6 ${door}: a check asks the store, and what was ended at one node is refused at the next check of the other`, async () => {
      await withApp(door, async ({ clients: [here, there] }) => {
        await Promise.all(people.map((user) => endOne(here as Client, there as Client, user)))
      })
    })

    test(`P-I3 S9 ${door}: the end of all sessions of a user, and of nobody else's`, async () => {
      await withApp(door, async ({ clients }) => {
        const [here, there] = clients as [Client, Client]
        const jars = await Promise.all(people.map(async (user) => jarOf(await here.ask('POST', `/login?user=${user}`))))
        const [first = '', ...others] = jars
        assert.equal((await here.ask('POST', '/logout-everywhere', { cookie: first })).status, 204)
        assert.equal((await there.ask('GET', '/me', { cookie: first })).status, 401)
        for (const cookie of others) assert.equal((await there.ask('GET', '/me', { cookie })).status, 200)
      })
    })

    test(`R1 ${door}: refresh tokens rotate`, async () => {
      await withApp(door, async ({ clients: [here, there], pass }) => {
        const login = await (here as Client).ask('POST', '/login?user=ann&present=token')
        let tokens = JSON.parse(login.body) as TokenAnswer
        for (const client of [there, here, there] as readonly Client[]) {
          pass()
          const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
          const answer = await client.ask('POST', '/auth/token', { form })
          assert.equal(answer.status, 200)
          const next = JSON.parse(answer.body) as TokenAnswer
          assert.notEqual(next.refresh_token, tokens.refresh_token)
          assert.equal((await client.ask('GET', '/me', { bearer: next.access_token })).status, 200)
          tokens = next
        }
      })
    })

    test(`S6 V3 P-D1 P-D2 ${door}: the script of races`, async () => {
      await withApp(door, async ({ url, hold }) => {
        assert.deepEqual(await playScript({ url, hold }, 10, seed), { trials: 10, revived: 0, lost: 0 })
      })
    })
  }

  test('R2 100 refreshes at once have one successor, four nodes', async () => {
    const fleet = await slowFleet(4, seed)
    try {
      const { broken } = await refreshLaw(fleet, { rounds: 20, parallel: 100 })
      assert.deepEqual(broken, [])
    } finally {
      await fleet.close()
    }
  })
})

async function endOne(here: Client, there: Client, user: string): Promise<void> {
  const jar = jarOf(await here.ask('POST', `/login?user=${user}`))
  const tokens = JSON.parse((await here.ask('POST', `/login?user=${user}&present=token`)).body) as TokenAnswer
  const copies = [{ cookie: jar }, { cookie: onlyCookie(jar, sessionCookie) }, { bearer: tokens.access_token }]
  for (const copy of copies) {
    for (const client of [here, there]) assert.equal((await client.ask('GET', '/me', copy)).status, 200)
  }
  await Promise.all([
    here.ask('POST', '/logout', { cookie: jar }),
    here.ask('POST', '/auth/logout', { bearer: tokens.access_token }),
  ])
  for (const copy of copies) {
    for (const client of [there, here]) assert.equal((await client.ask('GET', '/me', copy)).status, 401)
  }
}
