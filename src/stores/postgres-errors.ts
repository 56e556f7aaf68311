import { Fault, isFault } from '../base/fault.ts'

/** What to do, by SQLSTATE (appendix A of the manual), or by its class of two characters. */
const remedies: ReadonlyMap<string, string> = new Map([
  ['25006', 'it is read-only, a replica most likely; connect to the primary (target_session_attrs=read-write)'],
  ['28', 'the name or the password is refused; check the connection string and pg_hba.conf'],
  ['3D000', 'there is no such database; create it, or check the connection string'],
  ['3F000', 'the schema is gone; restart to have it made again, or restore a backup'],
  ['42501', 'rights are missing; grant this role USAGE and CREATE on the schema, and the use of its tables'],
  ['42P01', 'a table is gone; restore a backup'],
  ['42883', 'a function is gone; restore a backup'],
  ['53100', 'the disk is full; make room'],
  ['53200', 'it is out of memory'],
  ['53300', 'it has as many connections as it may have; make the pools smaller, or put a pooler in front'],
  ['57014', 'it cancelled the query (statement_timeout)'],
  ['57P', 'it is shutting down or starting; try again'],
  ['58', 'it reports an error of the system; look at its log'],
  ['55P03', 'another transaction keeps a lock'],
  ['HS001', 'the head of the log is gone; restore a backup'],
  ['XX', 'it is damaged, or has a fault; look at its log'],
])

/** SQLSTATE: five characters, from errors that the server answered with. Null for all others, after which the connection is of no more use. */
export function stateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('severity' in error)) return null
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null
}

/** The fault that stands for an error. Says the code and what to do; never SQL, values or the server's own message. */
export function postgresFault(error: unknown, work: 'read' | 'change'): Fault {
  if (isFault(error)) return error
  const state = stateOf(error)
  if (state === 'HS002') return new Fault('not_stored', 'The session was not stored: its sid is taken.')
  if (state === null) return new Fault('store_unavailable', `The session database does not answer (${nameOf(error)}).`)
  const remedy = remedies.get(state) ?? remedies.get(state.slice(0, 3)) ?? remedies.get(state.slice(0, 2))
  const text = `Postgres error ${state}: ${remedy ?? 'look at its log'}`
  // The server has said no, and then it has taken everything back; but for a commit that it was shut down in.
  const isCertain = work === 'change' && !/^(08|57P|58|XX)/.test(state)
  if (isCertain) return new Fault('not_stored', `The change was not stored. ${text}.`)
  return new Fault('store_unavailable', `The session database does not answer. ${text}.`)
}

/** Class and code, which hold no values. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
