import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createKept, type Kept, sweepKept } from '../../src/engine/kept.ts'
import { type Backend, memory, minute } from '../../src/index.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { slowBackend } from '../support/slow-backend.ts'

interface World {
  readonly backend: Backend
  readonly clock: ManualClock
  readonly kept: Kept
  /** How many values and how many entries for the sweep there are. */
  count(): Promise<readonly number[]>
}

async function withBackend(
  make: (clock: ManualClock, folder: string) => Backend,
  run: (world: World) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'handstamp-kept-'))
  const clock = manualClock()
  const backend = make(clock, folder)
  const { documents } = backend
  const countOf = async (kind: string): Promise<number> => (await documents.list(kind, 10_000)).length
  try {
    await backend.ready()
    const count = async (): Promise<readonly number[]> => [await countOf('kept'), await countOf('kept-due')]
    await run({ backend, clock, kept: createKept({ backend, clock }), count })
  } finally {
    await backend.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const makers = {
  memory: (clock: ManualClock) => memory({ clock }),
  sqlite: (clock: ManualClock, folder: string) => sqlite({ path: join(folder, 'kept.db'), clock }),
  slow: (clock: ManualClock) => slowBackend({ clock }),
} as const

for (const [name, make] of Object.entries(makers))
  describe(`M1 texts on the server: ${name}`, () => {
    test('M1 found by its reference until its end', () =>
      withBackend(make, async ({ kept, clock, count }) => {
        const until = clock.now() + minute
        const reference = await kept.insert('a b  c', until)
        assert.match(reference, /^[A-Za-z0-9_-]{22}$/)
        assert.equal(await kept.find(reference), 'a b  c')
        assert.equal(await kept.find('A'.repeat(22)), null)
        assert.equal(await kept.replace(reference, '', until), true)
        assert.equal(await kept.find(reference), '')
        clock.advance(minute - 1)
        assert.equal(await kept.find(reference), '')
        clock.advance(1)
        assert.equal(await kept.find(reference), null)
        assert.equal(await kept.replace(reference, 'late', until + minute), false)
        await kept.remove(reference)
        await kept.remove(reference)
        assert.deepEqual(await count(), [0, 0])
      }))

    test('M1 whoever replaces it at the same time, one text stands, and its end is the latest', () =>
      withBackend(make, async ({ kept, clock }) => {
        const start = clock.now()
        const reference = await kept.insert('first', start + minute)
        const ends = [5, 2, 9, 1, 3]
        const done = await Promise.all(ends.map((end) => kept.replace(reference, `${end}`, start + end * minute)))
        assert.deepEqual(
          done,
          ends.map(() => true),
        )
        clock.advance(9 * minute - 1)
        assert.ok(ends.map(String).includes((await kept.find(reference)) as string))
        clock.advance(1)
        assert.equal(await kept.find(reference), null)
      }))

    test('M1 what is over is swept in bounded batches, in the order of time; what was set anew waits for its new end', () =>
      withBackend(make, async ({ kept, clock, count, backend }) => {
        const start = clock.now()
        const references: string[] = []
        for (const index of [5, 3, 9, 1, 7]) references.push(await kept.insert(`${index}`, start + index * minute))
        await kept.replace(references[3] as string, '1', start + 20 * minute)
        const sweep = (after: number, limit: number): Promise<number> =>
          sweepKept(backend.documents, start + after * minute, limit)
        assert.equal(await sweep(1, 2), 0, 'nothing is over')
        assert.equal(await sweep(8, 2), 2)
        assert.deepEqual(await count(), [4, 4], '3 is gone, 1 is due again later')
        assert.equal(await sweep(8, 2), 2)
        assert.equal(await sweep(8, 2), 0)
        assert.deepEqual(await count(), [2, 2])
        assert.deepEqual(await Promise.all(references.map(kept.find)), [null, null, '9', '1', null])
        await kept.remove(references[2] as string)
        assert.equal(await sweep(30, 2), 1)
        assert.deepEqual(await count(), [0, 0])
      }))

    test('M1 several nodes sweep at once', () =>
      withBackend(make, async ({ kept, clock, count, backend }) => {
        const start = clock.now()
        for (let index = 0; index < 20; index++) await kept.insert('x', start + index)
        const lives = await kept.insert('lives', start + 1)
        await kept.replace(lives, 'lives', start + minute)
        await Promise.all([1, 2, 3].map(() => sweepKept(backend.documents, start + 1000, 100)))
        assert.deepEqual(await count(), [1, 1])
        assert.equal(await kept.find(lives), 'lives')
      }))
  })
