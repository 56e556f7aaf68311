import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { type Fault, type FaultKind, isFault } from '../../src/base/fault.ts'
import type { Backend } from '../../src/model/backend.ts'
import { genesis } from '../../src/model/log.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { applicationId, makeSchema, migrations } from '../../src/stores/sqlite-schema.ts'
import { begin, later, newSession, rejectsWith, type Subject } from '../../src/testing/contract/subject.ts'
import { manualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let made = 0

interface Opened extends Subject {
  readonly path: string
}

describe('the file', () => {
  test('S5 is made for this user alone', async () => {
    const { path, backend } = await open()
    for (const end of ['', '-wal', '-shm']) assert.equal(statSync(path + end).mode & 0o777, 0o600, end)
    await backend.close()
    assert.ok(!existsSync(`${path}-wal`), 'closing leaves one file')
  })

  test('S6 holds nothing of a session’s data once it has ended', async () => {
    const { path, backend, clock } = await open()
    const { sid } = await begin({ backend, clock })
    await backend.store.patch(sid, { set: new Map([['secret', 'secret']]), remove: [] })
    await backend.store.kill(sid, 'logout', clock.now())
    const db = new DatabaseSync(path, { readOnly: true })
    assert.equal(db.prepare('SELECT count(*) AS n FROM data').get()?.n, 0)
    db.close()
    await backend.close()
    assert.ok(!readFileSync(path).includes('secret'), 'nor in a free page')
  })

  test('is named by a path, never by a URI, and never in memory only', async () => {
    for (const path of ['', ':memory:', 'a\0b']) {
      assert.throws(() => sqlite({ path }), { kind: 'invalid_option' })
    }
    for (const busyTimeout of [-1, 0.5, Number.NaN]) {
      assert.throws(() => sqlite({ path: newPath(), busyTimeout }), { kind: 'invalid_option' })
    }
    const path = join(folder, 'file:x?mode=memory&vfs=none#.db')
    const backend = sqlite({ path })
    await backend.ready()
    assert.ok(existsSync(path))
    await backend.close()
  })

  test('a folder that is not there is a Fault, until it is', async () => {
    const missing = join(folder, 'later')
    const backend = sqlite({ path: join(missing, 'a.db') })
    await rejectsWith('store_unavailable', backend.ready())
    await rejectsWith('store_unavailable', backend.store.find(''))
    mkdirSync(missing)
    await backend.ready()
    assert.equal(await backend.store.find(''), null)
    await backend.close()
  })

  test('a folder in its place is a Fault', async () => {
    const path = newPath()
    mkdirSync(path)
    await rejectsWith('store_unavailable', sqlite({ path }).ready())
  })

  test('another application’s database is refused and left alone', async () => {
    for (const sql of ['CREATE TABLE mine (a)', 'PRAGMA application_id = 7', 'PRAGMA user_version = 3']) {
      const path = newPath()
      edit(path, sql)
      const before = readFileSync(path)
      await rejectsWith('invalid_option', sqlite({ path }).ready())
      assert.deepEqual(readFileSync(path), before)
      assert.ok(!existsSync(`${path}-wal`))
    }
  })

  test('what is not a database is a Fault, and is left alone', async () => {
    const path = newPath()
    writeFileSync(path, 'secret '.repeat(1000))
    const fault = await faultOf(sqlite({ path }).ready())
    assert.match(fault.message, /not an SQLite database/)
    assert.equal(fault.kind, 'store_unavailable')
    assert.equal(readFileSync(path, 'utf8'), 'secret '.repeat(1000))
  })
})

describe('the schema', () => {
  test('an empty file is migrated, one that is ours is opened', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const clock = manualClock()
    for (let times = 1; times <= 2; times++) {
      const backend = sqlite({ path, clock })
      await begin({ backend, clock })
      assert.equal((await backend.store.list('ann', 9)).length, times)
      await backend.close()
    }
    assert.deepEqual(marksOf(path), { application_id: applicationId, user_version: migrations.length })
  })

  test('an older version is migrated step by step, with what it holds', async () => {
    const { path, backend, clock } = await open()
    const record = await begin({ backend, clock })
    await backend.close()
    const db = new DatabaseSync(path)
    const next = [...migrations, 'ALTER TABLE session ADD COLUMN colour TEXT', `UPDATE session SET colour = 'red'`]
    makeSchema(db, 1, next)
    assert.equal(db.prepare('SELECT colour FROM session WHERE sid = ?').get(record.sid)?.colour, 'red')
    db.close()
    assert.equal(marksOf(path).user_version, migrations.length + 2)
  })

  test('a migration that fails leaves everything as it was', async () => {
    const { path, backend } = await open()
    await backend.close()
    const db = new DatabaseSync(path)
    const broken = [...migrations, 'CREATE TABLE extra (a); CREATE TABLE session (a)']
    assert.throws(() => makeSchema(db, 1, broken))
    assert.equal(db.isTransaction, false)
    assert.equal(db.prepare(`SELECT count(*) AS n FROM sqlite_schema WHERE name = 'extra'`).get()?.n, 0)
    db.close()
    assert.equal(marksOf(path).user_version, migrations.length)
  })

  test('a newer version is refused, at the start and while it runs', async () => {
    const { path, backend, clock } = await open()
    const { sid } = await begin({ backend, clock })
    edit(path, `PRAGMA user_version = ${migrations.length + 1}`)
    await rejectsWith('newer_schema', sqlite({ path }).ready())
    await rejectsWith('newer_schema', backend.store.kill(sid, 'logout', clock.now()))
    await rejectsWith('newer_schema', backend.documents.insert('kind', 'key', ''))
    assert.equal((await backend.store.find(sid))?.record.state.kind, 'live')
    edit(path, `PRAGMA user_version = ${migrations.length}`)
    assert.equal(await backend.store.kill(sid, 'logout', clock.now()), true)
    await backend.close()
  })
})

