import { createHash } from 'node:crypto'
import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { randomText } from '../crypto/random.ts'
import type { Documents } from '../model/backend.ts'
import type { Context } from './context.ts'

/** Texts that are kept on the server for whoever shows their reference. */
export interface Kept {
  /** Keeps a text until then. @returns the reference: 128 random bits, stored nowhere. Cost: two writes. */
  insert(text: string, until: Millis): Promise<string>
  /** The text, null when it is over, removed or was never there. Cost: one read. */
  find(reference: string): Promise<string | null>
  /** Puts another text in its place, until then. False, and nothing changed, when it is gone. Cost: one read and one write for each attempt. */
  replace(reference: string, text: string, until: Millis): Promise<boolean>
  /** Cost: one read, two writes. */
  remove(reference: string): Promise<void>
}

/** By hash of the reference: `UNTIL DUE TEXT`. */
const kind = 'kept'
/** By the time when it may be over, and the hash, so that what is over stands first. */
const dueKind = 'kept-due'
const mostAttempts = 64

export function createKept({ backend, clock }: Pick<Context, 'backend' | 'clock'>): Kept {
  const { documents } = backend

  async function insert(text: string, until: Millis): Promise<string> {
    const reference = randomText(16)
    const key = hashOf(reference)
    const due = dueKey(until, key)
    // Before the text: nothing is kept that the sweep would not find.
    await documents.insert(dueKind, due, '')
    if (!(await documents.insert(kind, key, write({ until, due, text })))) throw new Fault('not_stored', taken)
    return reference
  }

  async function find(reference: string): Promise<string | null> {
    const found = await documents.find(kind, hashOf(reference))
    const item = found === null ? null : read(found.value)
    return item === null || item.until <= clock.now() ? null : item.text
  }

  async function replace(reference: string, text: string, until: Millis): Promise<boolean> {
    const key = hashOf(reference)
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const found = await documents.find(kind, key)
      const item = found === null ? null : read(found.value)
      if (found === null || item === null || item.until <= clock.now()) return false
      const next = write({ until: Math.max(until, item.until), due: item.due, text })
      if (await documents.replace(kind, key, found.version, next)) return true
    }
    throw new Fault(
      'not_stored',
      `The value was changed by others ${mostAttempts} times in a row; nothing was changed.`,
    )
  }

  async function remove(reference: string): Promise<void> {
    const key = hashOf(reference)
    const found = await documents.find(kind, key)
    if (found === null) return
    await documents.remove(kind, key)
    await documents.remove(dueKind, read(found.value).due)
  }

  return { insert, find, replace, remove }
}

const taken = 'The value was not kept: its random reference is taken. Nothing was changed.'

/** Removes what was over before then, a bounded number. @returns how many it looked at. Cost: one read; for each one, one read and one to two writes. */
export async function sweepKept(documents: Documents, before: Millis, limit: number): Promise<number> {
  const due = (await documents.list(dueKind, limit)).filter(({ key }) => timeOf(key) < before)
  for (const { key } of due) await sweepOne(documents, key, before)
  return due.length
}

async function sweepOne(documents: Documents, due: string, before: Millis): Promise<void> {
  const key = due.slice(timeLength + 1)
  const found = await documents.find(kind, key)
  const until = found === null ? 0 : read(found.value).until
  // It was set anew since: to be looked at again when that is over.
  if (found !== null && until >= before) await documents.insert(dueKind, dueKey(until, key), '')
  if (found !== null && until < before) await documents.remove(kind, key)
  await documents.remove(dueKind, due)
}

interface Item {
  readonly until: Millis
  readonly due: string
  readonly text: string
}

function write({ until, due, text }: Item): string {
  return `${until} ${due} ${text}`
}

function read(value: string): Item {
  const first = value.indexOf(' ')
  const second = value.indexOf(' ', first + 1)
  return { until: Number(value.slice(0, first)), due: value.slice(first + 1, second), text: value.slice(second + 1) }
}

const timeLength = 16

/** Sorts by time. */
function dueKey(until: Millis, key: string): string {
  return `${`${until}`.padStart(timeLength, '0')}.${key}`
}

function timeOf(due: string): Millis {
  return Number(due.slice(0, timeLength))
}

/** What is stored gives no access: it does not lead back to the reference. */
function hashOf(reference: string): string {
  return createHash('sha256').update(reference).digest('base64url')
}
