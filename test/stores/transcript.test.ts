import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createClient } from 'redis'
import type { Backend } from '../../src/model/backend.ts'
import { memory } from '../../src/stores/memory.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { redis } from '../../src/stores/redis.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import type { allEntries } from '../../src/testing/contract/subject.ts'
import { transcriptOf } from '../../src/testing/contract/transcript.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { postgresServer, withPostgres } from '../support/postgres-server.ts'
import { redisServer, withRedis } from '../support/redis-server.ts'
import { slowBackend } from '../support/slow-backend.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const operations = 1_000

const server = withPostgres && (await postgresServer())
const redisUrl = withRedis && (await redisServer()).url
const client = redisUrl === false ? null : createClient({ url: redisUrl })
after(() => client?.destroy())

const engines: Readonly<Record<string, (clock: ManualClock, seed: number) => Backend>> = {
  'memory with 16 partitions': (clock) => memory({ clock, partitions: 16 }),
  'a slow engine with four partitions': (clock, seed) => slowBackend({ clock, seed }),
  sqlite: (clock, seed) => sqlite({ path: join(folder, `${seed}.db`), clock }),
  ...(server !== false && {
    postgres: (clock: ManualClock, seed: number) => postgres({ pool: server.pool(), schema: `seed_${seed}`, clock }),
  }),
  ...(client !== null && {
    redis: (clock: ManualClock, seed: number) => redis({ client, prefix: `seed${seed}:`, clock }),
  }),
}

describe('V6 all stores behave the same', () => {
  for (const seed of [1, 2, 3]) {
    const expected = play((clock) => memory({ clock }), seed)

    for (const [name, open] of Object.entries(engines)) {
      test(`${name} answers ${operations} random operations like memory (seed ${seed})`, async () => {
        const { lines } = await play((clock) => open(clock, seed), seed)
        for (const [index, line] of (await expected).lines.entries()) assert.equal(lines[index], line)
      })
    }

    test(`the same history has the same chain in memory and on sqlite (seed ${seed})`, async () => {
      const { entries } = await play((clock) => sqlite({ path: join(folder, `chain ${seed}.db`), clock }), seed)
      assert.ok(entries.length > 0)
      assert.deepEqual(entries, (await expected).entries)
    })

    test(`the operations reach what they are for (seed ${seed})`, async () => {
      const text = (await expected).lines.join('\n')
      for (const word of [
        '"done"',
        '"changed"',
        '"gone"',
        '"full"',
        '"moved"',
        '"ended"',
        '"evicted":["',
        'not_stored',
      ]) {
        assert.ok(text.includes(word), `no ${word}`)
      }
    })
  }
})

interface Played {
  readonly lines: readonly string[]
  readonly entries: Awaited<ReturnType<typeof allEntries>>
}

async function play(open: (clock: ManualClock) => Backend, seed: number): Promise<Played> {
  const clock = manualClock()
  const backend = open(clock)
  try {
    const lines = await transcriptOf({ backend, clock }, seed, operations)
    const tails = Array.from({ length: backend.log.partitions }, (_, partition) => backend.log.tail(partition, 0))
    return { lines, entries: (await Promise.all(tails)).flatMap(({ entries }) => entries) }
  } finally {
    await backend.close()
  }
}
