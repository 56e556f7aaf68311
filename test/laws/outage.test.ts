import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { minute } from '../../src/base/clock.ts'
import { isFault } from '../../src/base/fault.ts'
import type { TokenAnswer } from '../../src/engine/issue.ts'
import { handstamp } from '../../src/http/auth.ts'
import type { Backend } from '../../src/model/backend.ts'
import { memory } from '../../src/stores/memory.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type Answer, type Client, connect, jarOf, onlyCookie, sessionCookie } from './client.ts'
import { type Frail, openFrail, wrongWith } from './outage.ts'
import { doors, listen, raceApp } from './race-app.ts'
import { secret } from './race-world.ts'

/** A request of a signed-in user, and what must be true when it is sent again after the store has come back. */
interface Case {
  readonly name: string
  send(frail: Frail, held: Held): Promise<Answer>
  /** Answers to the second attempt. */
  readonly again: readonly number[]
  /** After the second attempt: the session is over. */
  readonly over?: true
  /** The request renews the session in passing, before it does what it is there for. */
  readonly renews?: true
}

interface Held {
  readonly user: string
  readonly id: string
  readonly jar: string
  readonly alone: string
  readonly tokens: TokenAnswer
}

const cases: readonly Case[] = [
  {
    name: 'a renewal in passing',
    send: ({ client }, { alone }) => client.ask('GET', '/me', { cookie: alone }),
    again: [200],
  },
  { name: 'a read', send: ({ client }, { jar }) => client.ask('GET', '/data?key=kept', { cookie: jar }), again: [200] },
  {
    name: 'a write',
    send: ({ client }, { jar }) => client.ask('POST', '/write?key=a&value=1', { cookie: jar }),
    again: [204],
  },
  { name: 'an update', send: ({ client }, { jar }) => client.ask('POST', '/count', { cookie: jar }), again: [200] },
  {
    name: 'the first write of an anonymous visitor',
    send: ({ client }) => client.ask('POST', '/write?key=cart&value=book'),
    again: [204],
  },
  { name: 'a sign-in', send: ({ client }, { user }) => client.ask('POST', `/login?user=${user}`), again: [200] },
  {
    name: 'a sign-in for tokens',
    send: ({ client }, { user }) => client.ask('POST', `/login?user=${user}&present=token`),
    again: [200],
  },
  {
    name: 'a sign-in that replaces the session',
    send: ({ client }, { user, jar }) => client.ask('POST', `/login?user=${user}`, { cookie: jar }),
    again: [200],
    over: true,
  },
  {
    name: 'a logout',
    send: ({ client }, { jar }) => client.ask('POST', '/logout', { cookie: jar }),
    again: [204],
    over: true,
  },
  {
    name: 'a logout by the session cookie alone',
    send: ({ client }, { alone }) => client.ask('POST', '/logout', { cookie: alone }),
    again: [204],
    over: true,
    renews: true,
  },
  {
    name: 'the end of all sessions',
    send: ({ client }, { jar }) => client.ask('POST', '/logout-everywhere', { cookie: jar }),
    again: [204],
    over: true,
  },
  {
    name: 'the end by an administrator',
    send: ({ client }, { id }) => client.ask('POST', `/end?id=${id}`),
    again: [204, 404],
    over: true,
  },
  {
    name: 'a refresh',
    send: ({ client }, { tokens }) =>
      client.ask('POST', '/auth/token', {
        form: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' },
      }),
    again: [200],
  },
  {
    name: 'a revocation of the refresh token',
    send: ({ client }, { tokens }) =>
      client.ask('POST', '/auth/revoke', { form: { token: tokens.refresh_token ?? '' } }),
    again: [200],
  },
]

let users = 0

async function hold({ client, clock }: Frail): Promise<Held> {
  users += 1
  const user = `user-${users}`
  const login = await client.ask('POST', `/login?user=${user}`)
  const jar = jarOf(login)
  await client.ask('POST', '/write?key=kept&value=yes', { cookie: jar })
  const tokens = JSON.parse((await client.ask('POST', `/login?user=${user}&present=token`)).body) as TokenAnswer
  clock.advance(minute)
  return { user, id: (JSON.parse(login.body) as { id: string }).id, jar, alone: onlyCookie(jar, sessionCookie), tokens }
}

for (const door of doors) {
  describe(`${door}: the store fails at each operation of a request, before it and after it`, () => {
    for (const one of cases) {
      test(`V1 V2 ${one.name} is answered 503, and succeeds when it is sent again`, async (t) => {
        const frail = await openFrail(door)
        const failures: string[] = []
        try {
          for (const when of ['before', 'after'] as const) {
            for (let at = 0; ; at++) {
              const held = await hold(frail)
              const failed = await frail.failing(at, when, () => one.send(frail, held))
              if (failed === null) break
              failures.push(`${when} ${failed.operation}`)
              await judge(frail, one, held, failed.answer, failures.at(-1) ?? '')
            }
          }
        } finally {
          await frail.close()
        }
        t.diagnostic(failures.join(', '))
        assert.ok(failures.length >= 2)
      })
    }
  })
}

