import { type Clock, type Millis, second } from '../base/clock.ts'
import { Fault, isFault } from '../base/fault.ts'
import type { Backend } from '../model/backend.ts'
import { within } from './deadline.ts'
import { createHints } from './hints.ts'
import { postgresDocuments, postgresOnce } from './postgres-documents.ts'
import { postgresLimits } from './postgres-limits.ts'
import { createListener } from './postgres-listener.ts'
import { postgresLog } from './postgres-log.ts'
import { openSchema } from './postgres-open.ts'
import { createQueries, type PostgresPool, type Queries } from './postgres-pool.ts'
import { postgresStore } from './postgres-store.ts'
import { unreachable } from './unreachable.ts'

export type { PostgresClient, PostgresPool } from './postgres-pool.ts'

export interface PostgresOptions {
  /** A pool of `pg`, or what behaves like one. It stays yours: `close` does not end it. */
  readonly pool: PostgresPool
  /** Name of the schema; made if there is none (`handstamp`). */
  readonly schema?: string
  /**
   * Hear of revocations by LISTEN, on a connection of the pool that is kept (true). false where the pool leads to a pooler of transactions: then the heads of the log are asked for every 50 ms. Where
   * LISTEN is found not to work that is done anyway.
   */
  readonly listen?: boolean
  /** Prepare statements (true). false for a pooler of transactions that does not know them. */
  readonly prepare?: boolean
  /** How long an operation may take, in milliseconds, waiting for a connection included (2000). */
  readonly deadline?: Millis
  /** Instead of the server's own time: for tests. */
  readonly clock?: Clock
}

/**
 * Keeps everything in one Postgres database: any number of nodes, no sticky sessions. What was acknowledged survives a crash.
 *
 * A node hears of a revocation within milliseconds, and honours it within R whatever fails (protocol 2); a check costs no query.
 *
 * @throws Fault `invalid_option`
 * @see protocol, section 3.4
 */
export function postgres(options: PostgresOptions): Backend {
  const { pool, schema = 'handstamp', listen = true, prepare = true, deadline = 2 * second } = options
  checkOptions(options)
  const clock = options.clock ?? null
  const direct = createQueries({ pool, schema, deadline, prepare })
  let opening: Promise<string> | null = null

  function open(): Promise<string> {
    opening ??= openOnce(direct, schema).catch((error: unknown) => {
      opening = null
      throw error
    })
    return opening
  }

  const queries: Queries = {
    ...direct,
    run: async (work, sql, values) => {
      direct.guard()
      await open()
      return direct.run(work, sql, values)
    },
  }
  const listener = createListener({ queries, channel: async () => (listen ? open() : null), deadline })
  const hints = createHints(async (text) => {
    await queries.run('read', 'SELECT pg_notify($1, $2)', [await open(), text])
  })
  const log = postgresLog({ queries, listener, hints, clock })
  return {
    name: 'postgres',
    durable: true,
    store: postgresStore(queries, log, clock),
    log: log.log,
    once: postgresOnce(queries, clock),
    limits: postgresLimits(queries, clock),
    documents: postgresDocuments(queries),
    ready: async () => {
      direct.guard()
      await open()
    },
    close: async () => {
      hints.close()
      listener.close()
      direct.close()
      opening = null
    },
  }
}

/** A migration may take its time. */
const longestOpening = 30 * second

async function openOnce(queries: Queries, schema: string): Promise<string> {
  const client = await queries.client().catch((error: Fault) => {
    throw unreachable(error)
  })
  let failure: Error | undefined
  try {
    return await within(longestOpening, () => openSchema(client, schema))
  } catch (error) {
    failure = error as Error
    throw isFault(error) ? unreachable(error) : error
  } finally {
    client.release(failure)
  }
}

function checkOptions({ pool, schema = 'handstamp', deadline = second }: PostgresOptions): void {
  if (typeof pool?.connect !== 'function')
    throw new Fault('invalid_option', 'postgres({ pool }) must be a pool of pg: new Pool({ connectionString }).')
  if (!/^[a-z_][a-z0-9_]{0,39}$/.test(schema))
    throw new Fault('invalid_option', 'postgres({ schema }) must be 1 to 40 of a-z, 0-9 and _, not a digit first.')
  if (!(Number.isFinite(deadline) && deadline >= 1))
    throw new Fault('invalid_option', 'postgres({ deadline }) must be a number of milliseconds, at least 1.')
}
