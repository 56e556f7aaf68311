import { type Clock, day, type Millis } from '../base/clock.ts'
import { type Json, parseJson } from '../base/json.ts'
import type { Documents } from '../model/backend.ts'

/** From where somebody has signed in to an account before. */
export interface KnownSources {
  /** Cost: one read. */
  has(account: string, source: string): Promise<boolean>
  /** Cost: one read, and one write when it was unknown or is a day old. */
  learn(account: string, source: string): Promise<void>
  /** Cost: one write. */
  forget(account: string): Promise<void>
}

interface Known {
  readonly source: string
  readonly at: Millis
}

const kind = 'known-sources'
/** The oldest go first. */
const mostKnown = 16
const rememberedFor = 90 * day

/** @param account and source as names that may be kept: not as somebody typed them */
export function createKnownSources(documents: Documents, clock: Clock): KnownSources {
  async function read(account: string): Promise<{ readonly list: readonly Known[]; readonly version: number }> {
    const document = await documents.find(kind, account)
    const since = clock.now() - rememberedFor
    const list = document === null ? [] : parse(parseJson(document.value)).filter(({ at }) => at > since)
    return { list, version: document?.version ?? 0 }
  }
  return {
    has: async (account, source) => (await read(account)).list.some((known) => known.source === source),
    learn: async (account, source) => {
      const now = clock.now()
      const { list, version } = await read(account)
      if (list.some((known) => known.source === source && known.at > now - day)) return
      const others = list.filter((known) => known.source !== source)
      const value = JSON.stringify([...others, { source, at: now }].slice(-mostKnown))
      // Where somebody else was first, the next sign-in learns it.
      if (version === 0) await documents.insert(kind, account, value)
      else await documents.replace(kind, account, version, value)
    },
    forget: async (account) => {
      await documents.remove(kind, account)
    },
  }
}

/** What is damaged is forgotten: it only spares waiting. */
function parse(json: Json | undefined): readonly Known[] {
  if (!Array.isArray(json)) return []
  return json.flatMap((one) => {
    const { source, at } = (typeof one === 'object' && one !== null ? one : {}) as { source?: unknown; at?: unknown }
    return typeof source === 'string' && typeof at === 'number' ? [{ source, at }] : []
  })
}
