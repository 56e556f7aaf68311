import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** @returns some of them, to look for afterwards */
async function fill({ store }: Backend): Promise<readonly string[]> {
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

async function tried(backend: Backend) {
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
    const note = async (name: string, backend: Backend): Promise<void> => {
      found[name] = await tried(backend)
      progress(`${name}: ${JSON.stringify(found[name])}`)
    }
    await note('memory', memory())
    await note('sqlite', sqlite({ path: join(folder, 'sessions.db') }))
    rmSync(folder, { recursive: true, force: true })
    await withSharedEngines(async (engines) => {
      for (const { name, node } of engines) {
        const own = node()
        await note(name, own.backend)
        await own.close()
      }
    })
    const passed = Object.values(found).every(({ left, during }) => left === 0 && during.p99 <= most)
    return { n: expired, passed, result: found }
  },
}
