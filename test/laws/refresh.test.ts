import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refreshOnMemory, refreshOnSqlite } from './refresh.ts'

test('R1 R2 100 parallel refreshes have one successor in each round, four nodes on one memory store', async () => {
  assert.deepEqual(await refreshOnMemory(50, 100), { rounds: 50, presentations: 5000, wrong: [] })
})

test('R1 R2 100 parallel refreshes have one successor in each round, three processes on one SQLite file', async () => {
  assert.deepEqual(await refreshOnSqlite(20, 100), { rounds: 20, presentations: 2000, wrong: [] })
})
