import { createHash } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { day, type Millis } from '../base/clock.ts'
import type { Json } from '../base/json.ts'
import { randomText } from '../crypto/random.ts'
import { type AnyAuth, insideOf } from '../http/auth.ts'
import type { Opened } from '../http/opened.ts'
import { makeSid } from '../model/partition.ts'
import { firstRotation } from '../model/rotation.ts'
import type { SessionRecord, Sid } from '../model/session.ts'
import { changesOf, dataOf, dueKey, type Held, heldOf, type Legacy, userKey, valuesOf } from './legacy-session.ts'

/** What express-session passes to callbacks. */
type Done<T = void> = (error?: unknown, value?: T | null) => void

/** The class `Store` of express-session, of which ours is one. */
export type LegacyStoreClass = new () => EventEmitter

interface LegacyStore {
  createSession(request: object, session: Legacy): Legacy
}

export interface ExpressStoreOptions {
  readonly auth: AnyAuth
  /** `session.Store` of your express-session. */
  readonly Store: LegacyStoreClass
  /**
   * Whose session it is, by its data; null for nobody. With it `auth.revokeAll({ user })` ends these sessions too.
   * (nobody's)
   */
  readonly user?: (data: Legacy) => string | null
  /** How long a session lives unused whose cookie has no `maxAge`. (a day) */
  readonly ttl?: Millis
  /** The longest `maxAge` that a cookie gets after its session was stored; until then its record is kept. (30 days) */
  readonly longest?: Millis
  /** A session ends then, whatever happens. (90 days) */
  readonly absolute?: Millis
}

/** The store of express-session's interface, on the backend of `auth`. */
export interface ExpressStore extends EventEmitter {
  get(sid: string, done: Done<Legacy>): void
  set(sid: string, session: Legacy, done?: Done): void
  touch(sid: string, session: Legacy, done?: Done): void
  destroy(sid: string, done?: Done): void
  all(done: Done<readonly Legacy[]>): void
  length(done: Done<number>): void
  clear(done?: Done): void
}

/** Name of the client in our records. */
const client = 'express-session'
const pageSize = 500

/**
 * A store for express-session, whose `session()` stays as it is with all its options. What a request changed is written, key by key: requests that run at the same time do not
 * overwrite each other's, and a slow one brings no ended session back. The engine holds a hash of the id in the cookie, which opens nothing.
 *
 * A store that is down is an error of the request, never an empty session: `get` fails, and express-session hands it to your error handler.
 *
 * Cost: `get` 2 reads, 3 for somebody who is known by `user`; `set` 1 write for what changed, none where nothing did; `touch` 1 write each tenth of `maxAge`; `destroy` 1 read, 1 write.
 */
export function expressSessionStore(options: ExpressStoreOptions): ExpressStore {
  const rooms = createRooms(options)
  /** What each session was when it was read or written last. */
  const held = new WeakMap<object, Held>()
  const Base = options.Store as LegacyStoreClass & { readonly prototype: LegacyStore }

  class HandstampStore extends Base {
    createSession(request: object, session: Legacy): Legacy {
      const before = held.get(session)
      const made = Base.prototype.createSession.call(this, request, session)
      if (before !== undefined) held.set(made, before)
      return made
    }

    get(sid: string, done: Done<Legacy>): void {
      answer(done, async () => {
        const found = await rooms.read(sid)
        if (found !== null) held.set(found.session, found.held)
        return found?.session ?? null
      })
    }

    set(sid: string, session: Legacy, done?: Done): void {
      answer(done, async () => {
        held.set(session, await rooms.write(sid, session, held.get(session) ?? null))
      })
    }

    touch(sid: string, session: Legacy, done?: Done): void {
      answer(done, () => rooms.touch(sid, session, held.get(session) ?? null))
    }

    destroy(sid: string, done?: Done): void {
      answer(done, () => rooms.end(sid))
    }

    all(done: Done<readonly Legacy[]>): void {
      answer(done, () => rooms.all())
    }

    length(done: Done<number>): void {
      answer(done, async () => (await rooms.sids()).length)
    }

    clear(done?: Done): void {
      answer(done, () => rooms.clear())
    }
  }
  return new HandstampStore() as unknown as ExpressStore
}

/** Promises as callbacks; what a callback throws is not ours to catch. */
function answer<T>(done: Done<T> | undefined, work: () => Promise<T | null>): void {
  work().then(
    (value) => void setImmediate(() => done?.(null, value)),
    (error: unknown) => {
      if (done === undefined) process.emitWarning(error instanceof Error ? error : String(error))
      else setImmediate(() => done(error))
    },
  )
}

