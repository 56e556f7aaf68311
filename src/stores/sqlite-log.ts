import type { Clock, Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { genesis, type LogPage, type Poke, type RevocationLog } from '../model/log.ts'
import type { LogEntry, Position, Revocation } from '../model/revocation.ts'
import { nextPosition } from './chain.ts'
import { countOf, covers } from './record.ts'
import type { Connection, Database } from './sqlite-connection.ts'

/** The log on SQLite, one partition: its reading side, and the only way in which the store changes anything. */
export interface SqliteLog {
  readonly log: RevocationLog
  /** One transaction: the change and its log entries. */
  change<T>(run: (db: Database, append: (revocation: Revocation) => void) => T): T
  /** Forgets at most `limit` entries that are past their `until`, from the oldest on. */
  sweep(db: Database, past: Millis, limit: number): void
}

interface HeadRow {
  readonly seq: number
  readonly chain: string
  readonly at: number
  readonly floor_seq: number
  readonly floor_chain: string
}

interface EntryRow {
  readonly seq: number
  readonly chain: string
  readonly at: number
  readonly until: number
  readonly event: string
}

const partition = 0
const news: Poke = Object.freeze({ kind: 'news', partition })
const everything = Number.POSITIVE_INFINITY

export function sqliteLog(connection: Connection, clock: Clock): SqliteLog {
  const listeners = new Set<(poke: Poke) => void>()
  /** The newest head that we know of, and what the file and its data version were when we read it. */
  let known: { readonly db: Database; readonly version: number; readonly head: Position } | null = null

  function change<T>(run: (db: Database, append: (revocation: Revocation) => void) => T): T {
    const appended: Position[] = []
    const result = connection.write((db) =>
      run(db, (revocation) => {
        appended.push(append(db, clock.now(), revocation))
      }),
    )
    const head = appended.at(-1)
    if (head !== undefined) {
      // Our own commits do not raise the data version.
      if (known !== null) known = { ...known, head }
      for (const listener of listeners) queueMicrotask(() => listener(news))
    }
    return result
  }

  /** The version is read first: what is committed between the two reads is seen again at the next check. */
  function newest(db: Database): Position {
    const version = db.dataVersion()
    if (known?.db !== db || known.version !== version) known = { db, version, head: positionOf(readHead(db)) }
    return known.head
  }

  function since(after: Position): LogPage | null {
    const head = connection.use(newest)
    return isAt(head, after) ? null : connection.read((db) => readAfter(db, after, everything))
  }

  const log: RevocationLog = {
    partitions: 1,
    heartbeat: async () => ({ heads: [connection.use((db) => positionOf(readHead(db)))], at: clock.now() }),
    // Whoever reads the same file sees every commit at its next check: nobody follows.
    followers: async () => ({ at: clock.now(), nodes: [] }),
    leave: async () => {},
    askForHeartbeats: async () => {},
    read: async (of, after, limit) => {
      checkPartition(of)
      return connection.read((db) => readAfter(db, after, limit))
    },
    tail: async (of, at) => {
      checkPartition(of)
      return connection.read((db) => ({
        kind: 'entries',
        entries: db.all<EntryRow>('SELECT * FROM log WHERE until > ? ORDER BY seq', at).map(entryOf),
        head: positionOf(readHead(db)),
      }))
    },
    local: {
      since: (of, after) => {
        checkPartition(of)
        return since(after)
      },
    },
    onPoke: (listener) => {
      const own = (poke: Poke): void => listener(poke)
      listeners.add(own)
      return () => listeners.delete(own)
    },
  }
  return { log, change, sweep: forget }
}

function checkPartition(of: number): void {
  if (of !== partition) throw new Fault('invalid_value', `There is no partition ${of} in this store.`)
}

function readHead(db: Database): HeadRow {
  const row = db.get<HeadRow>('SELECT seq, chain, at, floor_seq, floor_chain FROM head WHERE part = 0')
  if (row === undefined)
    throw new Fault('store_unavailable', 'The database has lost its log: restore it from a backup.')
  return row
}

function positionOf({ seq, chain }: HeadRow): Position {
  return seq === 0 ? genesis : { seq, chain }
}

function isAt(a: Position, b: Position): boolean {
  return a.seq === b.seq && a.chain === b.chain
}

function append(db: Database, now: Millis, revocation: Revocation): Position {
  const head = readHead(db)
  const at = Math.max(head.at, now)
  const next = nextPosition(partition, positionOf(head), at, revocation)
  const { until, ...event } = revocation
  const insert = 'INSERT INTO log (seq, chain, at, until, event) VALUES (?, ?, ?, ?, ?)'
  db.run(insert, next.seq, next.chain, at, until, JSON.stringify(event))
  db.run('UPDATE head SET seq = ?, chain = ?, at = ? WHERE part = 0', next.seq, next.chain, at)
  return next
}

function readAfter(db: Database, after: Position, limit: number): LogPage {
  const head = readHead(db)
  if (!isOnHistory(db, head, after)) return { kind: 'diverged' }
  const rows = db.all<EntryRow>('SELECT * FROM log WHERE seq > ? ORDER BY seq LIMIT ?', after.seq, countOf(limit))
  return { kind: 'entries', entries: rows.map(entryOf), head: positionOf(head) }
}

function isOnHistory(db: Database, head: HeadRow, { seq, chain }: Position): boolean {
  if (seq === head.floor_seq) return chain === head.floor_chain
  return db.get<{ chain: string }>('SELECT chain FROM log WHERE seq = ?', seq)?.chain === chain
}

function entryOf(row: EntryRow): LogEntry {
  const revocation = { ...JSON.parse(row.event), until: row.until } as Revocation
  return { partition, position: { seq: row.seq, chain: row.chain }, at: row.at, revocation }
}

/** Whether an entry that is still there says the same, or more. */
export function logHolds(db: Database, revocation: Revocation): boolean {
  return db.all<EntryRow>('SELECT * FROM log ORDER BY seq').some((row) => covers(entryOf(row).revocation, revocation))
}

/** Only from the front, so that the sequence has no gaps. */
function forget(db: Database, past: Millis, limit: number): void {
  const select = 'SELECT seq, chain, until FROM log ORDER BY seq LIMIT ?'
  const rows = db.all<Pick<EntryRow, 'seq' | 'chain' | 'until'>>(select, countOf(limit))
  const end = rows.findIndex((row) => row.until > past)
  const last = rows[(end < 0 ? rows.length : end) - 1]
  if (last === undefined) return
  db.run('DELETE FROM log WHERE seq <= ?', last.seq)
  db.run('UPDATE head SET floor_seq = ?, floor_chain = ? WHERE part = 0', last.seq, last.chain)
}
