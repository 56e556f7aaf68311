import { toUtf8 } from '../base/bytes.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { KeyRing } from './keyring.ts'
import { open, seal } from './seal.ts'
import { tooLarge } from './too-large.ts'

/** A snapshot opens only where it was sealed: `realm` names the store. */
function contextOf(realm: string): string {
  return `handstamp snapshot 1 ${realm}`
}

/** Longest sealed snapshot: what fits into a cookie beside the longest name that can be configured (RFC 6265bis 5.6). */
const longest = 4096 - 32

/**
 * Seals a snapshot for the snapshot cookie. Nothing in the text is readable.
 *
 * @throws Fault `invalid_value` naming the largest claim when no cookie could hold it
 * Cost: one HMAC, one AES-GCM.
 */
export function sealSnapshot(snapshot: Snapshot, ring: KeyRing, realm: string): string {
  const { user, tenant, everyone } = snapshot.generations
  const fields = [
    snapshot.sid,
    snapshot.user,
    snapshot.tenant,
    user,
    tenant,
    everyone,
    snapshot.version,
    snapshot.issuedAt,
    snapshot.expiresAt,
    snapshot.idle,
    snapshot.endsAt,
    snapshot.level,
    snapshot.authenticatedAt,
    snapshot.client,
    snapshot.boundTo,
    snapshot.claims,
  ]
  const text = seal(toUtf8(JSON.stringify(fields)), 'snapshot', contextOf(realm), ring)
  if (text.length > longest) throw tooLarge('snapshot cookie', text.length, `${longest} that fit`, snapshot)
  return text
}

/**
 * Opens a sealed snapshot. Does NOT check expiry or revocation.
 *
 * @returns or refuses: `oversized_credential`, `malformed_credential`, `unknown_key`, `forged_credential`
 * Cost: one HMAC, one AES-GCM, no I/O.
 */
export function openSnapshot(text: string, ring: KeyRing, realm: string): Check<Snapshot> {
  if (text.length > longest) return refuse('oversized_credential')
  const opened = open(text, 'snapshot', contextOf(realm), ring)
  if (!opened.ok) return refuse(flaws[opened.flaw])
  // What opens was sealed by us, in this form.
  const [sid, user, tenant, genUser, genTenant, genEveryone, version, issuedAt, expiresAt, idle, endsAt, ...rest] =
    JSON.parse(opened.plain.toString())
  const [level, authenticatedAt, client, boundTo, claims] = rest
  const generations = { user: genUser, tenant: genTenant, everyone: genEveryone }
  const times = { issuedAt, expiresAt, idle, endsAt, authenticatedAt }
  return accept({
    sid,
    user,
    tenant,
    generations,
    version,
    ...times,
    level,
    client,
    boundTo,
    claims,
    presentation: 'cookie',
  })
}

const flaws = { malformed: 'malformed_credential', unknown_key: 'unknown_key', forged: 'forged_credential' } as const
