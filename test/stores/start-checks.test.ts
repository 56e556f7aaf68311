import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Pool } from 'pg'
import { createClient } from 'redis'
import { isFault } from '../../src/base/fault.ts'
import type { Backend } from '../../src/model/backend.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { migrations } from '../../src/stores/postgres-schema.ts'
import { redis } from '../../src/stores/redis.ts'
import { backendContract } from '../../src/testing/contract/backend.ts'
import { manualClock } from '../support/manual-clock.ts'
import { postgresServer, withPostgres } from '../support/postgres-server.ts'
import { redisServer, withRedis } from '../support/redis-server.ts'

const pg = withPostgres && (await postgresServer())
const rd = withRedis && (await redisServer())

function newClient(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  return client
}

type Client = ReturnType<typeof newClient>

async function refuses(backend: Backend, kind: string, message: RegExp): Promise<void> {
  await assert.rejects(backend.ready(), (error) => {
    assert.ok(isFault(error), String(error))
    assert.equal(error.kind, kind, error.message)
    assert.match(error.message, message)
    assert.ok(!error.message.includes('hunter2'))
    return true
  })
  await backend.close()
}

describe('Postgres at the start', { skip: pg === false && 'there is no postgres on this machine' }, () => {
  if (pg === false) return
  const pool = pg.pool()
  after(() => pool.end())

  async function refusesOn(url: string, kind: string, message: RegExp): Promise<void> {
    const own = new Pool({ connectionString: url })
    await refuses(postgres({ pool: own, schema: 'checked' }), kind, message)
    await own.end()
  }

  test('a schema of another application', async () => {
    await pool.query('CREATE SCHEMA foreign_one; CREATE TABLE foreign_one.things (id int)')
    await refuses(postgres({ pool, schema: 'foreign_one' }), 'invalid_option', /belongs to another application/)
    assert.equal(
      (await pool.query(`SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'foreign_one'`)).rows[0].n,
      1,
    )
  })

  test('a schema of a newer version', async () => {
    const backend = postgres({ pool, schema: 'newer' })
    await backend.ready()
    await backend.close()
    await pool.query('UPDATE newer.meta SET version = 99')
    await refuses(postgres({ pool, schema: 'newer' }), 'newer_schema', /schema 99/)
  })

  test('acknowledgements before anything is stored', async () => {
    await refusesOn(`${pg.url}?options=-c%20synchronous_commit%3Doff`, 'invalid_option', /synchronous_commit/)
  })

  test('missing rights, and the same with a schema that was made for it', async () => {
    await pool.query(`CREATE ROLE poor LOGIN PASSWORD 'hunter2'`)
    const url = pg.url.replace('postgres@', 'poor:hunter2@')
    await refusesOn(url, 'invalid_option', /Rights are missing/)
    await pool.query('CREATE SCHEMA checked AUTHORIZATION poor')
    const own = new Pool({ connectionString: url })
    const backend = postgres({ pool: own, schema: 'checked' })
    await backend.ready()
    assert.equal(await backend.store.generation({ kind: 'everyone' }), 0)
    await backend.close()
    await own.end()
  })

  test('a database that is not there, and a server that is not', async () => {
    await refusesOn(pg.url.replace(/postgres$/, 'nowhere'), 'store_unavailable', /no such database/)
    await refusesOn('postgres://u:hunter2@127.0.0.1:1/x', 'store_unavailable', /Check that it runs, and its URL/)
  })

  test('many nodes at once make one schema', async () => {
    const backends = Array.from({ length: 8 }, () => postgres({ pool, schema: 'together' }))
    await Promise.all(backends.map((backend) => backend.ready()))
    assert.deepEqual((await pool.query('SELECT version FROM together.meta')).rows, [{ version: migrations.length }])
    await Promise.all(backends.map((backend) => backend.close()))
  })

  test('options that cannot be', () => {
    for (const options of [{}, { pool, schema: 'a"b' }, { pool, schema: '' }, { pool, deadline: 0 }])
      assert.throws(() => postgres(options as never), { kind: 'invalid_option' })
  })

  let made = 0
  backendContract('postgres without LISTEN and without prepared statements', async () => {
    const clock = manualClock()
    const backend = postgres({ pool, schema: `plain_${++made}`, clock, listen: false, prepare: false })
    await backend.ready()
    return { backend, clock }
  })
})

