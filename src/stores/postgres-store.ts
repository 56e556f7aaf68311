import type { Clock, Millis } from '../base/clock.ts'
import { isSid, partitionOfSid } from '../model/partition.ts'
import { partitionOfRevocation, partitionOfScope, type Revocation } from '../model/revocation.ts'
import { nextRotation } from '../model/rotation.ts'
import type { DataEntry, Sid } from '../model/session.ts'
import type { Amendment, AtMost, Change, Store } from '../model/store.ts'
import { type Logged, loggedColumns, type PostgresLog } from './postgres-log.ts'
import type { PostgresValue, Queries, Work } from './postgres-pool.ts'
import { eventOf, nameOf, recordOf, rowOf, type SessionRow } from './postgres-rows.ts'
import { partitions } from './postgres-schema.ts'
import { byActivity, checkPartition, countOf, jsonOfText, refuseTaken, textsOf } from './record.ts'
import { bytesOf, textOfBytes } from './text-bytes.ts'

type FoundRow = SessionRow & { readonly present: number; readonly at: number }
type Outcome = Logged & { readonly outcome: Change }

const findSql = `SELECT s.*, hs.generation_of('user', s.user_name) AS present, hs.clock($2) AS at
  FROM hs.session s WHERE s.sid = $1`
const advanceSql = `SELECT (a.was).*, a.present, a.read_at AS at, a.turned FROM hs.advance($1, $2, $3, $4, $5, $6) a`
const insertSql = 'SELECT outcome, evicted FROM hs.insert_session($1, $2, $3, $4, $5, $6, $7, $8, $9)'
const rotateSql = 'SELECT hs.rotate($1, $2, $3, $4, $5, $6, $7, $8, $9) AS outcome'
const moveSql = `SELECT outcome, ${loggedColumns} FROM hs.move($1, $2, $3, $4, $5, $6, $7, $8)`
const amendSql = `SELECT outcome, ${loggedColumns} FROM hs.amend($1, $2, $3, $4, $5, $6, $7, $8)`
const killSql = `SELECT ended, ${loggedColumns} FROM hs.kill($1, $2, $3, $4, $5)`
const bumpSql = `SELECT raised AS generation, spared, ${loggedColumns} FROM hs.bump($1, $2, $3, $4, $5, $6, $7)`
const retireSql = 'SELECT * FROM hs.retire_key($1, $2, $3)'
const reassertSql = `SELECT told, ${loggedColumns} FROM hs.reassert($1, $2, $3, $4, $5, $6, $7, $8, $9)`
const dataSql = `SELECT d.key, d.value, d.version FROM hs.session s LEFT JOIN hs.data d ON d.sid = s.sid
    AND ($2::bytea[] IS NULL OR d.key = ANY ($2))
  WHERE s.sid = $1 AND s.state = 'live'`
const patchSql = 'SELECT hs.patch($1, $2, $3, $4, $5, $6, $7) AS outcome'
const listSql = `SELECT s.* FROM hs.session s
  WHERE s.user_name = $1 AND s.state = 'live' AND hs.is_standing(s, hs.clock($2))`

/** As `hs.is_standing`, for many at once: one look at the generations of each, not three calls. */
const scanSql = `SELECT s.*, s.state = 'live' AND c.now < s.ends_at AND c.now < s.seen_at + s.idle
    AND s.user_generation >= coalesce(u.generation, 0) AND s.everyone_generation >= c.everyone
    AND (s.tenant IS NULL OR s.tenant_generation >= coalesce(t.generation, 0)) AS stands
  FROM (SELECT hs.clock($3) AS now, hs.generation_of('everyone', '') AS everyone) c,
    (SELECT * FROM hs.session WHERE sid > $1 ORDER BY sid LIMIT $2) s
    LEFT JOIN hs.generation u ON u.kind = 'user' AND u.name = s.user_name
    LEFT JOIN hs.generation t ON t.kind = 'tenant' AND t.name = s.tenant
  ORDER BY s.sid`

type ScannedRow = SessionRow & { readonly stands: boolean }

