import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { createQueries, type PostgresClient, type PostgresPool } from '../../src/stores/postgres-pool.ts'

/** A client of `pg` whose connection breaks as it is handed out: its error is an event, and nobody waits for an answer yet. */
function brokenPool(): PostgresPool {
  const events = new EventEmitter()
  return Object.assign(events, {
    connect: () =>
      new Promise<PostgresClient>((resolve) => {
        const answers = { query: async () => Promise.reject(new Error('not queryable')), release: () => {} }
        const client = Object.assign(new EventEmitter(), answers) as unknown as PostgresClient & EventEmitter
        // As pg-pool does, from the socket: told first, then handed over, and the next message of the same packet is the end.
        setImmediate(() => {
          events.emit('acquire', client)
          resolve(client)
          client.emit('error', new Error('terminating connection due to unexpected postmaster exit'))
        })
      }),
  })
}

test('V1 a connection that breaks as it is handed out is a Fault, and does not end the process', async () => {
  const queries = createQueries({ pool: brokenPool(), schema: 'handstamp', deadline: 1000, prepare: true })
  await assert.rejects(queries.run('read', 'SELECT 1', []), { name: 'Fault', kind: 'store_unavailable' })
})
