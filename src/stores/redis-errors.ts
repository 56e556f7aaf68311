import { Fault, isFault } from '../base/fault.ts'

/** What to do, by the code that an error of the server begins with. */
const remedies: ReadonlyMap<string, string> = new Map([
  ['READONLY', 'it is a read-only replica; connect to the primary'],
  ['OOM', 'its memory is used up (maxmemory); give it more, and leave maxmemory-policy at noeviction'],
  ['MISCONF', 'it cannot write to its disk; make room, and look at its log'],
  ['NOAUTH', 'it asks for a password; check the URL'],
  ['WRONGPASS', 'the name or the password is refused; check the URL'],
  ['NOPERM', 'rights are missing; allow this user the commands and keys (ACL SETUSER … ~hs:* &hs:* +@all)'],
  ['LOADING', 'it is still loading its data; try again'],
  ['MASTERDOWN', 'it has lost its primary; try again'],
  ['NOREPLICAS', 'it has too few replicas to write (min-replicas-to-write)'],
  ['BUSY', 'a script of another application is running'],
  ['CROSSSLOT', 'it is a cluster; use a single primary'],
  ['WRONGTYPE', 'a key of another application has our name; choose another prefix'],
])

/** The code of an error that the server answered with; null for all others. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const [code = ''] = error.message.split(' ', 1)
  const isReply = /^[A-Z][A-Z0-9]{2,}$/.test(code)
  return isReply && !('code' in error && typeof error.code === 'string' && error.code.startsWith('E')) ? code : null
}

/** The fault that stands for an error. Says the code and what to do; never keys, values or the server's own message. */
export function redisFault(error: unknown, work: 'read' | 'change'): Fault {
  if (isFault(error)) return error
  const code = codeOf(error)
  if (code === null) return new Fault('store_unavailable', `The session database does not answer (${nameOf(error)}).`)
  const text = `Redis error ${code}: ${remedies.get(code) ?? 'look at its log'}`
  if (work === 'change') return new Fault('not_stored', `The change was not stored. ${text}.`)
  return new Fault('store_unavailable', `The session database does not answer. ${text}.`)
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