describe('V1 trouble while it runs is a Fault, and passes', () => {
  test('a lock that another process holds: in bounded time, reading goes on', async () => {
    const { path, backend, clock } = await open(30)
    const { sid } = await begin({ backend, clock })
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const begun = process.hrtime.bigint()
    await rejectsWith('store_unavailable', backend.store.kill(sid, 'logout', clock.now()))
    assert.ok(process.hrtime.bigint() - begun < 2_000_000_000n)
    assert.equal((await backend.store.find(sid))?.record.state.kind, 'live')
    assert.equal(backend.log.local?.since(0, genesis), null)
    other.exec('ROLLBACK')
    assert.equal(await backend.store.kill(sid, 'logout', clock.now()), true)
    other.close()
    await backend.close()
  })

  test('a lock on everything while it opens', async () => {
    const path = newPath()
    edit(path, 'PRAGMA user_version = 0')
    const other = new DatabaseSync(path)
    other.exec('BEGIN EXCLUSIVE')
    const backend = sqlite({ path, busyTimeout: 30 })
    await rejectsWith('store_unavailable', backend.ready())
    other.exec('ROLLBACK')
    other.close()
    await backend.ready()
    await backend.close()
  })

  test('a file that is gone: writes fail at once, reads soon; it works again when the file is back', async () => {
    const { path, backend, clock } = await open()
    const { sid } = await begin({ backend, clock })
    renameSync(path, `${path}.away`)
    await rejectsWith('store_unavailable', backend.store.kill(sid, 'logout', clock.now()))
    await rejectsWith('store_unavailable', backend.store.find(sid))
    clock.advance(1000)
    assert.throws(() => backend.log.local?.since(0, genesis), { kind: 'store_unavailable' })
    assert.ok(!existsSync(path), 'no empty one is made in its place')
    renameSync(`${path}.away`, path)
    assert.equal(await backend.store.kill(sid, 'logout', clock.now()), true)
    await backend.close()
  })

  test('P-R3 a backup put in its place: never mixed with what was there, and readers have diverged', async () => {
    const { path, backend, clock } = await open()
    const record = await begin({ backend, clock })
    await backend.close()
    const backup = `${path}.backup`
    copyFileSync(path, backup)
    const running = sqlite({ path, clock })
    await running.store.kill(record.sid, 'logout', later({ backend: running, clock }))
    const { head } = await running.log.tail(0, 0)
    assert.equal(running.log.local?.since(0, head), null)
    renameSync(backup, path)
    clock.advance(1000)
    await rejectsWith('store_unavailable', running.store.find(record.sid))
    for (const end of ['-wal', '-shm']) rmSync(path + end)
    assert.deepEqual(running.log.local?.since(0, head), { kind: 'diverged' })
    assert.equal((await running.store.find(record.sid))?.record.state.kind, 'live')
    await running.close()
  })

  test('garbage written over it: never anything but a Fault, and it works again when it is restored', async () => {
    const { path, backend, clock } = await open()
    for (let times = 0; times < 50; times++)
      await begin({ backend, clock }, { device: { agent: 'x'.repeat(999), address: null } })
    const { sid } = await begin({ backend, clock })
    await backend.close()
    const good = readFileSync(path)
    const running = sqlite({ path, clock })
    await running.ready()
    const bad = Buffer.from(good).fill(0x5a, 4096)
    for (const content of [bad, bad.subarray(0, 5000), Buffer.alloc(0), Buffer.from('garbage'.repeat(5000))]) {
      writeFileSync(path, content)
      const attempts = [running.store.find(sid), running.store.list('ann', 99), running.store.sweep(0, 9)]
      const change = running.store.bump({ kind: 'everyone' }, 'revoked', later({ backend: running, clock }))
      for (const result of await Promise.allSettled([...attempts, change])) {
        if (result.status === 'rejected') assertQuiet(result.reason)
      }
    }
    await running.close()
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true })
    writeFileSync(path, good)
    const restored = sqlite({ path, clock })
    assert.equal((await restored.store.find(sid))?.record.sid, sid)
    await restored.close()
  })

  test('a damaged file: the operations that meet the damage fail, the process lives', async () => {
    const { path, backend, clock } = await open()
    const subject = { backend, clock }
    for (let times = 0; times < 50; times++) await begin(subject, { device: { agent: 'x'.repeat(999), address: null } })
    await backend.close()
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0x5a, 4096))
    const damaged = sqlite({ path, clock })
    const fault = await faultOf(damaged.store.list('ann', 99))
    assert.equal(fault.kind, 'store_unavailable')
    assert.match(fault.message, /damaged; restore it from a backup/)
    await rejectsWith('store_unavailable', damaged.store.insert(newSession(subject), new Map()))
    assert.throws(() => damaged.log.local?.since(0, genesis), { kind: 'store_unavailable' })
    await damaged.close()
  })

  test('a table that is gone: no SQL, no name, no value is told', async () => {
    const { path, backend, clock } = await open()
    const subject = { backend, clock }
    const { sid } = await begin(subject)
    edit(path, 'ALTER TABLE session RENAME TO other')
    const attempts = [
      backend.store.find(sid),
      backend.store.insert(newSession(subject, { user: 'secret' }), new Map([['secret', 'secret']])),
    ]
    for (const result of await Promise.allSettled(attempts)) {
      assert.equal(result.status, 'rejected')
      if (result.status === 'rejected') assertQuiet(result.reason)
    }
    await backend.close()
  })

  test('a change that the engine breaks off: nothing is stored, and that is said', async () => {
    const { path, backend, clock } = await open()
    const subject = { backend, clock }
    await backend.close()
    edit(path, "CREATE TRIGGER full BEFORE INSERT ON session BEGIN SELECT RAISE(ABORT, 'secret'); END")
    const running = sqlite({ path, clock })
    const fault = await faultOf(running.store.insert(newSession(subject), new Map()))
    assert.equal(fault.kind, 'not_stored')
    assertQuiet(fault)
    assert.deepEqual(await running.store.list('ann', 9), [])
    await running.close()
  })

  test('a file that this user may not write', {
    skip: process.getuid?.() === 0 && 'root may write everything',
  }, async () => {
    const { path, backend, clock } = await open()
    await backend.close()
    chmodSync(path, 0o400)
    const running = sqlite({ path, clock })
    await assert.rejects(begin({ backend: running, clock }), isFault)
    chmodSync(path, 0o600)
    await begin({ backend: running, clock })
    await running.close()
  })
})

