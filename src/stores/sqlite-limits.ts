import type { Clock } from '../base/clock.ts'
import { type Limits, nextTry } from '../model/limits.ts'
import type { Connection } from './sqlite-connection.ts'
import { textIn } from './sqlite-rows.ts'

export function sqliteLimits(connection: Connection, clock: Clock): Limits {
  return {
    take: async (key, rate) =>
      connection.write((db) => {
        const row = db.get<{ tat: number }>('SELECT tat FROM rate WHERE key = ?', textIn(key))
        const { tat, wait } = nextTry(row?.tat ?? 0, clock.now(), rate)
        if (wait > 0) return wait
        db.run('INSERT INTO rate VALUES (?, ?) ON CONFLICT DO UPDATE SET tat = excluded.tat', textIn(key), tat)
        return 0
      }),
    give: async (key, { every }) => {
      connection.write((db) => db.run('UPDATE rate SET tat = tat - ? WHERE key = ?', every, textIn(key)))
    },
    forget: async (key) => {
      connection.write((db) => db.run('DELETE FROM rate WHERE key = ?', textIn(key)))
    },
  }
}
