/**
 * The rotation table of the long-lived credential, cookie and refresh token alike. Pure: numbers in, verdict out.
 *
 * The caller has already checked the credential's tag and that the family is live; whoever gets `advance` must
 * compare-and-set `to` against the record that was read. `test/model/rotation-model.ts` searches this exhaustively.
 *
 * @see protocol, section 5
 */

/** The rotation part of a record: constant in size, whatever the family lives through. */
export interface Rotation {
  /** The newest counter issued, from 1. */
  readonly cur: number
  /** The counter that `cur` replaced; 0 = none. */
  readonly par: number
  /** At most two older counters that requests still on their way may carry; 0 = none. */
  readonly grace: readonly number[]
  /** Forks since the last rotation. */
  readonly forks: number
  /** When `cur` was issued: milliseconds on the store's clock. */
  readonly at: number
}

/** The times the table is drawn with, in milliseconds, and its one limit. */
export interface RotationTiming {
  /** G: how long after a change an older counter still receives the successor. */
  readonly grace: number
  /**
   * D: how long an honest request may be under way; the quiet zone ends at G + 2D. In cookie mode that must also hold
   * the handler: if heads may carry Set-Cookie up to H after the operation and the network takes up to d, H + 2d <= 2D.
   */
  readonly transit: number
  /** U: the longest upload the operator allows + G + 2D. */
  readonly upload: number
  /** F_max: forks in a row before the user must sign in again. Bound credentials have no such limit. */
  readonly maxForks: number
}

/** One presentation of a credential whose tag was found valid. */
export interface Presentation {
  readonly counter: number
  /** `token` = the token endpoint; `cookie` = renewal in passing, at the head of any request. */
  readonly carrier: 'cookie' | 'token'
  /** The request carries a body, so a proxy may have held it. Matters for cookies only. */
  readonly hasBody: boolean
  /** A valid DPoP or DBSC proof came with it. */
  readonly bound: boolean
  /** The store's clock, milliseconds. */
  readonly now: number
}

/** What to do with a presentation. Only `advance` changes the rotation; only `reuse` ends the family. */
export type RotationVerdict =
  /** Answer with `cur`, the same bytes as before, and a new snapshot. */
  | { readonly kind: 'current' }
  /** Admit this request from the record just read. Cookie: no Set-Cookie. Token: access token, no refresh token. */
  | { readonly kind: 'admit' }
  /** Token endpoint: 409, the client re-reads its store of tokens. */
  | { readonly kind: 'retry' }
  /** Write `to`, then answer with its `cur` and a new snapshot. */
  | { readonly kind: 'advance'; readonly to: Rotation; readonly how: 'rotate' | 'fork' | 'adopt' }
  /** 401 for this request only. */
  | { readonly kind: 'refuse' }
  /** 401, the user signs in again; the family stays as it is. */
  | { readonly kind: 'reauthenticate' }
  /** Kill the family: two parties hold it. */
  | { readonly kind: 'reuse' }

/** The rotation of a new family: counter 1, no parent. */
export function firstRotation(now: number): Rotation {
  return { cur: 1, par: 0, grace: [], forks: 0, at: now }
}

/** What the newest counter is replaced by. */
export function nextRotation({ cur, par }: Pick<Rotation, 'cur' | 'par'>, at: number): Rotation {
  return { cur: cur + 1, par: cur, grace: [par, cur], forks: 0, at }
}

/**
 * Decides one presentation by the table of section 5.
 *
 * Does not check tags, expiry or whether the family lives, and keeps nothing: an equal request has an equal answer.
 * Without a rollback of the store, two changes of one family are always more than G + 2D apart. A clock that went
 * backwards counts as age 0.
 *
 * A bound credential is never `reuse`: with a valid proof every earlier counter is treated as the parent, forks without
 * limit.
 *
 * @param state the record just read
 * @param presented the credential's counter and how it came
 * @param timing milliseconds; `upload` at least `grace + 2 * transit`
 * @returns the verdict; `reuse` never for a cookie request with a body, `retry` only for tokens, `refuse` only for such
 *   requests and for a counter that was never issued with a valid proof
 */
export function decideRotation(state: Rotation, presented: Presentation, timing: RotationTiming): RotationVerdict {
  const age = Math.max(0, presented.now - state.at)
  if (presented.counter > state.cur) return adopt(state, presented)
  if (presented.counter === state.cur) return decideNewest(state, presented, age, timing)
  if (mayBeLate(state, presented)) return decideLate(state, presented, age, timing)
  return presented.bound || isUpload(presented) ? { kind: 'refuse' } : { kind: 'reuse' }
}

function decideNewest(state: Rotation, presented: Presentation, age: number, timing: RotationTiming): RotationVerdict {
  if (age <= timing.grace) return { kind: 'current' }
  if (age <= quietEnd(timing)) return { kind: 'admit' }
  return { kind: 'advance', to: nextRotation(state, presented.now), how: 'rotate' }
}

function decideLate(state: Rotation, presented: Presentation, age: number, timing: RotationTiming): RotationVerdict {
  const upload = isUpload(presented)
  if (age <= timing.grace) return { kind: 'current' }
  if (age <= (upload ? timing.upload : quietEnd(timing))) {
    return { kind: presented.carrier === 'token' ? 'retry' : 'admit' }
  }
  if (presented.bound) return fork(state, presented)
  if (presented.counter !== state.par) return { kind: upload ? 'refuse' : 'reuse' }
  return state.forks >= timing.maxForks ? { kind: 'reauthenticate' } : fork(state, presented)
}

/** The old `cur` dies at once: whoever holds it is found out at its next use. */
function fork(state: Rotation, presented: Presentation): RotationVerdict {
  const to = { cur: state.cur + 1, par: state.par, grace: [], forks: state.forks + 1, at: presented.now }
  return { kind: 'advance', to, how: 'fork' }
}

/**
 * A counter beyond `cur` carries a valid tag, so it was issued and the store has lost the change: join by maximum.
 *
 * Older requests of the same client may still be on their way, and `grace` is what keeps them from looking like a
 * thief's. Without the rollback they could carry only what the lost record would have had as parent and grandparent.
 * One change lost (a failover): the counter is `cur + 1`, and both a rotation and a fork leave exactly `par` and `cur`.
 * More lost (a restored backup): the changes themselves are gone, and the two counters just below are the parent and
 * grandparent unless replies were lost as well.
 */
function adopt(state: Rotation, presented: Presentation): RotationVerdict {
  const k = presented.counter
  const grace = k === state.cur + 1 ? [state.par, state.cur] : [k - 2, k - 1]
  return { kind: 'advance', to: { cur: k + 1, par: k, grace, forks: 0, at: presented.now }, how: 'adopt' }
}

/** Par, or in grace; with a proof any earlier counter. Zero stands for "none" and never matches. */
function mayBeLate(state: Rotation, presented: Presentation): boolean {
  const k = presented.counter
  return k >= 1 && (presented.bound || k === state.par || state.grace.includes(k))
}

function isUpload(presented: Presentation): boolean {
  return presented.carrier === 'cookie' && presented.hasBody
}

function quietEnd(timing: RotationTiming): number {
  return timing.grace + 2 * timing.transit
}