describe('Redis at the start', { skip: rd === false && 'there is no redis-server on this machine' }, () => {
  if (rd === false) return

  async function withClient(url: string, run: (client: Client) => Promise<void>): Promise<void> {
    const client = newClient(url)
    try {
      await run(client)
    } finally {
      if (client.isOpen) client.destroy()
    }
  }

  test('a server that throws away what it has no room for', async () => {
    await withClient(rd.url, async (client) => {
      await client.connect()
      await client.configSet('maxmemory-policy', 'allkeys-lru')
      await refuses(redis({ client }), 'invalid_option', /noeviction/)
      await client.configSet('maxmemory-policy', 'noeviction')
    })
  })

  test('a server that keeps nothing over a crash, unless that is wanted', async () => {
    await withClient(rd.url, async (client) => {
      await client.connect()
      await client.configSet('appendonly', 'no')
      await refuses(redis({ client }), 'invalid_option', /appendonly yes/)
      const backend = redis({ client, durable: false })
      await backend.ready()
      assert.equal(backend.durable, false)
      await backend.close()
      await client.configSet('appendonly', 'yes')
    })
  })

  test('data of a newer version, and a key of somebody else', async () => {
    await withClient(rd.url, async (client) => {
      await client.connect()
      await client.set('newer:{A}schema', '99')
      await client.set('other:{A}schema', 'theirs')
      await refuses(redis({ client, prefix: 'newer:' }), 'newer_schema', /schema 99/)
      await refuses(redis({ client, prefix: 'other:' }), 'invalid_option', /another application/)
      assert.equal(await client.get('other:{A}schema'), 'theirs')
    })
  })

  test('a replica; a password that is wrong; a server that is not there', async () => {
    const replica = await redisServer({ replicaof: `127.0.0.1 ${rd.port}` })
    try {
      await withClient(replica.url, (client) => refuses(redis({ client }), 'invalid_option', /replica/))
    } finally {
      await replica.stop()
    }
    const wrong = rd.url.replace('//', '//app:hunter2@')
    await withClient(wrong, (client) => refuses(redis({ client }), 'invalid_option', /refused/))
    await withClient('redis://127.0.0.1:1', (client) =>
      refuses(redis({ client, deadline: 500 }), 'store_unavailable', /Check that it runs, and its URL/),
    )
  })

  test('a server that is full says so, and goes on when there is room', async () => {
    await withClient(rd.url, async (client) => {
      const backend = redis({ client, prefix: 'full:' })
      await backend.ready()
      await client.configSet('maxmemory', '1')
      await assert.rejects(backend.store.bump({ kind: 'everyone' }, 'revoked', Date.now() + 1000), (error) => {
        assert.ok(isFault(error) && error.kind === 'not_stored')
        assert.match(error.message, /memory is used up/)
        return true
      })
      assert.equal(await backend.store.generation({ kind: 'everyone' }), 0, 'reading goes on, and nothing was changed')
      await client.configSet('maxmemory', '0')
      assert.equal(await backend.store.bump({ kind: 'everyone' }, 'revoked', Date.now() + 1000), 1)
      await backend.close()
    })
  })

  test('options that cannot be', () => {
    const client = createClient({ url: rd.url })
    for (const options of [{}, { client: {} }, { client, prefix: 'a{b}' }, { client, deadline: -1 }])
      assert.throws(() => redis(options as never), { kind: 'invalid_option' })
  })
})
