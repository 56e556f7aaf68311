import { Fault } from '../base/fault.ts'

/** At the start, an engine that does not answer is most likely not there. */
export function unreachable(fault: Fault): Fault {
  if (fault.kind !== 'store_unavailable') return fault
  return new Fault(fault.kind, `${fault.message} Check that it runs, and its URL.`)
}
