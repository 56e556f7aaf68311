import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { day, hour, minute, second } from '../../src/base/clock.ts'
import { memory } from '../../src/index.ts'
import { createAttempts } from '../../src/server/attempts.ts'
import { createKnownSources } from '../../src/server/known-sources.ts'
import { sourceOf } from '../../src/server/source.ts'
import { type AccountServer, passwordOf, withAccountServer } from '../support/account-server.ts'
import type { Answer, Browser } from '../support/app.ts'
import { manualClock } from '../support/manual-clock.ts'

const viaProxy = { trustedProxies: ['loopback'] }

function law(title: string, run: (server: AccountServer) => Promise<void>): void {
  test(title, () => withAccountServer(viaProxy, run))
}

function tryFrom(browser: Browser, address: string, username: string, password: string): Promise<Answer> {
  return browser.post('/login', { username, password }, { 'X-Forwarded-For': address })
}

/** How many of these tries were judged. */
async function guess(server: AccountServer, name: string, addresses: readonly string[]): Promise<number> {
  let judged = 0
  for (const address of addresses) {
    const answer = await tryFrom(server.browser(), address, name, 'a wrong guess')
    if (answer.status !== 429) judged++
    assert.ok(answer.status === 429 || answer.reason === 'wrong_login')
  }
  return judged
}

const thousand = Array.from({ length: 1000 }, (_, index) => `198.51.${100 + (index >> 8)}.${index & 255}`)

describe('how often passwords may be tried', () => {
  law('L5 from a thousand addresses a few guesses get through, and the owner signs in', async (server) => {
    assert.equal((await tryFrom(server.browser(), '203.0.113.9', 'ann', passwordOf('ann'))).status, 200)
    let judged = await guess(server, 'ann', [...thousand, ...thousand.slice(0, 40)])
    assert.ok(judged <= 20, `${judged} at once`)
    assert.equal(
      (await tryFrom(server.browser(), '203.0.113.9', 'ann', passwordOf('ann'))).status,
      200,
      'from a known place',
    )
    for (let minutes = 0; minutes < 60; minutes++) {
      server.clock.advance(minute)
      judged += await guess(server, 'ann', thousand.slice(0, 20))
    }
    assert.ok(judged <= 62, `${judged} in an hour`)
    const fresh = await tryFrom(server.browser(), '192.0.2.77', 'ann', passwordOf('ann'))
    assert.equal(fresh.status, 200, 'and from a place that is new, while the others go on')
  })

  law('L5 L4 a name that nobody has is counted alike', async (server) => {
    const seen: (readonly (string | number | undefined)[])[][] = [[], []]
    for (const address of thousand.slice(0, 25)) {
      for (const [index, name] of ['ann', 'nobody-of-that-name'].entries()) {
        const answer = await tryFrom(server.browser(), address, name, 'a wrong guess')
        seen[index]?.push([answer.status, answer.body, answer.header('retry-after')])
      }
    }
    assert.deepEqual(seen[0], seen[1])
    assert.equal(seen[0]?.at(-1)?.[0], 429)
  })

  law(
    'L5 one source is one, however it is spelt; a hop that no proxy of ours wrote counts for nothing',
    async (server) => {
      const spellings = [
        '2001:db8:1:2::1',
        '2001:DB8:1:2:0:0:0:2',
        '[2001:db8:0001:0002::3]:443',
        '6.6.6.6, 2001:db8:1:2:ffff::9',
      ]
      for (const [index, address] of Array.from({ length: 30 }, (_, n) => spellings[n % 4] as string).entries()) {
        const answer = await tryFrom(server.browser(), address, `name ${index}`, 'a wrong guess')
        assert.equal(answer.reason, 'wrong_login', `${index}`)
      }
      for (const address of spellings) {
        const answer = await tryFrom(server.browser(), address, 'another name', 'a wrong guess')
        assert.equal(answer.status, 429)
        assert.equal(answer.header('retry-after'), '6')
      }
      assert.equal((await tryFrom(server.browser(), '2001:db8:1:3::1', 'another name', 'a wrong guess')).status, 401)
    },
  )

  law('spellings of a name are one name', async (server) => {
    let judged = 0
    for (const [index, address] of thousand.slice(0, 40).entries()) {
      const name = ['ann', 'ANN', ' Ann ', 'ＡＮＮ'][index % 4] as string
      if ((await tryFrom(server.browser(), address, name, 'a wrong guess')).status !== 429) judged++
    }
    assert.ok(judged <= 20)
  })

  law('signing in again and again is no guessing', async (server) => {
    for (let times = 0; times < 60; times++)
      assert.equal((await tryFrom(server.browser(), '203.0.113.9', 'ann', passwordOf('ann'))).status, 200)
  })

  law('S13 within a session tries are counted apart, and limited too', async (server) => {
    const here = await server.signedIn('ann')
    await guess(server, 'ann', thousand.slice(0, 40))
    let judged = 0
    let last: Answer | undefined
    for (let times = 0; times < 40; times++) {
      last = await here.post('/step-up', { password: 'a wrong guess' })
      if (last.reason === 'wrong_password') judged++
    }
    assert.ok(judged >= 10 && judged <= 20, `${judged}`)
    assert.equal(last?.status, 429)
    server.clock.advance(2 * minute)
    assert.equal((await here.post('/step-up', { password: passwordOf('ann') })).status, 200)
  })

  law('a person reads how long to wait, and programs do', async (server) => {
    await guess(server, 'ann', thousand.slice(0, 40))
    const form = { username: 'ann', password: 'a wrong guess' }
    const headers = { Accept: 'text/html', 'X-Forwarded-For': '192.0.2.5' }
    const answer = await server.browser().send({ method: 'POST', path: '/login', form, headers })
    assert.equal(answer.status, 429)
    assert.ok(Number(answer.header('retry-after')) > 1)
    assert.match(answer.body, /Wait [0-9]+ (seconds|minutes?)/)
  })
})

test('L5 no more than 100 failures in a row, from anywhere, until somebody succeeds', async () => {
  const clock = manualClock()
  const backend = memory({ clock })
  const attempts = createAttempts(backend.limits, createKnownSources(backend.documents, clock))
  let judged = 0
  for (let hours = 0; hours < 24 * 30; hours++) {
    clock.advance(hour)
    for (let index = 0; index < 30; index++) {
      const address = `10.${hours % 250}.${hours % 7}.${index}`
      if ((await attempts.begin({ username: 'ann', address })).ok) judged++
    }
  }
  assert.equal(judged, 100)
  const session = 'the session of the owner'
  const own = await attempts.begin({ username: 'ann', address: null, session })
  assert.ok(own.ok, 'the owner still can')
  await own.succeeded()
  clock.advance(2 * minute)
  assert.ok((await attempts.begin({ username: 'ann', address: '192.0.2.1' })).ok, 'and so begins a new row')
  clock.advance(day)
  await backend.store.sweep(clock.now(), 99_999)
  await attempts.forgive('ANN')
  await backend.close()
})

test('what was not judged does not count', async () => {
  const clock = manualClock()
  const backend = memory({ clock })
  const attempts = createAttempts(backend.limits, createKnownSources(backend.documents, clock))
  for (let times = 0; times < 200; times++) {
    const attempt = await attempts.begin({ username: 'ann', address: '192.0.2.1' })
    assert.ok(attempt.ok)
    await attempt.abandoned()
    clock.advance(second)
  }
  await backend.close()
})

test('L5 an address counts as its network', () => {
  const table = [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    [null, 'unknown'],
  ] as const
  for (const [address, source] of table) assert.equal(sourceOf(address), source)
})
