import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Backend } from '../model/backend.ts'
import { postgres } from '../stores/postgres.ts'
import { redis } from '../stores/redis.ts'
import { sqlite } from '../stores/sqlite.ts'
import type { Config } from './config.ts'
import { makeDataFolder } from './data-folder.ts'

/** Connections to Postgres of one server process, one of them for hints. */
const poolSize = 10

/**
 * The engine that the configuration names: SQLite in the data folder, which is made (0700) where there is none, or the one that a URL leads to. Not ready yet; closing it closes its
 * connections.
 *
 * @throws Fault `invalid_option` where the client of the engine is not installed
 */
export async function openBackend({ engine, data }: Pick<Config, 'data' | 'engine'>): Promise<Backend> {
  switch (engine.kind) {
    case 'sqlite':
      makeDataFolder(data)
      return sqlite({ path: join(data, 'handstamp.db') })
    case 'postgres': {
      const { default: pg } = await installed('pg', () => import('pg'))
      const pool = new pg.Pool({ connectionString: engine.url, max: poolSize, application_name: 'handstamp' })
      return closingToo(postgres({ pool }), () => pool.end())
    }
    case 'redis': {
      const { createClient } = await installed('redis', () => import('redis'))
      const client = createClient({ url: engine.url, pingInterval: 2_000, socket: { socketTimeout: 10_000 } })
      return closingToo(redis({ client }), async () => client.destroy())
    }
  }
}

async function installed<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new Fault('invalid_option', `The package ${name} is needed for this engine: npm install ${name}`, { cause })
  }
}

/** A connection that was never opened, or is broken, cannot be closed, and need not be. */
function closingToo(backend: Backend, close: () => Promise<unknown>): Backend {
  return {
    ...backend,
    close: async () => {
      await backend.close()
      await close().catch(() => {})
    },
  }
}