function newPath(): string {
  return join(folder, `${++made}.db`)
}

async function open(busyTimeout = 1000): Promise<Opened> {
  const path = newPath()
  const clock = manualClock()
  const backend: Backend = sqlite({ path, clock, busyTimeout })
  await backend.ready()
  return { path, clock, backend }
}

function edit(path: string, sql: string): void {
  const db = new DatabaseSync(path)
  db.exec(sql)
  db.close()
}

function marksOf(path: string): Readonly<Record<string, unknown>> {
  const db = new DatabaseSync(path, { readOnly: true })
  const marks = { ...db.prepare('PRAGMA application_id').get(), ...db.prepare('PRAGMA user_version').get() }
  db.close()
  return marks
}

async function faultOf(promise: Promise<unknown>, kind?: FaultKind): Promise<Fault> {
  try {
    await promise
  } catch (error) {
    assert.ok(isFault(error), String(error))
    if (kind !== undefined) assert.equal(error.kind, kind)
    return error
  }
  return assert.fail('no Fault')
}

/** Says nothing about what was asked or stored. */
function assertQuiet(error: unknown): void {
  assert.ok(isFault(error), `not a Fault: ${String(error)}`)
  assert.equal(error.cause, undefined)
  assert.doesNotMatch(error.message, /secret|select|insert|update|session\b\.|no such|table|constraint|ann\b/i)
}
