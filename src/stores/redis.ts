import { type Clock, type Millis, second } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Backend } from '../model/backend.ts'
import { createCalls } from './redis-calls.ts'
import { driverOf, type RedisClient, type RedisDriver } from './redis-client.ts'
import { redisDocuments, redisOnce } from './redis-documents.ts'
import { redisLimits } from './redis-limits.ts'
import { redisLog } from './redis-log.ts'
import { openRedis } from './redis-open.ts'
import { redisStore } from './redis-store.ts'

export type { IoRedisClient, NodeRedisClient, RedisClient } from './redis-client.ts'

export interface RedisOptions {
  /** A client of `redis` (`createClient`) or `ioredis` (`new Redis`). It is opened if it is not, and stays yours: `close` does not close it. */
  readonly client: RedisClient
  /** What all keys begin with (`hs:`). */
  readonly prefix?: string
  /** Refuse a server that keeps nothing over a crash (true). false for development, and where ended sessions may come back with a crash. */
  readonly durable?: boolean
  /** How long an operation may take, in milliseconds (2000). */
  readonly deadline?: Millis
  /** Instead of the server's own time: for tests. */
  readonly clock?: Clock
}

/**
 * Keeps everything in one Redis or Valkey: any number of nodes, no sticky sessions. With `appendfsync everysec` a crash may lose the last second; nodes that have seen a revocation in it make it
 * true again.
 *
 * A node hears of a revocation within milliseconds, and honours it within R whatever fails (protocol 2); a check costs no command.
 *
 * @throws Fault `invalid_option`
 * @see protocol, section 3.5
 */
export function redis(options: RedisOptions): Backend {
  const { prefix = 'hs:', durable = true, deadline = 2 * second, clock = null } = options
  const driver = checkOptions(options)
  let opening: Promise<void> | null = null

  function open(): Promise<void> {
    opening ??= openRedis({ driver, prefix, deadline, durable }).catch((error: unknown) => {
      opening = null
      throw error
    })
    return opening
  }

  const calls = createCalls({ driver, prefix, deadline, clock, open })
  const log = redisLog(calls, driver, `${prefix}hints`)
  return {
    name: 'redis',
    durable,
    store: redisStore(calls, log),
    log: log.log,
    once: redisOnce(calls),
    limits: redisLimits(calls),
    documents: redisDocuments(calls),
    ready: async () => {
      calls.guard()
      await open()
    },
    close: async () => {
      log.close()
      calls.close()
    },
  }
}

function checkOptions({ client, prefix = 'hs:', deadline = second }: RedisOptions): RedisDriver {
  const driver = driverOf(client)
  if (driver === null)
    throw new Fault(
      'invalid_option',
      'redis({ client }) must be a client of redis (createClient) or ioredis (new Redis).',
    )
  if (!/^[A-Za-z0-9_.:-]{0,40}$/.test(prefix))
    throw new Fault('invalid_option', 'redis({ prefix }) must be at most 40 of A-Z, a-z, 0-9 and _.:-')
  if (!(Number.isFinite(deadline) && deadline >= 1))
    throw new Fault('invalid_option', 'redis({ deadline }) must be a number of milliseconds, at least 1.')
  return driver
}