/** The operations on Postgres: one call, and one transaction, each. */
export function postgresStore(queries: Queries, log: PostgresLog, clock: Clock | null): Store {
  const given = (): Millis | null => clock?.now() ?? null

  async function one<Row>(work: Work, sql: string, values: readonly PostgresValue[]): Promise<Row | undefined> {
    return (await queries.run<Row>(work, sql, values))[0]
  }

  /** What is no sid is gone without asking. */
  function known(sid: Sid): boolean {
    queries.guard()
    return isSid(sid)
  }

  async function change(sid: Sid, sql: string, values: readonly PostgresValue[]): Promise<Outcome | undefined> {
    return known(sid) ? one<Outcome>('change', sql, [sid, ...values]) : undefined
  }

  function logVersion(sid: Sid, version: number, until: Millis, outcome: Outcome | undefined): Change {
    if (outcome === undefined) return 'gone'
    log.appended(partitionOfSid(sid), outcome, { kind: 'version', sid, version, until })
    return outcome.outcome
  }

  return {
    partitions,
    insert: async (record, data, atMost) => insert(queries, log, given(), { record, texts: textsOf(data), atMost }),
    find: async (sid) => {
      if (!known(sid)) return null
      const row = await one<FoundRow>('read', findSql, [sid, given()])
      return row === undefined ? null : foundOf(row)
    },
    rotate: async (sid, from, { cur, par, grace, forks, at }, seenAt) => {
      const to = [cur, par, JSON.stringify(grace), forks, at]
      return (await change(sid, rotateSql, [from.cur, from.at, ...to, seenAt]))?.outcome ?? 'gone'
    },
    advance: async (sid, { counter, presentation, quiet }, seenAt) => {
      if (!known(sid)) return null
      const values = [sid, counter, presentation, quiet, seenAt, given()]
      const row = await one<FoundRow & { readonly turned: boolean }>('change', advanceSql, values)
      if (row === undefined) return null
      const found = foundOf(row)
      const to = nextRotation(found.record.rotation, found.at)
      return { ...found, to: row.turned ? to : null }
    },
    move: async (from, next, until) => {
      if (isSid(from.sid)) checkPartition(next, partitions)
      const { version, rotation, sid } = from
      const values = [version, rotation.cur, rotation.at, rowOf(next), partitionOfSid(sid), until, given()]
      return logVersion(sid, version + 1, until, await change(sid, moveSql, values))
    },
    touch: async (activity) => {
      const own = [...activity].filter(([sid]) => known(sid))
      if (own.length === 0) return queries.guard()
      const values = [own.map(([sid]) => sid), own.map(([, seenAt]) => seenAt)]
      await queries.run('change', 'SELECT hs.touch($1, $2)', values)
    },
    amend: async (sid, from, amendment, until) => {
      const values = [from, ...amendmentOf(amendment), partitionOfSid(sid), until, given()]
      return logVersion(sid, from + 1, until, await change(sid, amendSql, values))
    },
    kill: async (sid, cause, until) => {
      const partition = partitionOfSid(sid)
      if (!known(sid)) return false
      const row = await one<Logged & { ended: boolean }>('change', killSql, [sid, cause, partition, until, given()])
      if (row?.ended !== true) return false
      log.appended(partition, row, { kind: 'kill', sid, cause, until })
      return true
    },
    bump: async (scope, cause, until, spare) => {
      const partition = partitionOfScope(scope, partitions)
      const asked = spare !== undefined && isSid(spare) ? spare : null
      const values = [scope.kind, nameOf(scope), asked, cause, partition, until, given()]
      const row = await one<Logged & { generation: number; spared: boolean }>('change', bumpSql, values)
      const generation = Number(row?.generation)
      const event = { scope: { ...scope }, generation, spare: row?.spared === true ? asked : null, cause, until }
      if (row !== undefined) log.appended(partition, row, { kind: 'generation', ...event })
      return generation
    },
    retireKey: async (kid, until) => {
      const row = await one<Logged>('change', retireSql, [bytesOf(kid), until, given()])
      if (row !== undefined) log.appended(0, row, { kind: 'key', kid, until })
    },
    reassert: async (revocation) => {
      const { kind, scope, name, sid, number, cause } = eventOf(revocation)
      const partition = partitionOfRevocation(revocation, partitions)
      const values = [kind, scope, name, sid, number, cause, partition, revocation.until, given()]
      const row = await one<Logged & { told: boolean }>('change', reassertSql, values)
      if (row?.told !== true) return false
      log.appended(partition, row, copyOf(revocation))
      return true
    },
    generation: async (scope) => {
      const sql = 'SELECT hs.generation_of($1, $2) AS generation'
      return Number((await one<{ generation: number }>('read', sql, [scope.kind, nameOf(scope)]))?.generation)
    },
    data: async (sid, keys) => (known(sid) ? readData(queries, sid, keys) : null),
    patch: async (sid, { set, remove, expected, newest }) => {
      const texts = textsOf(set)
      const wanted = [...(expected ?? [])]
      const put = [[...texts.keys()].map(bytesOf), [...texts.values()], remove.map(bytesOf)]
      const when = [wanted.map(([key]) => bytesOf(key)), wanted.map(([, version]) => version), newest ?? null]
      return (await change(sid, patchSql, [...put, ...when]))?.outcome ?? 'gone'
    },
    list: async (user, limit) => {
      const rows = await queries.run<SessionRow>('read', listSql, [bytesOf(user), given()])
      return rows.map(recordOf).toSorted(byActivity).slice(0, countOf(limit))
    },
    scan: async (size, after) => {
      const from = after !== undefined && isSid(after) ? after : ''
      const most = Math.max(1, countOf(size))
      const rows = await queries.run<ScannedRow>('read', scanSql, [from, most, given()])
      const records = rows.filter(({ stands }) => stands).map(recordOf)
      return { records, next: rows.length < most ? null : (rows.at(-1)?.sid ?? null) }
    },
    sweep: async (before, limit) => {
      const sql = 'SELECT hs.sweep($1, $2, $3) AS swept'
      return Number((await one<{ swept: number }>('change', sql, [before, countOf(limit), given()]))?.swept)
    },
  }
}

