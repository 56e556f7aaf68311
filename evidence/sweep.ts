import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Pool } from 'pg'
import { day, hour } from '../src/base/clock.ts'
import { randomText } from '../src/crypto/random.ts'
import { insideOf } from '../src/http/auth.ts'
import { type AnyAuth, type Backend, handstamp, memory, type SessionRecord } from '../src/index.ts'
import { makeSid, partitionOfUser } from '../src/model/partition.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { newRecord } from '../src/testing/contract/race-record.ts'
import type { Figure } from './figure.ts'
import { withSharedEngines } from './shared-engines.ts'

const expired = 1_000_000
const quietFor = 10_000
/** Of a call that asks the store while the sweep runs, in ms. */
const most = 25

interface Latency {
  readonly calls: number
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

function recordOf(index: number, partitions: number): SessionRecord {
  const user = `user-${index}`
  const record = newRecord(makeSid(partitionOfUser(user, partitions), randomText(16)), user)
  const createdAt = record.createdAt - day
  return { ...record, createdAt, seenAt: createdAt, endsAt: createdAt + hour }
}

/** Puts them there, and gives some of them to look for afterwards. */
type Fill = (backend: Backend) => Promise<readonly string[]>

const fill: Fill = async ({ store }) => {
  const some: string[] = []
  let made = 0
  const flow = async (): Promise<void> => {
    while (made < expired) {
      const record = recordOf(made++, store.partitions)
      if (made % 1000 === 0) some.push(record.sid)
      await store.insert(record, new Map())
    }
  }
  await Promise.all(Array.from({ length: 64 }, flow))
  return some
}

/** One record through the store, and the others as copies of it in one statement: a million commits would take an hour. */
function copies(copy: (sid: string) => Promise<unknown>): Fill {
  return async ({ store }) => {
    const first = recordOf(0, 1)
    const sid = `A${first.sid.slice(1)}`
    await store.insert({ ...first, sid, user: null }, new Map())
    await copy(sid)
    return Array.from({ length: 1000 }, (_, index) => `A${String((index + 1) * 1000).padStart(21, '0')}A`)
  }
}

function copyInSqlite(path: string): Fill {
  return copies(async (sid) => {
    const db = new DatabaseSync(path)
    const columns = db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all('session')
      .map(({ name }) => String(name))
    const others = columns.filter((name) => name !== 'sid').join(', ')
    db.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${expired})
       INSERT INTO session (sid, ${others}) SELECT 'A' || printf('%021d', i) || 'A', ${others}
       FROM n, (SELECT ${others} FROM session WHERE sid = ?)`,
    ).run(sid)
    db.close()
  })
}

function copyInPostgres(url: string): Fill {
  return copies(async (sid) => {
    const pool = new Pool({ connectionString: url })
    const { rows } = await pool.query(
      `SELECT table_schema AS schema, string_agg(quote_ident(column_name), ', ') AS others FROM information_schema.columns
       WHERE table_name = 'session' AND column_name <> 'sid' GROUP BY table_schema`,
    )
    const { schema, others } = rows[0] as { readonly schema: string; readonly others: string }
    await pool.query(
      `INSERT INTO ${schema}.session (sid, ${others}) SELECT 'A' || lpad(i::text, 21, '0') || 'A', ${others}
       FROM generate_series(1, ${expired}) i, (SELECT ${others} FROM ${schema}.session WHERE sid = $1) one`,
      [sid],
    )
    await pool.query('VACUUM ANALYZE')
    await pool.end()
  })
}

/** Checks that ask the store, one after the other, until told to stop. */
async function asking(auth: AnyAuth, shown: readonly Shown[], until: () => boolean): Promise<Latency> {
  const took: number[] = []
  while (!until()) {
    const since = performance.now()
    const judged = await auth.validate(shown[took.length % shown.length] as Shown, 0)
    if (!judged.ok) throw new Error(`a live session was refused: ${judged.reason}`)
    took.push(performance.now() - since)
    if (took.length % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number): number => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1000) / 1000
  return { calls: took.length, p50: at(0.5), p99: at(0.99), longest: Math.round((sorted.at(-1) ?? 0) * 10) / 10 }
}

interface Shown {
  readonly credential: string
  readonly snapshot: string
}

async function tried(backend: Backend, fill: Fill) {
  const auth = handstamp({ secrets: randomText(32), backend })
  await auth.ready()
  const shown: Shown[] = []
  for (let index = 0; index < 64; index++) {
    const created = await auth.create({ user: `live-${index}` })
    if (created.ok) shown.push(created.value)
  }
  const some = await fill(backend)
  const start = performance.now()
  const quiet = await asking(auth, shown, () => performance.now() - start > quietFor)
  let isOver = false
  const since = performance.now()
  const swept = insideOf(auth)
    .opened?.engine.tidy()
    .then(() => {
      isOver = true
      return Math.round(performance.now() - since)
    })
  const during = await asking(auth, shown, () => isOver)
  let left = 0
  for (const sid of some) if ((await backend.store.find(sid)) !== null) left++
  const result = { 'swept after, ms': await swept, quiet, during, left, looked: some.length }
  await auth.close()
  return result
}

export const sweep: Figure = {
  name: 'sweep',
  shows: 'a million expired sessions swept while others are checked: how long it takes, and what the checks notice',
  counts: 'measurements',
  run: async (progress) => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-sweep-'))
    const found: Record<string, Awaited<ReturnType<typeof tried>>> = {}
    const note = async (name: string, backend: Backend, how: Fill): Promise<void> => {
      found[name] = await tried(backend, how)
      progress(`${name}: ${JSON.stringify(found[name])}`)
    }
    const path = join(folder, 'sessions.db')
    await note('memory', memory(), fill)
    await note('sqlite', sqlite({ path }), copyInSqlite(path))
    rmSync(folder, { recursive: true, force: true })
    await withSharedEngines(async (engines) => {
      for (const { name, node, variable } of engines) {
        const own = node()
        await note(name, own.backend, name === 'postgres' ? copyInPostgres(variable[1]) : fill)
        await own.close()
      }
    })
    const passed = Object.values(found).every(({ left, during }) => left === 0 && during.p99 <= most)
    return { n: expired, passed, result: found }
  },
}
