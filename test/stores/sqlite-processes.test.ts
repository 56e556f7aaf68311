import assert from 'node:assert/strict'
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/base/clock.ts'
import type { Backend } from '../../src/model/backend.ts'
import { genesis } from '../../src/model/log.ts'
import type { Position } from '../../src/model/revocation.ts'
import { nextPosition } from '../../src/stores/chain.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { allEntries, begin, entriesAfter } from '../../src/testing/contract/subject.ts'
import type { Acknowledged } from '../support/sqlite-worker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const worker = fileURLToPath(new URL('../support/sqlite-worker.ts', import.meta.url))
const folder = temporaryFolder()
const clock = { ...systemClock, advance: () => undefined, set: () => undefined }
const started: ChildProcess[] = []
let made = 0

// What a failed test leaves behind.
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

describe('several processes on one file', () => {
  test('P-I1 every revocation is seen by another process as soon as it is acknowledged', async () => {
    const backend = open()
    const seen = follow(backend)
    const killed: string[] = []
    const missed: string[] = []
    const workers = [1, 2, 3].map(() => start(backend.path, 'kill', '40'))
    for (const child of workers) {
      child.on('message', (message: Acknowledged) => {
        if (message.kind === 'killed') {
          if (!seen().has(message.sid)) missed.push(message.sid)
          killed.push(message.sid)
        }
      })
    }
    for (let own = 0; own < 20; own++) {
      const { sid } = await begin({ backend, clock })
      await backend.store.kill(sid, 'logout', clock.now() + 3_600_000)
      assert.ok(seen().has(sid))
    }
    await Promise.all(workers.map(ended))
    assert.equal(killed.length, 120)
    assert.deepEqual(missed, [], 'not seen in the very next check')
    await assertSoundLog(backend, 140)
    await backend.close()
  })

  test('several processes may make the file at the same time', async () => {
    const path = newPath()
    const workers = [1, 2, 3, 4].map(() => start(path, 'kill', '3'))
    const told = await Promise.all(workers.map(listen))
    assert.deepEqual(
      told.flat().filter(({ kind }) => kind === 'failed'),
      [],
    )
    const backend = open(path)
    await assertSoundLog(backend, 12)
    await backend.close()
  })

  test('P-D1 V3 patches of distinct keys by several processes are all there', async () => {
    const backend = open()
    const { sid } = await begin({ backend, clock })
    const told = await Promise.all([1, 2, 3].map(() => listen(start(backend.path, 'patch', sid))))
    const keys = told.flat().flatMap((message) => (message.kind === 'patched' ? [message.key] : []))
    assert.equal(keys.length, 75)
    const data = await backend.store.data(sid)
    assert.deepEqual(new Set(data?.keys()), new Set(keys))
    assert.equal(new Set(Array.from(data?.values() ?? [], ({ version }) => version)).size, 75)
    await backend.close()
  })

  test('R2 of 102 rotations from one state by three processes exactly one is carried out, 50 times', async () => {
    const backend = open()
    const { sid } = await begin({ backend, clock })
    const workers = [1, 2, 3].map(() => start(backend.path, 'rotate', sid))
    const all = async (message?: string): Promise<readonly Acknowledged[]> => {
      const answers = Promise.all(workers.map((child) => once(child, 'message')))
      if (message !== undefined) for (const child of workers) child.send(message)
      return (await answers).map(([answer]) => answer)
    }
    await all()
    for (let round = 1; round <= 50; round++) {
      await all('read')
      const told = await all('go')
      const answers = told.flatMap((one) => (one.kind === 'rotated' ? one.answers : []))
      assert.equal(answers.length, 102)
      assert.equal(answers.filter((answer) => answer === 'done').length, 1)
      assert.equal((await backend.store.find(sid))?.record.rotation.cur, round + 1)
    }
    for (const child of workers) child.send('end')
    await Promise.all(workers.map(ended))
    await backend.close()
  })

  test('R5 what a process acknowledged before it was killed (kill -9) is there', async () => {
    for (const after of [1, 10, 25]) {
      const path = newPath()
      const child = start(path, 'kill', '1000000')
      const told: Acknowledged[] = []
      child.on('message', (message: Acknowledged) => {
        told.push(message)
        if (told.length === after) child.kill('SIGKILL')
      })
      const [, signal] = await once(child, 'exit')
      assert.equal(signal, 'SIGKILL')
      assert.ok(told.length >= after)
      const backend = open(path)
      const logged = new Set((await allEntries(backend)).map(({ revocation }) => 'sid' in revocation && revocation.sid))
      for (const { kind, sid } of told as Extract<Acknowledged, { sid: string }>[]) {
        const state = (await backend.store.find(sid))?.record.state.kind
        assert.ok(state !== undefined, `an acknowledged ${kind} is lost`)
        if (kind === 'killed') assert.ok(state === 'ended' && logged.has(sid), 'an acknowledged kill is lost')
      }
      await assertSoundLog(backend, logged.size)
      await backend.close()
    }
  })

  test('V2 a disk that takes no more fails the write, and what was acknowledged is there', async () => {
    const path = newPath()
    const limited = ['-c', 'ulimit -f 400 && exec "$0" "$@"', process.execPath, worker, path, 'fill']
    const told = await listen(spawn('sh', limited, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
    const last = told.at(-1)
    assert.ok(
      last?.kind === 'failed' && /^store_unavailable: .* check the disk\.$/.test(last.fault),
      JSON.stringify(last),
    )
    const backend = open(path)
    for (const message of told) {
      if (message.kind === 'inserted') assert.equal((await backend.store.data(message.sid))?.size, 1)
    }
    assert.ok(told.length > 3)
    await backend.close()
  })
})

function newPath(): string {
  return join(folder, `${++made}.db`)
}

function open(path = newPath()): Backend & { readonly path: string } {
  return { ...sqlite({ path, busyTimeout: 20_000 }), path }
}

function start(path: string, task: string, argument: string): ChildProcess {
  const child = fork(worker, [path, task, argument], { execArgv: [] })
  started.push(child)
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
}

/** Everything that it says until it ends. */
async function listen(child: ChildProcess): Promise<readonly Acknowledged[]> {
  const told: Acknowledged[] = []
  child.on('message', (message: Acknowledged) => told.push(message))
  await ended(child)
  return told
}

/** What the local log has told, up to now. */
function follow({ log }: Backend): () => ReadonlySet<string> {
  const killed = new Set<string>()
  let position: Position = genesis
  return () => {
    const page = log.local?.since(0, position)
    assert.ok(page === null || page?.kind === 'entries')
    for (const { revocation } of page?.entries ?? []) if (revocation.kind === 'kill') killed.add(revocation.sid)
    position = page?.head ?? position
    return killed
  }
}

/** Without gaps, and each link follows from the one before. */
async function assertSoundLog(backend: Backend, count: number): Promise<void> {
  let position: Position = genesis
  const entries = await entriesAfter(backend, 0, genesis)
  for (const entry of entries) {
    position = nextPosition(0, position, entry.at, entry.revocation)
    assert.deepEqual(entry.position, position)
  }
  assert.equal(entries.length, count)
}
