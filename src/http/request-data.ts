import { Fault } from '../base/fault.ts'
import type { Json } from '../base/json.ts'
import { versionKey } from '../engine/data.ts'
import type { Sid } from '../model/session.ts'
import type { DataRecord } from './data-rules.ts'
import { judge, type Outputs, readAll } from './data-schema.ts'
import { labelled, plan, type StoredData, understand, type Wish } from './data-version.ts'
import type { Opened } from './opened.ts'
import type { DataAccess } from './session-data.ts'

/** The session that data is stored in. */
export interface DataHome {
  current(): Sid | null
  /** Begins an anonymous one. */
  begin(first: DataRecord): Promise<Sid>
}

type Untyped = DataAccess<Readonly<Record<string, unknown>>, Readonly<Record<string, Json>>>

const mostAttempts = 256

export function createRequestData({ engine, settings }: Opened, home: DataHome): Untyped {
  const rules = settings.data
  let begins: Promise<Sid> | null = null
  let loaded: { readonly sid: Sid | null; readonly outputs: Promise<Outputs> } | null = null
  // Until it is known better, data of version 1 carries no version.
  let seal: { readonly sid: Sid; readonly version: number } | 'unknown' | null = rules.version === 1 ? null : 'unknown'

  async function stored(sid: Sid, keys?: readonly string[]): Promise<StoredData> {
    const data = understand(rules, await engine.data.read(sid, keys))
    const version = data.entries.get(versionKey)?.version ?? 0
    seal = data.age === 'present' ? { sid, version } : 'unknown'
    return data
  }

  async function load(sid: Sid | null): Promise<Outputs> {
    const { outputs, misfits } = await readAll(rules.schema, sid === null ? new Map() : (await stored(sid)).values)
    for (const key of misfits)
      rules.warn(key, `Session data ${JSON.stringify(key)} is not what the schema takes, and reads as undefined.`)
    return outputs
  }

  function outputs(): Promise<Outputs> {
    const sid = home.current()
    if (loaded?.sid === sid) return loaded.outputs
    const reading = load(sid)
    loaded = { sid, outputs: reading }
    reading.catch(() => {
      if (loaded?.outputs === reading) loaded = null
    })
    return reading
  }

  /** One write for both, so that no empty session is left behind when it fails. */
  async function begin(set: Wish['set']): Promise<void> {
    begins = home.begin(labelled(rules, Object.fromEntries(set))).finally(() => {
      begins = null
    })
    await begins
  }

  async function write(sid: Sid, wish: Wish): Promise<void> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const version = seal === null ? 0 : seal !== 'unknown' && seal.sid === sid ? seal.version : null
      const blind = version !== null && { ...wish, expected: new Map([[versionKey, version]]) }
      const changes = blind || (await plan(rules, await stored(sid), wish))
      if ((await engine.data.patch(sid, changes)) === 'done') return
      seal = 'unknown'
    }
    throw tooManyAttempts()
  }

  async function change(wish: Wish): Promise<void> {
    engine.data.check(wish)
    await judge(rules.schema, wish.set)
    if (home.current() === null && begins === null) await begin(wish.set)
    else await write(home.current() ?? ((await begins) as Sid), wish)
    loaded = null
  }

  async function valueAt(data: ReadonlyMap<string, Json>, key: string): Promise<unknown> {
    const value = data.get(key)
    const alone = new Map(value === undefined ? [] : [[key, value]])
    return (await readAll(rules.schema, alone)).outputs.get(key)
  }

  async function changed(
    key: string,
    old: unknown,
    by: Change,
  ): Promise<{ readonly wish: Wish; readonly to: unknown }> {
    const next = by(old)
    const wish: Wish =
      next === undefined ? { set: new Map(), remove: [key] } : { set: new Map([[key, next]]), remove: [] }
    engine.data.check(wish)
    return { wish, to: (await judge(rules.schema, wish.set)).get(key) }
  }

  async function update(key: string, by: Change): Promise<unknown> {
    if (home.current() === null) {
      // No session begins for nothing, or for what cannot be stored.
      const { wish, to } = await changed(key, await valueAt(new Map(), key), by)
      if (home.current() === null && begins === null) {
        if (wish.set.size > 0) await begin(wish.set)
        return to
      }
    }
    const sid = home.current() ?? ((await begins) as Sid)
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const data = await stored(sid, rules.version === 1 ? [key, versionKey] : undefined)
      const { wish, to } = await changed(key, await valueAt(data.values, key), by)
      const changes = await plan(rules, data, wish)
      const expected = new Map([...(changes.expected ?? []), [key, data.entries.get(key)?.version ?? 0]])
      loaded = null
      if ((await engine.data.patch(sid, { ...changes, expected })) === 'done') return to
    }
    throw tooManyAttempts()
  }

  return {
    get: async (key) => (await outputs()).get(key),
    set: (key, value) => change({ set: new Map([[key, value]]), remove: [] }),
    delete: async (key) => {
      if (home.current() !== null) await change({ set: new Map(), remove: [key] })
    },
    update: update as Untyped['update'],
  }
}

type Change = (value: unknown) => Json | undefined

function tooManyAttempts(): Fault {
  return new Fault('not_stored', `The data was changed by others ${mostAttempts} times in a row; nothing was changed.`)
}
