import { setTimeout } from 'node:timers/promises'
import type { Millis } from '../base/clock.ts'
import { randomBytes } from '../crypto/random.ts'
import type { Policy } from '../model/policy.ts'
import { partitionOfRevocation } from '../model/revocation.ts'
import type { Store } from '../model/store.ts'
import { type Picture, rememberedIn } from './picture.ts'
import { rememberUntil } from './remember.ts'

/** All nodes find out at once: the first one tells the store, the others find it told. */
const mostJitter: Millis = 50
const atOnce = 8

/**
 * Tells the store again what this node remembers of a partition and the store may have lost: after a fail-over, or where it was restored from an older copy (R4). Ended stays ended, and
 * generations join by their maximum, so it may be repeated by any node in any order.
 *
 * @returns how many the store had lost
 * @throws Fault `store_unavailable`
 * Cost: one write for each.
 */
export async function heal(
  store: Store,
  picture: Picture,
  partition: number,
  now: Millis,
  policy: Policy,
): Promise<number> {
  const remembered = rememberedIn(picture, now, rememberUntil({ policy }, now))
  const own = remembered.filter((revocation) => partitionOfRevocation(revocation, store.partitions) === partition)
  if (own.length === 0) return 0
  await setTimeout((randomBytes(1).readUInt8() / 256) * mostJitter)
  let told = 0
  for (let from = 0; from < own.length; from += atOnce) {
    const answers = await Promise.all(own.slice(from, from + atOnce).map((one) => store.reassert(one)))
    told += answers.filter(Boolean).length
  }
  return told
}
