import type { Millis } from '../base/clock.ts'
import type { Json } from '../base/json.ts'

/** A session of express-session: what the application put into it, and its cookie. */
export interface Legacy {
  readonly cookie?: { readonly originalMaxAge?: number | null }
  readonly [name: string]: unknown
}

/** Ours among the keys of the data. */
export const dueKey = 'handstamp:due'
export const userKey = 'handstamp:user'

/** A session as the store held it when a request last read or wrote it. */
export interface Held {
  /** Each value as JSON. */
  readonly texts: ReadonlyMap<string, string>
  readonly due: Millis
  readonly owner: Owner | null
}

/** Whose it is, and the generation of that user when they became its owner. */
export interface Owner {
  readonly user: string
  readonly generation: number
}

type Data = ReadonlyMap<string, { readonly value: Json }>

/** What is kept of a session, as JSON.stringify would have it: no functions, dates as text. */
export function valuesOf(session: Legacy): Map<string, Json> {
  const plain = JSON.parse(JSON.stringify(session)) as Readonly<Record<string, Json>>
  const values = new Map(Object.entries(plain))
  values.set('cookie', withoutExpiry(values.get('cookie') ?? {}))
  return values
}

/** That moves with each request, and stands in a key of its own. */
function withoutExpiry(cookie: Json): Json {
  if (typeof cookie !== 'object' || cookie === null || Array.isArray(cookie)) return {}
  return Object.fromEntries(Object.entries(cookie).filter(([name]) => name !== 'expires' && name !== '_expires'))
}

/** The session as express-session wants it. */
export function dataOf(data: Data): { readonly session: Legacy; readonly due: Millis; readonly owner: Owner | null } {
  const due = dueOf(data)
  const own = [...data].flatMap(([name, { value }]) => (name === dueKey || name === userKey ? [] : [[name, value]]))
  const session = Object.fromEntries(own) as Record<string, Json>
  const cookie = (session.cookie ?? {}) as { readonly originalMaxAge?: number | null }
  const expires = typeof cookie.originalMaxAge === 'number' ? new Date(due).toISOString() : null
  return { session: { ...session, cookie: { ...cookie, expires } } as Legacy, due, owner: ownerOf(data) }
}

export function heldOf(data: Data): Held {
  const texts = new Map([...data].map(([name, { value }]) => [name, JSON.stringify(value)]))
  return { texts, due: dueOf(data), owner: ownerOf(data) }
}

function dueOf(data: Data): Millis {
  const due = data.get(dueKey)?.value
  return typeof due === 'number' ? due : 0
}

function ownerOf(data: Data): Owner | null {
  const owner = data.get(userKey)?.value
  if (typeof owner !== 'object' || owner === null || Array.isArray(owner)) return null
  const { user, generation } = owner as { readonly [name: string]: Json }
  return typeof user === 'string' && typeof generation === 'number' ? { user, generation } : null
}

export interface Changes {
  readonly set: ReadonlyMap<string, Json>
  readonly remove: readonly string[]
}

/** What is to be written; null where that is nothing. That it lives longer is no change before it is a tenth of its life. */
export function changesOf({ texts, due }: Held, values: ReadonlyMap<string, Json>, life: Millis): Changes | null {
  const set = new Map<string, Json>()
  for (const [name, value] of values)
    if (name !== dueKey && texts.get(name) !== JSON.stringify(value)) set.set(name, value)
  const remove = [...texts.keys()].filter((name) => !values.has(name))
  const later = Number(values.get(dueKey)) - due
  if (set.size === 0 && remove.length === 0 && Math.abs(later) < life / 10) return null
  return { set: set.set(dueKey, values.get(dueKey) ?? 0), remove }
}
