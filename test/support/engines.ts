import { Pool } from 'pg'
import { createClient } from 'redis'
import type { Backend } from '../../src/model/backend.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { redis } from '../../src/stores/redis.ts'
import { type PostgresServer, postgresServer, withPostgres } from './postgres-server.ts'
import { type RedisServer, redisServer, withRedis } from './redis-server.ts'

/** An engine that many nodes share, as the tests start and stop it. */
export interface SharedEngine {
  readonly name: 'postgres' | 'redis'
  readonly server: PostgresServer | RedisServer
  /** The variable of the environment that names it, and its value. */
  readonly variable: readonly [name: string, value: string]
  /** A node’s own backend, with connections of its own. */
  node(): SharedNode
}

export interface SharedNode {
  readonly backend: Backend
  close(): Promise<void>
}

/** A node’s backend by the URL of its engine, which may lead through a proxy. */
export function nodeOn(name: SharedEngine['name'], url: string, deadline = 2000): SharedNode {
  if (name === 'postgres') {
    const pool = new Pool({ connectionString: url, max: 6 })
    const backend = postgres({ pool, deadline })
    return { backend, close: () => closing(backend, () => pool.end()) }
  }
  const client = createClient({ url, socket: { reconnectStrategy: () => 50 } })
  const backend = redis({ client, deadline })
  return { backend, close: () => closing(backend, async () => client.destroy()) }
}

async function closing(backend: Backend, close: () => Promise<unknown>): Promise<void> {
  await backend.close()
  await close().catch(() => {})
}

/** Those that are on this machine, started. */
export async function sharedEngines(): Promise<readonly SharedEngine[]> {
  const engines: SharedEngine[] = []
  if (withPostgres) {
    const server = await postgresServer()
    const variable = ['DATABASE_URL', server.url] as const
    engines.push({ name: 'postgres', server, variable, node: () => nodeOn('postgres', server.url) })
  }
  if (withRedis) {
    const server = await redisServer()
    const variable = ['REDIS_URL', server.url] as const
    engines.push({ name: 'redis', server, variable, node: () => nodeOn('redis', server.url) })
  }
  return engines
}
