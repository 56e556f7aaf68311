import type { Clock, Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Follower, genesis, type LogPage, type RevocationLog } from '../model/log.ts'
import type { LogEntry, Position, Revocation } from '../model/revocation.ts'
import { mayAnswer, sequencesOf } from './followers.ts'
import type { Hints } from './hints.ts'
import type { Listener } from './postgres-listener.ts'
import type { Queries } from './postgres-pool.ts'
import { type EntryRow, entryOf } from './postgres-rows.ts'
import { partitions } from './postgres-schema.ts'
import { countOf } from './record.ts'
import { bytesOf, textOfBytes } from './text-bytes.ts'

/** The log in Postgres: its reading side, and what is told of what was appended. */
export interface PostgresLog {
  readonly log: RevocationLog
  /** Tells this node and the others. */
  appended(partition: number, logged: Logged, revocation: Revocation): void
  /** The same where the entry is not at hand. */
  news(partition: number): void
}

/** What `hs.append` gives, as columns. */
export interface Logged {
  readonly seq: number | null
  readonly chain: string | null
  readonly follows: string | null
  readonly at: number | null
}

/** The columns of `entry`, of type `hs.logged`. */
export const loggedColumns = '(entry).seq, (entry).chain, (entry).follows, (entry).at'

export interface PostgresLogOptions {
  readonly queries: Queries
  readonly listener: Listener
  readonly hints: Hints
  /** The engine's own where it is null. */
  readonly clock: Clock | null
}

interface PageRow extends EntryRow {
  readonly head_seq: number
  readonly head_chain: string
  readonly known: string | null
}

const readSql = `SELECT h.seq AS head_seq, h.chain AS head_chain,
    CASE WHEN h.floor_seq = $2 THEN h.floor_chain
      ELSE (SELECT k.chain FROM hs.log k WHERE k.part = $1 AND k.seq = $2) END AS known, l.*
  FROM hs.head h LEFT JOIN LATERAL (
    SELECT * FROM hs.log e WHERE e.part = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3) l ON true
  WHERE h.part = $1 ORDER BY l.seq`

const tailSql = `SELECT h.seq AS head_seq, h.chain AS head_chain, l.*
  FROM hs.head h LEFT JOIN hs.log l ON l.part = h.part AND l.until > $2
  WHERE h.part = $1 ORDER BY l.seq`

const headsSql = 'SELECT part, seq, chain, hs.clock($1) AS at FROM hs.head ORDER BY part'

const heartbeatSql = `WITH beat AS (
    INSERT INTO hs.node (name, applied, at, lease) VALUES ($2, $3, hs.clock($1), $4)
    ON CONFLICT (name) DO UPDATE SET applied = excluded.applied, at = excluded.at, lease = excluded.lease)
  ${headsSql}`

const followersSql = `SELECT name, applied, n.at, lease, c.now
  FROM (SELECT hs.clock($1) AS now) c LEFT JOIN hs.node n ON n.at + n.lease * 2 + 60000 > c.now`

export function postgresLog({ queries, listener, hints, clock }: PostgresLogOptions): PostgresLog {
  const given = (): Millis | null => clock?.now() ?? null

  async function heartbeat(node: string, applied: readonly Position[], lease: Millis) {
    const rows =
      lease > 0
        ? await queries.run<HeadRow>('read', heartbeatSql, [
            given(),
            bytesOf(node),
            JSON.stringify(sequencesOf(applied, partitions)),
            lease,
          ])
        : await queries.run<HeadRow>('read', headsSql, [given()])
    const [first] = rows
    if (first === undefined || rows.length !== partitions) throw headless()
    return { heads: rows.map((row) => positionOf(row.seq, row.chain)), at: Number(first.at) }
  }

  const log: RevocationLog = {
    partitions,
    heartbeat: (node, applied, lease = 0) => heartbeat(node, applied, lease),
    followers: async () => {
      const rows = await queries.run<NodeRow>('read', followersSql, [given()])
      const at = Number(rows[0]?.now)
      return {
        at,
        nodes: rows
          .filter(({ name }) => name !== null)
          .map(nodeOf)
          .filter((node) => mayAnswer(node, at)),
      }
    },
    leave: async (node) => {
      await queries.run('change', 'DELETE FROM hs.node WHERE name = $1', [bytesOf(node)])
    },
    askForHeartbeats: async () => {
      listener.hear({ kind: 'heartbeat' })
      await hints.askForHeartbeats()
    },
    read: async (partition, after, limit) => {
      checkPartition(partition)
      if (!Number.isSafeInteger(after.seq)) return { kind: 'diverged' }
      const rows = await queries.run<PageRow>('read', readSql, [partition, after.seq, countOf(limit)])
      return rows[0]?.known === after.chain ? pageOf(partition, rows) : onEmpty(rows)
    },
    tail: async (partition, since) => {
      checkPartition(partition)
      return pageOf(partition, await queries.run<PageRow>('read', tailSql, [partition, since]))
    },
    local: null,
    onPoke: listener.onPoke,
  }
  return {
    log,
    appended: (partition, { seq, chain, follows, at }, revocation) => {
      if (seq === null || chain === null || follows === null || at === null) return
      const entry: LogEntry = { partition, position: { seq: Number(seq), chain }, at: Number(at), revocation }
      listener.hear({ kind: 'entry', entry, follows })
      hints.tell({ entry, follows })
    },
    news: (partition) => {
      listener.hear({ kind: 'news', partition })
      hints.tellNews(partition)
    },
  }
}

interface HeadRow {
  readonly seq: number
  readonly chain: string
  readonly at: number
}

interface NodeRow {
  readonly name: Uint8Array
  readonly applied: string
  readonly at: number
  readonly lease: number
  readonly now: number
}

function nodeOf({ name, applied, at, lease }: NodeRow): Follower {
  const sequences = JSON.parse(applied) as readonly number[]
  return { node: textOfBytes(name), applied: sequences, at: Number(at), lease: Number(lease) }
}

function positionOf(seq: number, chain: string): Position {
  return Number(seq) === 0 ? genesis : { seq: Number(seq), chain }
}

function pageOf(partition: number, rows: readonly PageRow[]): LogPage & { readonly kind: 'entries' } {
  const [first] = rows
  if (first === undefined) throw headless()
  const entries = rows.filter(({ chain }) => chain !== null).map((row) => entryOf(partition, row))
  return { kind: 'entries', entries, head: positionOf(first.head_seq, first.head_chain) }
}

function onEmpty(rows: readonly PageRow[]): LogPage {
  if (rows.length === 0) throw headless()
  return { kind: 'diverged' }
}

function headless(): Fault {
  return new Fault('store_unavailable', 'The session database has lost the heads of its log: restore it from a backup.')
}

function checkPartition(partition: number): void {
  if (!(Number.isInteger(partition) && partition >= 0 && partition < partitions))
    throw new Fault('invalid_value', `There is no partition ${partition} in this store.`)
}
