import { type Clock, day, type Millis } from '../base/clock.ts'
import { isFault } from '../base/fault.ts'
import { type Json, parseJson } from '../base/json.ts'
import type { Documents } from '../model/backend.ts'

/** Something about an account that its owner should be able to read later. Holds no credential. */
export interface Note {
  /** Ended by the owner, or said not to be theirs and ended. */
  readonly kind: 'ended' | 'reported'
  readonly at: Millis
  /** What the session was shown by: `User-Agent` and address. */
  readonly agent: string
  readonly address: string | null
  /** How long after the order the last node refused it; null where that was not confirmed: then it held within R. */
  readonly refusedAfter: Millis | null
}

export interface Notes {
  /** The newest first. Cost: one read. */
  of(user: string): Promise<readonly Note[]>
  /** Keeps one; the oldest go. What cannot be written is lost: it is no reason to fail what it is about. Cost: one read, one write. */
  add(user: string, note: Note): Promise<void>
  /** Cost: one write. */
  forget(user: string): Promise<void>
}

const kind = 'account-notes'
const mostKept = 20
const keptFor = 30 * day
const mostTries = 4

export function createNotes(documents: Documents, clock: Clock): Notes {
  async function read(user: string): Promise<{ readonly list: readonly Note[]; readonly version: number }> {
    const document = await documents.find(kind, user)
    const since = clock.now() - keptFor
    const list = document === null ? [] : parse(parseJson(document.value)).filter(({ at }) => at > since)
    return { list, version: document?.version ?? 0 }
  }

  async function addOnce(user: string, note: Note): Promise<boolean> {
    const { list, version } = await read(user)
    const value = JSON.stringify([note, ...list].slice(0, mostKept))
    return version === 0 ? documents.insert(kind, user, value) : documents.replace(kind, user, version, value)
  }

  return {
    of: async (user) => (await read(user)).list,
    add: async (user, note) => {
      try {
        for (let tries = 0; tries < mostTries; tries++) if (await addOnce(user, note)) return
      } catch (error) {
        if (!isFault(error)) throw error
      }
    },
    forget: async (user) => {
      await documents.remove(kind, user)
    },
  }
}

function parse(json: Json | undefined): readonly Note[] {
  if (!Array.isArray(json)) return []
  return json.filter((one): one is Json & Note => {
    const note = (typeof one === 'object' && one !== null ? one : {}) as Partial<Record<keyof Note, unknown>>
    return (
      (note.kind === 'ended' || note.kind === 'reported') &&
      typeof note.at === 'number' &&
      typeof note.agent === 'string'
    )
  })
}
