import type { Clock } from '../base/clock.ts'
import type { Limits } from '../model/limits.ts'
import type { Queries } from './postgres-pool.ts'
import { bytesOf } from './text-bytes.ts'

export function postgresLimits(queries: Queries, clock: Clock | null): Limits {
  return {
    take: async (key, { burst, every }) => {
      const values = [bytesOf(key), burst, every, clock?.now() ?? null]
      const sql = 'SELECT hs.take($1, $2, $3, $4) AS wait'
      const [row] = await queries.run<{ readonly wait: number }>('change', sql, values)
      return Number(row?.wait)
    },
    give: async (key, { every }) => {
      await queries.run('change', 'UPDATE hs.rate SET tat = tat - $2 WHERE key = $1', [bytesOf(key), every])
    },
    forget: async (key) => {
      await queries.run('change', 'DELETE FROM hs.rate WHERE key = $1', [bytesOf(key)])
    },
  }
}
