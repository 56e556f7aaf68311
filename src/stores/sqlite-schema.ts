import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { isBusy } from './sqlite-errors.ts'

/** `HSTP`: marks the file as ours. */
export const applicationId = 0x48535450

/**
 * Each step leads from one schema version to the next. A step that has been released is never changed.
 *
 * Instants are REAL: whole milliseconds are stored as integers and read as numbers. Text of strangers is ANY: see `textIn`.
 */
const first = `
  CREATE TABLE session (
    sid TEXT PRIMARY KEY,
    user ANY,
    tenant ANY,
    user_generation INTEGER NOT NULL,
    tenant_generation INTEGER NOT NULL,
    everyone_generation INTEGER NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,      -- live, ended, moved
    state_detail TEXT,        -- the cause, or the sid it moved to
    state_at REAL,
    created_at REAL NOT NULL,
    seen_at REAL NOT NULL,
    idle REAL NOT NULL,
    ends_at REAL NOT NULL,
    due REAL NOT NULL,        -- when it times out, or when it ended: what a sweep goes by
    cur INTEGER NOT NULL,
    par INTEGER NOT NULL,
    grace TEXT NOT NULL,      -- JSON
    forks INTEGER NOT NULL,
    rotated_at REAL NOT NULL,
    data_version INTEGER NOT NULL,
    core TEXT NOT NULL        -- JSON: what is only ever read as a whole
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_by_user ON session (user) WHERE state = 'live' AND user IS NOT NULL;
  CREATE INDEX session_by_due ON session (due);

  CREATE TABLE data (
    sid TEXT NOT NULL,
    key ANY NOT NULL,
    value TEXT NOT NULL,      -- JSON
    version INTEGER NOT NULL,
    PRIMARY KEY (sid, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE generation (
    kind TEXT NOT NULL,       -- user, tenant, everyone
    name ANY NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    chain TEXT NOT NULL,
    at REAL NOT NULL,
    until REAL NOT NULL,
    event TEXT NOT NULL       -- JSON, but for until
  ) STRICT;
  CREATE TABLE head (
    part INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    chain TEXT NOT NULL,
    at REAL NOT NULL,
    floor_seq INTEGER NOT NULL,
    floor_chain TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO head VALUES (0, 0, '', 0, 0, '');

  CREATE TABLE once (
    key ANY PRIMARY KEY,
    until REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX once_by_until ON once (until);

  CREATE TABLE document (
    kind ANY NOT NULL,
    key ANY NOT NULL,
    value ANY NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
`

const second = `
  CREATE TABLE rate (
    key ANY PRIMARY KEY,
    tat REAL NOT NULL         -- theoretical arrival time of the generic cell rate algorithm
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX rate_by_tat ON rate (tat);
`

export const migrations: readonly string[] = [first, second]

/**
 * Makes the schema that this version works with, or checks that it is there. Safe when several processes do it at once: one does the work, in one
 * transaction, the others find it done.
 *
 * @param attempts how often to try for the lock that a new file needs once
 * @throws Fault `newer_schema`; `invalid_option` when the file belongs to another application
 */
export function makeSchema(db: DatabaseSync, attempts: number, steps: readonly string[] = migrations): void {
  const found = checkFile(db, steps.length)
  useWal(db, attempts)
  db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF')
  if (found.version === steps.length) return
  db.exec('BEGIN EXCLUSIVE')
  try {
    const { version } = checkFile(db, steps.length)
    for (const step of steps.slice(version)) db.exec(step)
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

interface FileMarks {
  readonly application: number
  readonly version: number
  readonly tables: number
}

function checkFile(db: DatabaseSync, newest: number): FileMarks {
  const statement = db.prepare(
    `SELECT application_id AS application, user_version AS version, (SELECT count(*) FROM sqlite_schema) AS tables
     FROM pragma_application_id, pragma_user_version`,
  )
  const marks = statement.get() as unknown as FileMarks
  const isNew = marks.application === 0 && marks.version === 0 && marks.tables === 0
  if (marks.application !== applicationId && !isNew) {
    throw new Fault('invalid_option', 'The database belongs to another application: choose another path.')
  }
  refuseNewer(marks.version, newest)
  return marks
}

/** @throws Fault `newer_schema` */
export function refuseNewer(version: number, newest: number = migrations.length): void {
  if (version <= newest) return
  const text = `The database has schema ${version}, and this version knows ${newest}: run the newer version, or restore a backup.`
  throw new Fault('newer_schema', text)
}

/** SQLite does not wait for the lock that this needs, so we do. */
function useWal(db: DatabaseSync, attempts: number): void {
  for (let attempt = 1; ; attempt++) {
    try {
      const mode = db.prepare('PRAGMA journal_mode = WAL').get()
      if (mode?.journal_mode === 'wal') return
    } catch (error) {
      if (!isBusy(error)) throw error
      if (attempt < attempts) {
        pause()
        continue
      }
      throw error
    }
    throw new Fault('store_unavailable', 'The database cannot use a write-ahead log there: put it on a local disk.')
  }
}

export const pauseMillis = 10

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMillis)
}
