import { setTimeout } from 'node:timers/promises'
import type { Clock, Millis } from '../base/clock.ts'
import type { RevocationLog } from '../model/log.ts'
import { clockDrift } from './leases.ts'

const firstPause: Millis = 2
const longestPause: Millis = 50

/**
 * Waits until every node has applied what the log holds now, or may not answer from memory any more: its last heartbeat is older than its lease. A node that dies is waited for no longer than
 * its lease, at most R.
 *
 * @throws Fault `store_unavailable`: then it is not known
 * @see protocol section 2, I2
 */
export async function allApplied(log: RevocationLog, partition: number, clock: Clock): Promise<void> {
  const { heads } = await log.heartbeat('', [])
  const since = clock.monotonic()
  const wanted = heads[partition]?.seq ?? 0
  // A hint, which may be lost: then the next heartbeats tell.
  await log.askForHeartbeats().catch(() => {})
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 1.5)) {
    const { nodes } = await log.followers()
    const behind = nodes.filter(({ applied }) => (applied[partition] ?? 0) < wanted)
    const longest = Math.max(0, ...behind.map(({ lease }) => lease))
    // A lease that began after that needs the entry; so one that goes on with its heartbeats and cannot read is not waited for either.
    if (behind.length === 0 || clock.monotonic() - since > longest * (1 + 2 * clockDrift) + 1) return
    await setTimeout(pause)
  }
}
