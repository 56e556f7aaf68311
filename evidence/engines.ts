import { Pool } from 'pg'
import { createClient } from 'redis'
import { day, hour } from '../src/base/clock.ts'
import { randomText } from '../src/crypto/random.ts'
import type { Backend } from '../src/model/backend.ts'
import { makeSid, partitionOfUser } from '../src/model/partition.ts'
import type { SessionRecord } from '../src/model/session.ts'
import { postgres } from '../src/stores/postgres.ts'
import { redis } from '../src/stores/redis.ts'
import { newRecord } from '../src/testing/contract/race-record.ts'
import { callsPerThousand } from '../test/laws/calls.ts'
import { postgresServer, withPostgres } from '../test/support/postgres-server.ts'
import { redisServer, withRedis } from '../test/support/redis-server.ts'
import type { Figure } from './figure.ts'

/** Of the sizes that are promised: no data, unbound, a user’s name of 16 characters. */
function sessionOf(index: number, changes: Partial<SessionRecord>): SessionRecord {
  const user = `user-${String(index).padStart(11, '0')}`
  const record = newRecord(makeSid(partitionOfUser(user, 16), randomText(16)), user)
  const { createdAt: at } = record
  const endsAt = at + day
  return { ...record, endsAt, authentication: { at, level: 1, levelUntil: endsAt, methods: ['pwd'] }, ...changes }
}

const kinds: Readonly<Record<string, Partial<SessionRecord>>> = {
  plain: {},
  bound: { binding: { kind: 'dpop', thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' } },
  'labelled (tenant, role, device)': {
    tenant: 'acme',
    claims: { role: 'editor' },
    device: { agent: 'Firefox on Linux', address: '192.0.2.1' },
  },
}

async function fill({ store }: Backend, count: number, changes: Partial<SessionRecord>): Promise<void> {
  let made = 0
  const flow = async (): Promise<void> => {
    while (made < count) await store.insert(sessionOf(made++, changes), new Map())
  }
  await Promise.all(Array.from({ length: 100 }, flow))
}

async function ofRedis(progress: (line: string) => void): Promise<Record<string, unknown>> {
  const server = await redisServer({ appendonly: 'no' })
  const client = createClient({ url: server.url })
  const backend = redis({ client, durable: false })
  await backend.ready()
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(String(await client.info('memory')))?.[1])
  const bytes: Record<string, number> = {}
  for (const [kind, changes] of Object.entries(kinds)) {
    for (const count of kind === 'plain' ? [10_000, 100_000, 1_000_000] : [1_000_000]) {
      await client.flushAll()
      const before = await used()
      await fill(backend, count, changes)
      bytes[`${kind}, ${count}`] = Math.round((await used()) - before) / count
      progress(`redis, ${kind}, ${count}: ${bytes[`${kind}, ${count}`]} bytes`)
    }
  }
  // The last ones are all of one tenant.
  const since = performance.now()
  await backend.store.bump({ kind: 'tenant', tenant: 'acme' }, 'revoked', Date.now() + hour)
  const took = performance.now() - since
  let standing = 0
  for (let index = 0; index < 1_000; index++)
    standing += (await backend.store.list(`user-${String(index * 997).padStart(11, '0')}`, 9)).length
  await backend.close()
  client.destroy()
  await server.stop()
  return { bytes, 'a million of one tenant ended': { ms: Math.round(took * 100) / 100, standing } }
}

async function ofPostgres(progress: (line: string) => void): Promise<Record<string, unknown>> {
  const server = await postgresServer()
  const pool = new Pool({ connectionString: server.url, max: 20 })
  const bytes: Record<string, number> = {}
  const count = 100_000
  for (const [index, [kind, changes]] of Object.entries(kinds).entries()) {
    const schema = `size_${index}`
    const backend = postgres({ pool, schema })
    await backend.ready()
    await fill(backend, count, changes)
    const size = `SELECT pg_total_relation_size('${schema}.session')::float8 AS size`
    bytes[`${kind}, ${count}`] = Number((await pool.query(size)).rows[0].size) / count
    progress(`postgres, ${kind}: ${bytes[`${kind}, ${count}`]} bytes`)
    await backend.close()
  }
  await pool.end()
  await server.stop()
  return { 'bytes, with indexes': bytes }
}

export const engines: Figure = {
  name: 'engines',
  shows:
    'bytes a session in Redis and in Postgres, a million sessions ended by one event, and calls of the engine for each 1,000 requests',
  counts: 'measurements',
  run: async (progress) => {
    const calls = await callsPerThousand(500, 1_000)
    const onRedis = withRedis ? await ofRedis(progress) : {}
    const onPostgres = withPostgres ? await ofPostgres(progress) : {}
    const bytes = (onRedis.bytes ?? {}) as Record<string, number>
    const ended = onRedis['a million of one tenant ended'] as { standing: number } | undefined
    const passed =
      (bytes['plain, 1000000'] ?? 999) <= 320 &&
      calls.perThousand <= 36 &&
      calls.onChecks === 0 &&
      ended?.standing === 0
    return { n: calls.requests, passed, result: { calls, redis: onRedis, postgres: onPostgres } }
  },
}