function createRooms(options: ExpressStoreOptions) {
  const { auth, ttl = day, longest = 30 * day, absolute = 90 * day, user = () => null } = options
  const inside = insideOf(auth)
  const open = async (): Promise<Opened> => inside.opened ?? (await inside.open())
  const lifeOf = ({ cookie }: Legacy): Millis =>
    typeof cookie?.originalMaxAge === 'number' ? cookie.originalMaxAge : ttl

  async function keyOf(sid: string): Promise<Sid> {
    const { partitions } = (await open()).settings.backend.store
    return sidOf(sid, partitions)
  }

  /** The number below which a session of this user is over; 0 for nobody. */
  async function generationOf(name: string | null): Promise<number> {
    if (name === null) return 0
    return (await open()).settings.backend.store.generation({ kind: 'user', user: name })
  }

  async function read(sid: string): Promise<{ readonly session: Legacy; readonly held: Held } | null> {
    const key = await keyOf(sid)
    const { engine, settings } = await open()
    if (!(await engine.find(key)).ok) return null
    const data = await settings.backend.store.data(key)
    if (data === null) return null
    const { session, due, owner } = dataOf(data)
    if (due <= engine.clock.now()) {
      await engine.revoke(key, 'idle')
      return null
    }
    if (owner !== null && owner.generation < (await generationOf(owner.user))) {
      await engine.revoke(key, 'revoked')
      return null
    }
    return { session, held: heldOf(data) }
  }

  /** Everything that is to be kept of a session, our own keys with it. */
  async function allOf(session: Legacy, before: Held | null): Promise<ReadonlyMap<string, Json>> {
    const { engine } = await open()
    const values = valuesOf(session)
    values.set(dueKey, engine.clock.now() + lifeOf(session))
    const name = user(session)
    if (name === null) return values
    const known = before?.owner
    const generation = known?.user === name ? known.generation : await generationOf(name)
    return values.set(userKey, { user: name, generation })
  }

  async function write(sid: string, session: Legacy, before: Held | null): Promise<Held> {
    const key = await keyOf(sid)
    const { store } = (await open()).settings.backend
    const values = await allOf(session, before)
    if (before !== null) {
      // Gone is gone: whoever ended it meant it.
      const changes = changesOf(before, values, lifeOf(session))
      if (changes !== null) await store.patch(key, changes)
    } else if ((await store.find(key)) === null) await store.insert(await newRecord(key, session), values)
    else await store.patch(key, { set: values, remove: [] })
    return heldOf(new Map([...values].map(([name, value]) => [name, { value }])))
  }

  async function newRecord(sid: Sid, session: Legacy): Promise<SessionRecord> {
    const { engine, settings } = await open()
    const now = engine.clock.now()
    const everyone = await settings.backend.store.generation({ kind: 'everyone' })
    const name = user(session)
    return {
      ...{ sid, user: null, tenant: null, generations: { user: 0, tenant: 0, everyone }, version: 1 },
      ...{ state: { kind: 'live' }, createdAt: now, seenAt: now, authentication: null, presentation: 'cookie', client },
      idle: Math.max(longest, lifeOf(session)),
      endsAt: now + absolute,
      claims: name === null ? {} : { preferred_username: name },
      persistent: typeof session.cookie?.originalMaxAge === 'number',
      ...{ device: { agent: '', address: null }, binding: null, salt: randomText(16), renewIdentity: false },
      rotation: firstRotation(now),
    }
  }

  async function touch(sid: string, session: Legacy, before: Held | null): Promise<void> {
    const key = await keyOf(sid)
    const { engine, settings } = await open()
    const life = lifeOf(session)
    const due = engine.clock.now() + life
    if (before !== null && due - before.due < life / 10) return
    await settings.backend.store.patch(key, { set: new Map([[dueKey, due]]), remove: [] })
    await settings.backend.store.touch(new Map([[key, engine.clock.now()]]))
  }

  async function sids(): Promise<readonly Sid[]> {
    const { store } = (await open()).settings.backend
    const found = new Set<Sid>()
    for (let next: string | null | undefined; next !== null; ) {
      const page = await store.scan(pageSize, next)
      for (const record of page.records) if (record.client === client) found.add(record.sid)
      next = page.next
    }
    return [...found]
  }

  return {
    read,
    write,
    touch,
    sids,
    end: async (sid: string): Promise<void> => void (await (await open()).engine.revoke(await keyOf(sid), 'logout')),
    all: async (): Promise<readonly Legacy[]> => {
      const { store } = (await open()).settings.backend
      const sessions: Legacy[] = []
      for (const sid of await sids()) {
        const data = await store.data(sid)
        if (data !== null) sessions.push(dataOf(data).session)
      }
      return sessions
    },
    clear: async (): Promise<void> => {
      for (const sid of await sids()) await (await open()).engine.revoke(sid, 'revoked')
    },
  }
}

/** Our handle for their id: nobody can make the cookie from it. Sessions of nobody may live in any partition. */
function sidOf(sid: string, partitions: number): Sid {
  const digest = createHash('sha256').update(`express-session ${sid}`).digest()
  return makeSid((digest[16] ?? 0) % partitions, digest.subarray(0, 16).toString('base64url'))
}
