import type { Clock } from '../base/clock.ts'
import type { Document, Documents, Once } from '../model/backend.ts'
import { countOf } from './record.ts'
import type { Connection } from './sqlite-connection.ts'
import { type TextColumn, textIn, textOut } from './sqlite-rows.ts'

interface DocumentRow {
  readonly key: TextColumn
  readonly value: TextColumn
  readonly version: number
}

const columns = 'key, value, version'

export function sqliteDocuments(connection: Connection): Documents {
  const run = (sql: string, ...values: readonly (TextColumn | number)[]): boolean =>
    connection.write((db) => db.run(sql, ...values)) > 0
  return {
    insert: async (kind, key, value) => {
      const sql = 'INSERT INTO document (kind, key, value, version) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING'
      return run(sql, textIn(kind), textIn(key), textIn(value))
    },
    find: async (kind, key) => {
      const sql = `SELECT ${columns} FROM document WHERE kind = ? AND key = ?`
      const row = connection.use((db) => db.get<DocumentRow>(sql, textIn(kind), textIn(key)))
      return row === undefined ? null : documentOf(row)
    },
    replace: async (kind, key, from, value) => {
      const sql = 'UPDATE document SET value = ?, version = version + 1 WHERE kind = ? AND key = ? AND version = ?'
      return run(sql, textIn(value), textIn(kind), textIn(key), from)
    },
    remove: async (kind, key) => run('DELETE FROM document WHERE kind = ? AND key = ?', textIn(kind), textIn(key)),
    list: async (kind, limit, after) => {
      const from = after === undefined ? [] : [textIn(after)]
      const sql = `SELECT ${columns} FROM document WHERE kind = ?${after === undefined ? '' : ' AND key > ?'} ORDER BY key LIMIT ?`
      const rows = connection.use((db) => db.all<DocumentRow>(sql, textIn(kind), ...from, countOf(limit)))
      return rows.map(documentOf)
    },
  }
}

function documentOf({ key, value, version }: DocumentRow): Document {
  return { key: textOut(key), value: textOut(value), version }
}

export function sqliteOnce(connection: Connection, clock: Clock): Once {
  const sql = `INSERT INTO once (key, until) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET until = excluded.until WHERE once.until <= ?`
  return {
    first: async (key, until) => connection.write((db) => db.run(sql, textIn(key), until, clock.now())) > 0,
  }
}
