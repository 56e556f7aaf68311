import { Fault, isFault } from '../base/fault.ts'

/** Primary result codes (sqlite.org/rescode.html). */
const busy = 5
const locked = 6
const readOnly = 8
const full = 13
const cannotOpen = 14
const notDatabase = 26
/** The handle is of no more use: I/O error, corrupt, cannot open, lock protocol, not a database, read-only (moved away). */
const broken: ReadonlySet<number> = new Set([readOnly, 10, 11, cannotOpen, 15, notDatabase])

const remedies: ReadonlyMap<number, string> = new Map([
  [busy, 'another process holds its lock; try again, and look for a process that keeps a transaction open'],
  [locked, 'another process holds its lock; try again, and look for a process that keeps a transaction open'],
  [readOnly, 'the file or its folder is read-only; make both writable for this user'],
  [10, 'the disk reports an error; check the disk'],
  [11, 'the file is damaged; restore it from a backup'],
  [full, 'the disk is full; make room'],
  [cannotOpen, 'the file cannot be opened; check that its folder exists and that this user may write there'],
  [notDatabase, 'the file is not an SQLite database; choose another path or restore it from a backup'],
])

/** Where an operation was when it broke. Before `commit` it is certain that nothing was written. */
export type Phase = 'open' | 'read' | 'begin' | 'change' | 'commit'

/** SQLite's primary result code; 0 for errors of another kind. */
export function codeOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return 0
  return typeof error.errcode === 'number' ? error.errcode & 0xff : 0
}

export function isBusy(error: unknown): boolean {
  return codeOf(error) === busy
}

/** Whether the handle must be opened anew. */
export function isBroken(error: unknown): boolean {
  if (isFault(error)) return false
  return broken.has(codeOf(error)) || nameOf(error).endsWith('ERR_INVALID_STATE')
}

/** The fault that stands for an engine error. Says the code and what to do; never SQL, values or the engine's own message. */
export function faultOf(error: unknown, phase: Phase): Fault {
  if (isFault(error)) return error
  const code = codeOf(error)
  const remedy = remedies.get(code) ?? `an unexpected error (${nameOf(error)})`
  const text = `SQLite error ${code}: ${remedy}`
  if (isCertain(code, phase)) return new Fault('not_stored', `The change was not stored. ${text}.`)
  return new Fault('store_unavailable', `The session database does not answer. ${text}.`)
}

/** Class and code, which hold no values. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error ? `${error.name} ${error.code}` : error.name
}

function isCertain(code: number, phase: Phase): boolean {
  if (code === full || code === readOnly) return phase === 'change' || phase === 'commit'
  return phase === 'change' && !broken.has(code)
}
