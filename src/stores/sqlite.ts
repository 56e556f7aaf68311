import { type Clock, type Millis, second, systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Backend } from '../model/backend.ts'
import { connect } from './sqlite-connection.ts'
import { sqliteDocuments, sqliteOnce } from './sqlite-documents.ts'
import { sqliteLimits } from './sqlite-limits.ts'
import { sqliteLog } from './sqlite-log.ts'
import { sqliteStore } from './sqlite-store.ts'

export interface SqliteOptions {
  /** The database file, on a local disk. Made if there is none (0600); its folder must exist. */
  readonly path: string
  /** (the machine's clock) */
  readonly clock?: Clock
  /** How long to wait for another process's write, in milliseconds (1000). The process stands still meanwhile. */
  readonly busyTimeout?: Millis
}

/**
 * Keeps everything in one SQLite file: for one process or several on one host. What was acknowledged survives a crash and a power cut.
 *
 * Every process sees every commit at its next check (R = 0). Does not work on network file systems. Waits for the disk on the main thread.
 *
 * @throws Fault `invalid_option`
 * @see protocol, section 3.3
 */
export function sqlite(options: SqliteOptions): Backend {
  const { path, clock = systemClock, busyTimeout = second } = options
  if (typeof path !== 'string' || path === '' || path === ':memory:' || path.includes('\0')) {
    throw new Fault('invalid_option', 'sqlite({ path }) must name a file. To keep nothing, use memory().')
  }
  if (!(Number.isInteger(busyTimeout) && busyTimeout >= 0)) {
    throw new Fault('invalid_option', 'sqlite({ busyTimeout }) must be a whole number of milliseconds, at least 0.')
  }
  const connection = connect(path, clock, busyTimeout)
  const log = sqliteLog(connection, clock)
  return {
    name: 'sqlite',
    durable: true,
    store: sqliteStore(connection, log, clock),
    log: log.log,
    once: sqliteOnce(connection, clock),
    limits: sqliteLimits(connection, clock),
    documents: sqliteDocuments(connection),
    ready: async () => connection.use(() => undefined),
    close: async () => connection.close(),
  }
}
