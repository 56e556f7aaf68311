import type { Clock, Millis } from '../base/clock.ts'
import { isSid } from '../model/partition.ts'
import type { Revocation, Scope } from '../model/revocation.ts'
import type { Rotation } from '../model/rotation.ts'
import type { Cause, DataEntry, SessionRecord, Sid } from '../model/session.ts'
import type {
  Advanced,
  Amendment,
  AtMost,
  Change,
  DataChanges,
  Found,
  Inserted,
  Newest,
  Page,
  Store,
} from '../model/store.ts'
import {
  advancedRotation,
  amended,
  byActivity,
  checkPartition,
  countOf,
  isSameRotation,
  jsonOfText,
  refuseTaken,
  textsOf,
} from './record.ts'
import type { Connection, Database } from './sqlite-connection.ts'
import { logHolds, type SqliteLog } from './sqlite-log.ts'
import {
  coreOf,
  recordOf,
  rowOf,
  type SessionRow,
  sessionColumns,
  type TextColumn,
  textIn,
  textOut,
} from './sqlite-rows.ts'

type Append = (revocation: Revocation) => void

/** The operations on SQLite: each one transaction, with its log entries. */
export function sqliteStore(connection: Connection, log: SqliteLog, clock: Clock): Store {
  const { change } = log
  return {
    partitions: 1,
    insert: async (record, data, atMost) => {
      const texts = textsOf(data)
      return change((db, append) => insert(db, append, clock.now(), record, texts, atMost))
    },
    find: async (sid) => connection.use((db) => find(db, sid, clock.now())),
    rotate: async (sid, from, to, seenAt) =>
      change((db) => {
        return db.run(rotateSql, ...rotateValues(sid, from, to, seenAt)) > 0 ? 'done' : whyNot(db, sid)
      }),
    advance: async (sid, presented, seenAt) => {
      const found = connection.use((db) => advance(db, sid, presented, clock.now(), null))
      return found?.to == null ? found : change((db) => advance(db, sid, presented, clock.now(), seenAt))
    },
    move: async (from, next, until) => change((db, append) => move(db, append, clock.now(), from, next, until)),
    touch: async (activity) => {
      if (activity.size === 0) return
      change((db) => {
        for (const [sid, seenAt] of activity) db.run(touchSql, seenAt, seenAt, sid, seenAt)
      })
    },
    amend: async (sid, from, amendment, until) =>
      change((db, append) => amend(db, append, sid, from, amendment, until)),
    kill: async (sid, cause, until) => change((db, append) => end(db, append, clock.now(), sid, cause, until)),
    bump: async (scope, cause, until, spare) => change((db, append) => bump(db, append, scope, cause, until, spare)),
    retireKey: async (kid, until) => change((_db, append) => append({ kind: 'key', kid, until })),
    reassert: async (revocation) => change((db, append) => reassert(db, append, clock.now(), revocation)),
    generation: async (scope) => connection.use((db) => generationOf(db, scope)),
    data: async (sid, keys) => connection.read((db) => readData(db, sid, keys)),
    patch: async (sid, changes) => {
      const texts = textsOf(changes.set)
      return change((db) => patch(db, sid, changes, texts))
    },
    list: async (user, limit) =>
      connection.use((db) => standing(db, user, clock.now()).slice(0, countOf(limit)).map(recordOf)),
    scan: async (size, after) => connection.read((db) => scan(db, Math.max(1, countOf(size)), after, clock.now())),
    sweep: async (before, limit) => change((db) => sweep(db, log, Math.min(before, clock.now()), countOf(limit))),
  }
}

const findSql = `SELECT session.*, coalesce(
    (SELECT generation FROM generation WHERE kind = 'user' AND name = session.user), 0) AS present
  FROM session WHERE sid = ?`

const rotateSql = `UPDATE session SET cur = ?, par = ?, grace = ?, forks = ?, rotated_at = ?,
    seen_at = max(seen_at, ?), due = min(max(seen_at, ?) + idle, ends_at)
  WHERE sid = ? AND state = 'live' AND cur = ? AND rotated_at = ?`

const touchSql = `UPDATE session SET seen_at = ?, due = min(? + idle, ends_at)
  WHERE sid = ? AND state = 'live' AND seen_at < ?`

const endSql = `UPDATE session SET state = ?, state_detail = ?, state_at = ?, due = ? WHERE sid = ? AND state = 'live'`

const isStandingSql = `state = 'live' AND due > ?
    AND user_generation >= coalesce(
      (SELECT generation FROM generation WHERE kind = 'user' AND name = session.user), 0)
    AND everyone_generation >= coalesce(
      (SELECT generation FROM generation WHERE kind = 'everyone' AND name = ''), 0)
    AND (tenant IS NULL OR tenant_generation >= coalesce(
      (SELECT generation FROM generation WHERE kind = 'tenant' AND name = session.tenant), 0))`

const standingSql = `SELECT * FROM session WHERE user = ? AND ${isStandingSql}`

const scanSql = `SELECT * FROM session WHERE sid > ? AND sid <= ? AND ${isStandingSql}`

