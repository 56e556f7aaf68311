import { closeSync, openSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Clock, Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { faultOf, isBroken, type Phase } from './sqlite-errors.ts'
import { makeSchema, pauseMillis, refuseNewer } from './sqlite-schema.ts'

/** An open database with its statements kept prepared. */
export interface Database {
  /** Changes with each commit of another connection (`PRAGMA data_version`). */
  dataVersion(): number
  get<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): readonly Row[]
  /** @returns how many rows were changed */
  run(sql: string, ...values: readonly SQLInputValue[]): number
}

/** One file, opened when it is needed and again when its handle has broken. Throws nothing but Faults. */
export interface Connection {
  /** Runs on the open database, without a transaction of its own: for a single statement. */
  use<T>(run: (db: Database) => T): T
  /** Several reads of one snapshot. */
  read<T>(run: (db: Database) => T): T
  /** All or nothing, durable when it returns. */
  write<T>(run: (db: Database) => T): T
  close(): void
}

interface Handle extends Database {
  readonly raw: DatabaseSync
  readonly files: Files
}

/** Which files they are, whatever their names. */
interface Files {
  readonly database: string
  readonly wal: string | null
}

/** How long a handle is used before we look again whether the path still leads to it. Writes always look. */
const identityLife: Millis = 20

export function connect(path: string, clock: Clock, busyTimeout: Millis): Connection {
  const file = resolve(path)
  let handle: Handle | null = null
  let lookedAt = 0
  /** The files of the last handle. */
  let last: Files | null = null
  let isClosed = false

  function drop(): void {
    const old = handle
    handle = null
    try {
      old?.raw.close()
    } catch {
      // A broken handle may not even close; the process keeps its descriptor, and the next operation gets a new one.
    }
  }

  function current(maxAge: Millis): Handle {
    if (isClosed) throw new Fault('store_unavailable', 'The store was closed: make a new one.')
    const now = clock.monotonic()
    if (handle !== null && now - lookedAt < maxAge) return handle
    if (handle !== null && identityOf(file) !== handle.files.database) drop()
    handle ??= openFile(file, busyTimeout, last)
    last = handle.files
    lookedAt = now
    return handle
  }

  /** @throws Fault */
  function fail(error: unknown, phase: Phase): never {
    if (isBroken(error)) drop()
    throw faultOf(error, phase)
  }

  function use<T>(run: (db: Database) => T): T {
    try {
      return run(current(identityLife))
    } catch (error) {
      return fail(error, 'read')
    }
  }

  function transact<T>(maxAge: Millis, begin: string, run: (db: Handle) => T, phases: { readonly body: Phase }): T {
    let phase: Phase = 'begin'
    let db: Handle | undefined
    try {
      db = current(maxAge)
      db.run(begin)
      phase = phases.body
      const result = run(db)
      phase = 'commit'
      db.run('COMMIT')
      return result
    } catch (error) {
      if (db !== undefined && phase !== 'begin' && !rollBack(db)) drop()
      return fail(error, phase)
    }
  }

  return {
    use,
    read: (run) => transact(identityLife, 'BEGIN', run, { body: 'read' }),
    write: (run) => transact(0, 'BEGIN IMMEDIATE', (db) => run(checkVersion(db)), { body: 'change' }),
    close: () => {
      isClosed = true
      drop()
    },
  }
}

function rollBack({ raw }: Handle): boolean {
  try {
    if (raw.isTransaction) raw.exec('ROLLBACK')
    return true
  } catch {
    return false
  }
}

/** A newer version may have migrated the file since it was opened here. */
function checkVersion(db: Handle): Handle {
  refuseNewer(db.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0)
  return db
}

function openFile(file: string, busyTimeout: Millis, last: Files | null): Handle {
  try {
    if (last === null) createFile(file)
    const database = checkReplaced(file, last)
    const raw = new DatabaseSync(file, { timeout: busyTimeout })
    try {
      makeSchema(raw, Math.max(1, Math.ceil(busyTimeout / pauseMillis)))
      return { raw, files: { database, wal: identityOf(`${file}-wal`) }, ...prepared(raw) }
    } catch (error) {
      raw.close()
      throw error
    }
  } catch (error) {
    throw faultOf(error, 'open')
  }
}

/**
 * A file that was put in the place of another must not be opened with the other's write-ahead log: SQLite would mix the two.
 *
 * @throws Fault when the file is gone, or such a log is left
 */
function checkReplaced(file: string, last: Files | null): string {
  const database = identityOf(file)
  if (database === null) {
    const text = 'The database file is gone: put it back, or restart to begin with an empty one.'
    throw new Fault('store_unavailable', text)
  }
  if (last?.wal != null && last.database !== database && last.wal === identityOf(`${file}-wal`)) {
    const text = 'The database file was replaced, and the -wal and -shm files of the old one are still there'
    throw new Fault('store_unavailable', `${text}: stop every process, remove both, and start again.`)
  }
  return database
}

/** Only we may read it: made here, because SQLite would ask the umask alone. */
function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw new Fault(
      'store_unavailable',
      'The database file cannot be made: check that its folder exists and that this user may write there.',
    )
  }
}

/** Null when there is no such file, or no way to it. */
function identityOf(file: string): string | null {
  try {
    const { dev, ino } = statSync(file)
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

function prepared(raw: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>()

  function statement(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = raw.prepare(sql)
    statements.set(sql, made)
    return made
  }

  // One number as a list: a row as an object costs a quarter more, and every check reads it.
  const version = raw.prepare('PRAGMA data_version')
  version.setReturnArrays(true)

  return {
    dataVersion: () => (version.get() as unknown as readonly [number])[0],
    get: <Row>(sql: string, ...values: readonly SQLInputValue[]) => statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: readonly SQLInputValue[]) => statement(sql).all(...values) as Row[],
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
  }
}
