// How much memory so many things take, in a process of its own: `node --expose-gc memory-process.ts SUBJECT COUNT` prints bytes a thing.

import { randomText } from '../src/crypto/random.ts'
import { createRevokedIds } from '../src/engine/revoked-ids.ts'
import { createSnapshotCache } from '../src/engine/snapshot-cache.ts'
import { insideOf } from '../src/http/auth.ts'
import { makeSid } from '../src/model/partition.ts'
import { firstRotation } from '../src/model/rotation.ts'
import type { SessionRecord } from '../src/model/session.ts'
import { memory } from '../src/stores/memory.ts'
import { authOn } from './micro-world.ts'

const subject = process.argv[2] ?? ''
const wanted = Number(process.argv[3])
/** First a few, so that code and constants are there already. */
let count = Math.min(wanted, 20_000)
const hour = 3_600_000
const now = Date.now()

/** Keeps what a subject has made alive while it is weighed. */
const held: unknown[] = []

function user(index: number): string {
  return `u${String(index).padStart(7, '0')}`
}

function sid(): string {
  return makeSid(0, randomText(16))
}

function record(index: number): SessionRecord {
  return {
    ...{ sid: sid(), user: user(index), tenant: null, generations: { user: 0, tenant: 0, everyone: 0 }, version: 1 },
    ...{ state: { kind: 'live' }, createdAt: now, seenAt: now, idle: hour, endsAt: now + 24 * hour },
    authentication: { at: now, level: 1, levelUntil: now + 24 * hour, methods: [] },
    ...{ claims: {}, presentation: 'cookie', persistent: false, client: 'first-party' },
    ...{ device: { agent: '', address: null }, binding: null, salt: randomText(16), rotation: firstRotation(now) },
    renewIdentity: false,
  } as SessionRecord
}

const subjects: Readonly<Record<string, () => Promise<unknown>>> = {
  'session in memory()': async () => {
    const backend = memory()
    for (let index = 0; index < count; index++) await backend.store.insert(record(index), new Map())
    return backend
  },
  'session in express-session MemoryStore': async () => {
    const name = 'express-session'
    const { default: session } = (await import(name)) as { default: { MemoryStore: new () => Store } }
    interface Store {
      set(id: string, session: unknown, done: () => void): void
    }
    const store = new session.MemoryStore()
    const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
    for (let index = 0; index < count; index++)
      await new Promise<void>((resolve) => store.set(randomText(24), { cookie, user: user(index) }, resolve))
    return store
  },
  'revoked id': async () => {
    const ids = createRevokedIds()
    for (let index = 0; index < count; index++) ids.add(sid(), now + hour, now)
    return ids
  },
  'revoked id in a Set of strings': async () => {
    const ids = new Set<string>()
    for (let index = 0; index < count; index++) ids.add(Buffer.from(sid()).toString('latin1'))
    return ids
  },
  'cached snapshot, cookie': () => cached('cookie'),
  'cached snapshot, token': () => cached('token'),
}

async function cached(present: 'cookie' | 'token'): Promise<unknown> {
  const auth = authOn(memory(), present)
  const made = await auth.create({ user: user(0) })
  const snapshot = made.ok ? made.value.snapshot : ''
  const { opened } = insideOf(auth)
  const checked = await auth.validate({ accessToken: snapshot })
  const cache = createSnapshotCache(count)
  const [first] = await (opened?.engine.list(user(0), 1) ?? [])
  if (first === undefined || (present === 'token' && !checked.ok)) throw new Error('no session')
  for (let index = 0; index < count; index++) {
    const text = snapshot.slice(0, -24) + randomText(18)
    const own = { ...record(index), issuedAt: now, expiresAt: now + hour, level: 1 as const, authenticatedAt: now }
    const { sid, user, tenant, generations, version, claims, presentation, client, idle, endsAt } = own
    const { issuedAt, expiresAt, level, authenticatedAt } = own
    const times = { idle, endsAt, issuedAt, expiresAt, authenticatedAt }
    const picture = { sid, user, tenant, generations, version, claims, presentation, client, level, boundTo: null }
    cache.put(text, { snapshot: { ...picture, ...times }, kid: null, vouched: true })
  }
  return cache
}

function weigh(): number {
  for (let time = 0; time < 4; time++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const make = subjects[subject]
if (make === undefined) throw new Error(`There is no subject ${subject}: ${Object.keys(subjects).join(', ')}`)
await make()
await new Promise((resolve) => setTimeout(resolve, 50))
count = wanted
const before = weigh()
held.push(await make())
// Some of it is freed only in a later turn.
await new Promise((resolve) => setTimeout(resolve, 50))
console.log(JSON.stringify((weigh() - before) / count))
if (held.length === 0) throw new Error('nothing was weighed')
process.exit(0)