function foundOf(row: FoundRow) {
  return { record: recordOf(row), userGeneration: Number(row.present), at: Number(row.at) }
}

function amendmentOf({ claims, authentication, renewIdentity }: Amendment): readonly PostgresValue[] {
  return [
    claims === undefined ? null : JSON.stringify(claims),
    authentication === undefined ? null : JSON.stringify(authentication),
    renewIdentity ?? null,
  ]
}

/** Told to others later than the caller may change it. */
function copyOf(revocation: Revocation): Revocation {
  return revocation.kind === 'generation' ? { ...revocation, scope: { ...revocation.scope } } : { ...revocation }
}

interface Insertion {
  readonly record: Parameters<Store['insert']>[0]
  readonly texts: ReadonlyMap<string, string>
  readonly atMost: AtMost | undefined
}

async function insert(
  queries: Queries,
  log: PostgresLog,
  given: Millis | null,
  { record, texts, atMost }: Insertion,
): ReturnType<Store['insert']> {
  checkPartition(record, partitions)
  const partition = partitionOfSid(record.sid)
  const limits = [atMost?.count ?? null, atMost?.otherwise === 'refuse', atMost?.replaces ?? null, atMost?.until ?? 0]
  const data = [[...texts.keys()].map(bytesOf), [...texts.values()]]
  const values = [rowOf(record), ...data, partition, ...limits, given]
  const [row] = await queries.run<{ outcome: string; evicted: string[] }>('change', insertSql, values)
  if (row === undefined || row.outcome === 'taken') refuseTaken()
  if (row.outcome === 'full') return { kind: 'full' }
  if (row.evicted.length > 0) log.news(partition)
  return { kind: 'inserted', evicted: row.evicted }
}

interface DataRow {
  readonly key: Uint8Array | null
  readonly value: string
  readonly version: number
}

async function readData(
  queries: Queries,
  sid: Sid,
  keys: readonly string[] | undefined,
): Promise<ReadonlyMap<string, DataEntry> | null> {
  const rows = await queries.run<DataRow>('read', dataSql, [sid, keys === undefined ? null : keys.map(bytesOf)])
  if (rows.length === 0) return null
  const entries = rows.flatMap(({ key, value, version }) =>
    key === null ? [] : [[textOfBytes(key), { value: jsonOfText(value), version: Number(version) }] as const],
  )
  return new Map(entries)
}