const insertSql = `INSERT INTO session (${sessionColumns}) VALUES (${'?, '.repeat(21)}?)`

const bumpSql = `INSERT INTO generation (kind, name, generation) VALUES (?, ?, 1)
  ON CONFLICT DO UPDATE SET generation = generation + 1 RETURNING generation`

const raiseSql = `INSERT INTO generation (kind, name, generation) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET generation = max(generation, excluded.generation)`

const spareSql = `UPDATE session SET user_generation = max(user_generation, ?)
  WHERE sid = ? AND state = 'live' AND user = ? AND user_generation >= ?`

function find(db: Database, sid: Sid, at: Millis): Found | null {
  const row = db.get<SessionRow & { readonly present: number }>(findSql, sid)
  return row === undefined ? null : { record: recordOf(row), userGeneration: row.present, at }
}

/** @param seenAt null: only tells what it would do */
function advance(db: Database, sid: Sid, presented: Newest, now: Millis, seenAt: Millis | null): Advanced | null {
  const found = find(db, sid, now)
  if (found === null) return null
  const { record, userGeneration } = found
  const to = advancedRotation(record, userGeneration, presented, now)
  if (to !== null && seenAt !== null) db.run(rotateSql, ...rotateValues(sid, record.rotation, to, seenAt))
  return { ...found, to }
}

function rotateValues(sid: Sid, from: Rotation, { cur, par, grace, forks, at }: Rotation, seenAt: Millis) {
  return [cur, par, JSON.stringify(grace), forks, at, seenAt, seenAt, sid, from.cur, from.at] as const
}

function getRow(db: Database, sid: Sid): SessionRow | undefined {
  return db.get<SessionRow>('SELECT * FROM session WHERE sid = ?', sid)
}

function getLive(db: Database, sid: Sid): SessionRow | undefined {
  return db.get<SessionRow>(`SELECT * FROM session WHERE sid = ? AND state = 'live'`, sid)
}

function whyNot(db: Database, sid: Sid): Change {
  return getLive(db, sid) === undefined ? 'gone' : 'changed'
}

function standing(db: Database, user: string, now: Millis): readonly SessionRow[] {
  const rows = db.all<SessionRow>(standingSql, textIn(user), now)
  return rows.toSorted((a, b) => byActivity(stampOf(a), stampOf(b)))
}

function stampOf(row: SessionRow): Pick<SessionRecord, 'sid' | 'seenAt' | 'createdAt'> {
  return { sid: row.sid, seenAt: row.seen_at, createdAt: row.created_at }
}

function insert(
  db: Database,
  append: Append,
  now: Millis,
  record: SessionRecord,
  texts: ReadonlyMap<string, string>,
  atMost: AtMost | undefined,
): Inserted {
  checkPartition(record, 1)
  if (getRow(db, record.sid) !== undefined) refuseTaken()
  const all = atMost === undefined || record.user === null ? [] : standing(db, record.user, now)
  const others = all.filter(({ sid }) => sid !== atMost?.replaces)
  const evicted: Sid[] = []
  if (atMost !== undefined && others.length >= atMost.count) {
    if (atMost.otherwise === 'refuse') return { kind: 'full' }
    for (const { sid } of others.slice(Math.max(0, atMost.count - 1)).toReversed()) {
      end(db, append, now, sid, 'evicted', atMost.until)
      evicted.push(sid)
    }
  }
  db.run(insertSql, ...rowOf(record, 1))
  for (const [key, text] of texts) putData(db, record.sid, key, text, 1)
  return { kind: 'inserted', evicted }
}

function end(db: Database, append: Append, now: Millis, sid: Sid, cause: Cause, until: Millis): boolean {
  if (db.run(endSql, 'ended', cause, now, now, sid) === 0) return false
  db.run('DELETE FROM data WHERE sid = ?', sid)
  append({ kind: 'kill', sid, cause, until })
  return true
}

function move(
  db: Database,
  append: Append,
  now: Millis,
  from: SessionRecord,
  next: SessionRecord,
  until: Millis,
): Change {
  const row = getLive(db, from.sid)
  if (row === undefined) return 'gone'
  const { version, rotation, sid } = recordOf(row)
  if (version !== from.version || !isSameRotation(rotation, from.rotation)) return 'changed'
  checkPartition(next, 1)
  if (getRow(db, next.sid) !== undefined) refuseTaken()
  db.run(insertSql, ...rowOf(next, row.data_version))
  db.run('UPDATE data SET sid = ? WHERE sid = ?', next.sid, sid)
  db.run(endSql, 'moved', next.sid, now, now, sid)
  append({ kind: 'version', sid, version: version + 1, until })
  return 'done'
}

function amend(db: Database, append: Append, sid: Sid, from: number, amendment: Amendment, until: Millis): Change {
  const row = getLive(db, sid)
  if (row === undefined) return 'gone'
  if (row.version !== from) return 'changed'
  const record = amended(recordOf(row), amendment)
  db.run('UPDATE session SET version = ?, core = ? WHERE sid = ?', record.version, coreOf(record), sid)
  append({ kind: 'version', sid, version: record.version, until })
  return 'done'
}

