import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { accept, type Check, refuse } from '../base/reasons.ts'
import { readAccessToken, verifyAccessToken } from '../crypto/access-token.ts'
import { parseCredential } from '../crypto/credential.ts'
import { openSnapshot } from '../crypto/sealed-snapshot.ts'
import { partitionOfSid } from '../model/partition.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Context } from './context.ts'
import { readLive } from './read.ts'
import { copyOf, createSnapshotCache, type Verified } from './snapshot-cache.ts'

/** Checks of requests: the snapshot, this node's view, and nothing else unless the view is behind. */
export interface Checker {
  /**
   * The cookie pair. `bound`: R of this route (the policy's). `renew`: the snapshot does not stand for the session any more, the credential has to be renewed; `ask`: this node may not answer from memory. A credential that was not
   * made here is refused as it would be by a renewal.
   *
   * @throws Fault `store_unavailable`; also where this node may not answer from memory and the policy is to refuse then
   * Cost: no I/O (SQLite: one `PRAGMA data_version`).
   */
  cookies(credential: string, snapshotText: string, bound?: Millis): Check<Snapshot> | 'renew' | 'ask'
  /**
   * An access token. Cost: no I/O; a key that is not known here: one read each cool-down; a view that is behind: one read.
   *
   * @throws Fault `store_unavailable`
   */
  token(text: string, bound?: Millis): Check<Snapshot> | Promise<Check<Snapshot>>
  /** Whose access token this is, also when it has expired or the session has changed since: for ending it. Null when we did not issue it. Cost: as `token`. */
  ownerOfToken(text: string): Promise<Snapshot | null>
  /** Whether the view, as far as it can see without waiting, has nothing against a snapshot. No I/O. */
  stands(snapshot: Snapshot): boolean
  /** After `ask`: asks the record whether the sealed snapshot still stands for it. Cost: one read. */
  recheckCookie(snapshotText: string, bound?: Millis): Promise<Check<Snapshot>>
}

/** Verified snapshots kept for each presentation, in each of two generations. */
const cacheSize = 16_384

export function createChecker(context: Context): Checker {
  const sealed = createSnapshotCache(cacheSize)
  const signed = createSnapshotCache(cacheSize)

  /** Whether all that came after it is in the view: it was issued while this node has been following. */
  function isKnown(snapshot: Snapshot): boolean {
    return snapshot.issuedAt >= context.view.startedAt
  }

  /** This node may answer from memory about it. */
  function isCurrent({ vouched, snapshot }: Verified, bound: Millis | undefined): boolean {
    const { view, policy } = context
    if (view.catchUp(partitionOfSid(snapshot.sid), bound)) return vouched
    if (view.isLeased && bound !== 0 && policy.onLapse === 'refuse')
      throw new Fault('store_unavailable', 'This node has not heard from the engine for longer than R.')
    return false
  }

  function cookies(credential: string, snapshotText: string, bound?: Millis): Check<Snapshot> | 'renew' | 'ask' {
    let verified = sealed.get(snapshotText)
    if (verified?.companion !== credential) {
      // The credential first: a forged one costs one HMAC, and no more.
      const parsed = parseCredential(credential, context.ring)
      if (!parsed.ok) return parsed
      verified ??= openSealed(snapshotText) ?? undefined
      if (verified === undefined || parsed.value.sid !== verified.snapshot.sid) return 'renew'
      verified.companion = copyOf(credential)
    }
    const { snapshot } = verified
    const now = context.clock.now()
    if (now >= snapshot.expiresAt || snapshot.issuedAt > now + context.policy.leeway) return 'renew'
    const current = isCurrent(verified, bound)
    const verdict = context.view.judge(snapshot, null)
    // What this node has heard of is final, whether or not it may answer from memory now: the record may be an older one.
    if (verdict === 'revoked') return refuse('revoked')
    if (!current) return 'ask'
    if (verdict === 'stale') return 'renew'
    noteActivity(verified, now)
    return verified.accepted
  }

  function openSealed(text: string): Verified | null {
    const opened = openSnapshot(text, context.ring, context.realm)
    if (!opened.ok) return null
    return sealed.put(text, { snapshot: opened.value, kid: null, vouched: isKnown(opened.value) })
  }

  function token(text: string, bound?: Millis): Check<Snapshot> | Promise<Check<Snapshot>> {
    const verified = signed.get(text)
    if (verified !== undefined) return judgeToken(verified, bound)
    const opened = openSigned(text)
    if (opened.ok) return judgeToken(opened.value, bound)
    return opened.reason === 'unknown_key' ? tokenOfNewKey(text, bound) : opened
  }

  function openSigned(text: string): Check<Verified> {
    const { tokens, clock } = context
    const opened = verifyAccessToken(text, tokens.rules, tokens.verifying, clock.now())
    if (!opened.ok) return opened
    const { snapshot, kid } = opened.value
    return accept(signed.put(text, { snapshot, kid, vouched: isKnown(snapshot) }))
  }

  async function tokenOfNewKey(text: string, bound: Millis | undefined): Promise<Check<Snapshot>> {
    await context.tokens.reload()
    const opened = openSigned(text)
    return opened.ok ? judgeToken(opened.value, bound) : opened
  }

  async function ownerOfToken(text: string): Promise<Snapshot | null> {
    const { tokens } = context
    await tokens.settle()
    let read = readAccessToken(text, tokens.rules, tokens.verifying)
    if (!read.ok && read.reason === 'unknown_key') {
      await tokens.reload()
      read = readAccessToken(text, tokens.rules, tokens.verifying)
    }
    return read.ok ? read.value.snapshot : null
  }

  function judgeToken(verified: Verified, bound: Millis | undefined): Check<Snapshot> | Promise<Check<Snapshot>> {
    const { snapshot } = verified
    const now = context.clock.now()
    if (now >= snapshot.expiresAt) return refuse('expired_token')
    const current = isCurrent(verified, bound)
    const verdict = context.view.judge(snapshot, verified.kid)
    if (verdict === 'revoked') return refuse('revoked')
    if (!current) return recheckToken(verified, bound)
    if (verdict === 'stale') return refuse('stale_claims')
    noteActivity(verified, now)
    return verified.accepted
  }

  function noteActivity(verified: Verified, now: Millis): void {
    const { sid, idle, issuedAt } = verified.snapshot
    verified.noted = context.activity.note(sid, now, idle, issuedAt, verified.noted)
  }

  async function recheckToken(verified: Verified, bound: Millis | undefined): Promise<Check<Snapshot>> {
    await context.tokens.refresh()
    if (verified.kid !== null && !context.tokens.verifying.has(verified.kid)) return refuse('unknown_key')
    return recheck(verified, bound)
  }

  async function recheck(verified: Verified, bound: Millis | undefined): Promise<Check<Snapshot>> {
    const { snapshot } = verified
    const live = await readLive(context, snapshot.sid, { bound })
    if (!live.ok) return live
    const { record } = live.value
    if (record.sid !== snapshot.sid || record.version > snapshot.version) return refuse('stale_claims')
    verified.vouched = true
    noteActivity(verified, context.clock.now())
    return verified.accepted
  }

  async function recheckCookie(snapshotText: string, bound?: Millis): Promise<Check<Snapshot>> {
    const verified = sealed.get(snapshotText) ?? openSealed(snapshotText)
    return verified === null ? refuse('stale_claims') : recheck(verified, bound)
  }

  return { cookies, token, ownerOfToken, stands: context.view.stands, recheckCookie }
}
