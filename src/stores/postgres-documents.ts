import type { Clock } from '../base/clock.ts'
import type { Document, Documents, Once } from '../model/backend.ts'
import type { PostgresValue, Queries } from './postgres-pool.ts'
import { countOf } from './record.ts'
import { bytesOf, textOfBytes } from './text-bytes.ts'

interface DocumentRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly version: number
}

const columns = 'key, value, version'

export function postgresDocuments(queries: Queries): Documents {
  /** Whether a row was changed. */
  async function change(sql: string, ...values: readonly PostgresValue[]): Promise<boolean> {
    return (await queries.run('change', `${sql} RETURNING 1`, values)).length > 0
  }
  return {
    insert: (kind, key, value) => {
      const sql = 'INSERT INTO hs.document (kind, key, value, version) VALUES ($1, $2, $3, 1) ON CONFLICT DO NOTHING'
      return change(sql, bytesOf(kind), bytesOf(key), bytesOf(value))
    },
    find: async (kind, key) => {
      const sql = `SELECT ${columns} FROM hs.document WHERE kind = $1 AND key = $2`
      const [row] = await queries.run<DocumentRow>('read', sql, [bytesOf(kind), bytesOf(key)])
      return row === undefined ? null : documentOf(row)
    },
    replace: (kind, key, from, value) => {
      const sql =
        'UPDATE hs.document SET value = $4, version = version + 1 WHERE kind = $1 AND key = $2 AND version = $3'
      return change(sql, bytesOf(kind), bytesOf(key), from, bytesOf(value))
    },
    remove: (kind, key) => change('DELETE FROM hs.document WHERE kind = $1 AND key = $2', bytesOf(kind), bytesOf(key)),
    list: async (kind, limit, after) => {
      const sql = `SELECT ${columns} FROM hs.document WHERE kind = $1 AND ($2::bytea IS NULL OR key > $2) ORDER BY key LIMIT $3`
      const from = after === undefined ? null : bytesOf(after)
      return (await queries.run<DocumentRow>('read', sql, [bytesOf(kind), from, countOf(limit)])).map(documentOf)
    },
  }
}

function documentOf({ key, value, version }: DocumentRow): Document {
  return { key: textOfBytes(key), value: textOfBytes(value), version: Number(version) }
}

export function postgresOnce(queries: Queries, clock: Clock | null): Once {
  const sql = `INSERT INTO hs.once AS o (key, until) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE o.until <= hs.clock($3) RETURNING 1`
  return {
    first: async (key, until) =>
      (await queries.run('change', sql, [bytesOf(key), until, clock?.now() ?? null])).length > 0,
  }
}
