import { toSeconds } from '../base/clock.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** What an application behind a proxy learns of who asks. Always all of them, empty for nobody, so that none of a client's own ever arrives. */
export const identityHeaders = [
  'X-Auth-User',
  'X-Auth-Name',
  'X-Auth-Role',
  'X-Auth-Session',
  'X-Auth-Level',
  'X-Auth-Time',
] as const

/** Names and values in turn. */
export type FlatHeaders = readonly string[]

const nobody: FlatHeaders = Object.freeze(identityHeaders.flatMap((name) => [name, '']))

/**
 * The headers for this session: the stable id of the user, the name that people use, role, public handle of the session, level, and when the user signed in (seconds
 * since the epoch). Everything but printable ASCII, and `%`, is percent-encoded UTF-8.
 */
export function identityOf(snapshot: Snapshot | null): FlatHeaders {
  if (snapshot === null || snapshot.user === null) return nobody
  const { user, claims, sid, level, authenticatedAt } = snapshot
  const name = textOf(claims.preferred_username) || user
  const values = [user, name, textOf(claims.role), sid, String(level), String(toSeconds(authenticatedAt ?? 0))]
  const flat = Object.freeze(identityHeaders.flatMap((header, index) => [header, headerText(values[index] ?? '')]))
  return flat
}

function textOf(claim: unknown): string {
  return typeof claim === 'string' ? claim : ''
}

/** Nothing to encode: what nearly all of them are. */
const isPlain = /^[\x21-\x24\x26-\x7e]*$/

function headerText(text: string): string {
  return isPlain.test(text) ? text : text.toWellFormed().replace(/[^\x21-\x24\x26-\x7e]+/gu, encodeURIComponent)
}
