import { createHash } from 'node:crypto'
import type { Clock, Millis } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { type Json, parseJson } from '../../base/json.ts'
import type { Documents } from '../../model/backend.ts'

/** What somebody has done. Holds no credential and no name as typed; addresses are shortened. */
export interface AuditInput {
  /** Who did it: `user:ID`, `admin secret` or `server`. */
  readonly actor: string
  /** What was done, e.g. `login`, `session.revoke`. */
  readonly action: string
  /** Whom or what it was about: `user:ID`, `session:ID`, `everyone`; null where that is the actor. */
  readonly subject: string | null
  /** Network of the actor's address. */
  readonly source: string | null
  readonly details?: Readonly<Record<string, string | number | boolean | null>>
}

export interface AuditEntry extends Required<AuditInput> {
  /** From 1, without gaps. */
  readonly seq: number
  readonly at: Millis
  /** SHA-256 over the hash before and everything else in this entry, base64url. */
  readonly hash: string
}

/**
 * What happened to accounts and sessions, by whom. Append-only, one chain for all nodes: an entry that is changed, taken out or put in between breaks it.
 *
 * Whoever can write to the engine can write the whole chain anew: export it, and keep the last hash elsewhere.
 */
export interface AuditLog {
  /** Resolves when it is stored. Cost: one write; more where other nodes were first. @throws Fault */
  append(input: AuditInput): Promise<AuditEntry>
  /** Stores it in the background, in order. What cannot be stored is told to `lost`. */
  note(input: AuditInput): void
  /** In order, after a sequence number. Cost: one read. */
  page(after: number, limit: number): Promise<readonly AuditEntry[]>
  /** Follows the chain from its beginning. @returns the first entry that does not fit, or null. Cost: one read for each thousand. */
  verify(): Promise<{ readonly entries: number; readonly brokenAt: number | null; readonly hash: string }>
  /** Resolves when all that was noted is stored or lost. */
  settled(): Promise<void>
}

const kind = 'audit'
const mostTries = 200
const mostWaiting = 10_000
const pageSize = 1000

interface Head {
  readonly seq: number
  readonly hash: string
}

const beginning: Head = { seq: 0, hash: '' }

/** @param lost told of what could not be stored in the background, and why */
export function createAuditLog(
  documents: Documents,
  clock: Clock,
  lost: (input: AuditInput, error: unknown) => void,
): AuditLog {
  let head: Head = beginning
  let waiting = 0
  let queue: Promise<void> = Promise.resolve()

  async function page(after: number, limit: number): Promise<readonly AuditEntry[]> {
    return (await documents.list(kind, limit, keyOf(after))).map(({ key, value }) => parseEntry(key, value))
  }

  /** To the end, as far as it is known now. */
  async function advance(): Promise<void> {
    for (;;) {
      const entries = await page(head.seq, pageSize)
      head = entries.at(-1) ?? head
      if (entries.length < pageSize) return
    }
  }

  async function append(input: AuditInput): Promise<AuditEntry> {
    for (let tries = 0; tries < mostTries; tries++) {
      if (head === beginning || tries > 0) await advance()
      const entry = sealed(head, { details: {}, ...input }, clock.now())
      if (await documents.insert(kind, keyOf(entry.seq), JSON.stringify(entry))) {
        if (entry.seq > head.seq) head = entry
        return entry
      }
    }
    throw new Fault('not_stored', 'The audit log was written by others all the time: nothing was added.')
  }

  async function appendNoted(input: AuditInput): Promise<void> {
    try {
      await append(input)
    } catch (error) {
      lost(input, error)
    } finally {
      waiting--
    }
  }

  return {
    append,
    page,
    note: (input) => {
      if (waiting >= mostWaiting) return lost(input, new Error('too much is waiting'))
      waiting++
      queue = queue.then(() => appendNoted(input))
    },
    verify: async () => {
      let last: Head = beginning
      for (;;) {
        const entries = await page(last.seq, pageSize)
        for (const entry of entries) {
          if (!follows(last, entry)) return { entries: last.seq, brokenAt: entry.seq, hash: last.hash }
          last = entry
        }
        if (entries.length < pageSize) return { entries: last.seq, brokenAt: null, hash: last.hash }
      }
    },
    settled: () => queue,
  }
}

/** Keys in the order of the numbers. */
function keyOf(seq: number): string {
  return String(seq).padStart(16, '0')
}

function sealed(before: Head, input: Required<AuditInput>, at: Millis): AuditEntry {
  const { actor, action, subject, source, details } = input
  const content = { seq: before.seq + 1, at, actor, action, subject, source, details }
  return { ...content, hash: hashOf(before.hash, content) }
}

function follows(before: Head, { hash, ...content }: AuditEntry): boolean {
  return content.seq === before.seq + 1 && hash === hashOf(before.hash, content)
}

function hashOf(
  before: string,
  { seq, at, actor, action, subject, source, details }: Omit<AuditEntry, 'hash'>,
): string {
  const text = JSON.stringify([before, seq, at, actor, action, subject, source, Object.entries(details).sort()])
  return createHash('sha256').update(text).digest('base64url')
}

/** What is damaged stands there as it is, and does not fit into the chain. */
function parseEntry(key: string, value: string): AuditEntry {
  const json = parseJson(value)
  const fields = (typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}) as Record<string, Json>
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')
  const orNull = (name: string): string | null => (typeof fields[name] === 'string' ? fields[name] : null)
  const { details } = fields
  return {
    seq: Number(key),
    at: typeof fields.at === 'number' ? fields.at : 0,
    actor: text('actor'),
    action: text('action'),
    subject: orNull('subject'),
    source: orNull('source'),
    details: (typeof details === 'object' && details !== null && !Array.isArray(details)
      ? details
      : {}) as AuditEntry['details'],
    hash: text('hash'),
  }
}
