import { Fault } from '../base/fault.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** What the application is told when a snapshot does not fit into what carries it: names the largest part that it chose itself, and no value. */
export function tooLarge(what: string, bytes: number, allowed: string, snapshot: Snapshot): Fault {
  const { claims, user, tenant, client } = snapshot
  const parts = Object.entries({ ...claims, user, tenant, client })
  const [largest] = parts.toSorted(([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length)
  return new Fault(
    'invalid_value',
    `The ${what} would be ${bytes} bytes, more than the ${allowed}: shorten ${largest?.[0]}, or keep it in the session's data.`,
  )
}