async function judge(frail: Frail, one: Case, held: Held, answer: Answer, where: string): Promise<void> {
  assert.equal(wrongWith(answer, { renewed: one.renews === true }), null, where)
  const { client } = frail
  const lived = (await client.ask('GET', '/me', { cookie: held.jar })).status
  // What was not acknowledged may have been carried out, but only where the store had carried it out.
  if (where.startsWith('before')) {
    const killed = one.name === 'the end of all sessions' && !where.endsWith('bump')
    assert.equal(lived, killed ? 401 : 200, where)
  }
  const again = await one.send(frail, held)
  const goneAlready = lived === 401 && again.status === 401
  assert.ok(one.again.includes(again.status) || goneAlready, `${where}: then ${again.status} ${again.body}`)
  if (one.over) assert.equal((await client.ask('GET', '/me', { cookie: held.jar })).status, 401, where)
}

for (const door of doors) {
  test(`V1 ${door}: what has been revoked cannot be seen, so nobody is let in, and nobody is anonymous`, async () => {
    const frail = await openFrail(door)
    try {
      const { client, gate, auth } = frail
      const { jar, tokens } = await hold(frail)
      for (const asked of [{ cookie: jar }, { bearer: tokens.access_token }]) {
        gate.fail('local.since', 'before')
        assert.equal(wrongWith(await client.ask('GET', '/me', asked)), null)
        assert.equal((await client.ask('GET', '/me', asked)).status, 200)
      }
      gate.fail('local.since', 'before')
      await assert.rejects(
        auth.validate({ accessToken: tokens.access_token }),
        (error) => isFault(error) && error.kind === 'store_unavailable',
      )
    } finally {
      await frail.close()
    }
  })
}

interface Live {
  readonly backend: Backend
  readonly client: Client
  readonly jar: string
  close(): Promise<void>
}

async function openLive(backend: Backend): Promise<Live> {
  const auth = handstamp({ backend, secrets: secret, present: 'both' })
  const { url, close } = await listen(raceApp('express', auth))
  const client = connect(url)
  const jar = jarOf(await client.ask('POST', '/login?user=ann'))
  return {
    backend,
    client,
    jar,
    close: async () => {
      client.close()
      await close()
      await auth.close()
    },
  }
}

describe('V1 V2 another process holds the lock of the SQLite file', () => {
  const path = join(temporaryFolder(), 'locked.db')

  test('writes are answered 503 in bounded time, reads go on, and all is well when it lets go', async () => {
    const { client, jar, close } = await openLive(sqlite({ path, busyTimeout: 100 }))
    try {
      const locker = await lock(path)
      try {
        await expectWritesRefused(client, jar)
      } finally {
        await unlock(locker)
      }
      assert.equal((await client.ask('POST', '/write?key=a&value=1', { cookie: jar })).status, 204)
      assert.equal((await client.ask('POST', '/logout', { cookie: jar })).status, 204)
      assert.equal((await client.ask('GET', '/me', { cookie: jar })).status, 401)
    } finally {
      await close()
    }
  })
})

async function expectWritesRefused(client: Client, cookie: string): Promise<void> {
  assert.equal((await client.ask('GET', '/me', { cookie })).status, 200)
  assert.equal((await client.ask('GET', '/data?key=a', { cookie })).status, 200)
  const refused = await Promise.all([
    client.ask('POST', '/write?key=a&value=1', { cookie }),
    client.ask('POST', '/login?user=bob'),
    client.ask('POST', '/logout', { cookie }),
    client.ask('POST', '/logout-everywhere', { cookie }),
  ])
  for (const answer of refused) assert.equal(wrongWith(answer), null)
  assert.equal((await client.ask('GET', '/me', { cookie })).status, 200)
}

/** A process of its own: one process never waits for a lock of its own. */
async function lock(path: string): Promise<ChildProcess> {
  const code = `const { DatabaseSync } = require('node:sqlite')
    const db = new DatabaseSync(process.argv[1], { timeout: 5000 })
    db.exec('BEGIN IMMEDIATE')
    process.stdout.write('locked')
    process.stdin.on('end', () => { db.exec('ROLLBACK'); db.close() }).resume()`
  const child = spawn(process.execPath, ['-e', code, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

async function unlock(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close')
  child.stdin?.end()
  await ended
}

describe('V1 V2 the store is closed under the application', () => {
  const path = join(temporaryFolder(), 'closed.db')
  const backends: Readonly<Record<string, () => Backend>> = { memory: () => memory(), sqlite: () => sqlite({ path }) }
  for (const [name, open] of Object.entries(backends)) {
    test(`${name}: everything is answered 503, nobody is signed out`, async () => {
      const { backend, client, jar, close } = await openLive(open())
      const alone = onlyCookie(jar, sessionCookie)
      try {
        await backend.close()
        const answers = [
          await client.ask('GET', '/me', { cookie: jar }),
          await client.ask('GET', '/me', { cookie: alone }),
          await client.ask('POST', '/write?key=a&value=1', { cookie: jar }),
          await client.ask('POST', '/logout', { cookie: jar }),
          await client.ask('POST', '/logout', { cookie: alone }),
          await client.ask('POST', '/login?user=bob'),
        ]
        for (const answer of answers) assert.equal(wrongWith(answer), null)
      } finally {
        await close()
      }
    })
  }
})