function bump(db: Database, append: Append, scope: Scope, cause: Cause, until: Millis, spare: Sid | undefined): number {
  const generation = db.get<{ generation: number }>(bumpSql, ...nameOf(scope))?.generation ?? 0
  const isSpared =
    spare !== undefined &&
    scope.kind === 'user' &&
    db.run(spareSql, generation, spare, textIn(scope.user), generation - 1) > 0
  append({ kind: 'generation', scope, generation, spare: isSpared ? spare : null, cause, until })
  return generation
}

function reassert(db: Database, append: Append, now: Millis, revocation: Revocation): boolean {
  if (revocation.kind === 'kill' && end(db, append, now, revocation.sid, revocation.cause, revocation.until))
    return true
  if (revocation.kind === 'generation') db.run(raiseSql, ...nameOf(revocation.scope), revocation.generation)
  if (logHolds(db, revocation)) return false
  append(revocation)
  return true
}

function generationOf(db: Database, scope: Scope): number {
  const sql = 'SELECT generation FROM generation WHERE kind = ? AND name = ?'
  return db.get<{ generation: number }>(sql, ...nameOf(scope))?.generation ?? 0
}

function nameOf(scope: Scope): readonly [string, TextColumn] {
  const name = scope.kind === 'user' ? scope.user : scope.kind === 'tenant' ? scope.tenant : ''
  return [scope.kind, textIn(name)]
}

interface DataRow {
  readonly key: TextColumn
  readonly value: string
  readonly version: number
}

function readData(db: Database, sid: Sid, keys: readonly string[] | undefined): ReadonlyMap<string, DataEntry> | null {
  if (getLive(db, sid) === undefined) return null
  const rows =
    keys === undefined
      ? db.all<DataRow>('SELECT key, value, version FROM data WHERE sid = ?', sid)
      : keys.map((key) => getData(db, sid, key)).filter((row) => row !== undefined)
  return new Map(rows.map(({ key, value, version }) => [textOut(key), { value: jsonOfText(value), version }]))
}

function getData(db: Database, sid: Sid, key: string): DataRow | undefined {
  return db.get<DataRow>('SELECT key, value, version FROM data WHERE sid = ? AND key = ?', sid, textIn(key))
}

function hasNewer(db: Database, sid: Sid, version: number): boolean {
  return db.get('SELECT 1 FROM data WHERE sid = ? AND version > ? LIMIT 1', sid, version) !== undefined
}

function putData(db: Database, sid: Sid, key: string, value: string, version: number): void {
  const sql = `INSERT INTO data (sid, key, value, version) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value, version = excluded.version`
  db.run(sql, sid, textIn(key), value, version)
}

function patch(db: Database, sid: Sid, changes: DataChanges, set: ReadonlyMap<string, string>): Change {
  const { remove, expected, newest } = changes
  const row = getLive(db, sid)
  if (row === undefined) return 'gone'
  for (const [key, wanted] of expected ?? []) if ((getData(db, sid, key)?.version ?? 0) !== wanted) return 'changed'
  if (newest !== undefined && hasNewer(db, sid, newest)) return 'changed'
  for (const key of remove) db.run('DELETE FROM data WHERE sid = ? AND key = ?', sid, textIn(key))
  if (set.size === 0) return 'done'
  const version = row.data_version + 1
  for (const [key, text] of set) putData(db, sid, key, text, version)
  db.run('UPDATE session SET data_version = ? WHERE sid = ?', version, sid)
  return 'done'
}

function scan(db: Database, size: number, after: string | undefined, now: Millis): Page {
  const from = after !== undefined && isSid(after) ? after : ''
  const lastSql = 'SELECT sid FROM session WHERE sid > ? ORDER BY sid LIMIT 1 OFFSET ?'
  const last = db.get<{ sid: Sid }>(lastSql, from, size - 1)?.sid ?? null
  return { records: db.all<SessionRow>(scanSql, from, last ?? highest, now).map(recordOf), next: last }
}

/** Comes after every sid. */
const highest = '~'

function sweep(db: Database, log: SqliteLog, past: Millis, limit: number): number {
  log.sweep(db, past, limit)
  db.run('DELETE FROM once WHERE key IN (SELECT key FROM once WHERE until <= ? ORDER BY until LIMIT ?)', past, limit)
  db.run('DELETE FROM rate WHERE key IN (SELECT key FROM rate WHERE tat <= ? ORDER BY tat LIMIT ?)', past, limit)
  const rows = db.all<{ sid: Sid }>('SELECT sid FROM session WHERE due <= ? ORDER BY due LIMIT ?', past, limit)
  const sids = JSON.stringify(rows.map(({ sid }) => sid))
  db.run('DELETE FROM data WHERE sid IN (SELECT value FROM json_each(?))', sids)
  return db.run('DELETE FROM session WHERE sid IN (SELECT value FROM json_each(?))', sids)
}
