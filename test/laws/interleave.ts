import { setImmediate } from 'node:timers/promises'
import type { Gate, Pending } from '../../src/testing/gate.ts'

/** Chooses one of so many possibilities. */
export type Choose = (possibilities: number) => number

/**
 * Runs a trial once for every way in which its choices can fall: depth first, each run from the start.
 *
 * @returns how many runs that took
 */
export async function everyChoice(trial: (choose: Choose) => Promise<void>): Promise<number> {
  const path: { chosen: number; of: number }[] = []
  for (let runs = 1; ; runs++) {
    let depth = 0
    await trial((possibilities) => {
      const known = path[depth]
      const turn = { chosen: Math.min(known?.chosen ?? 0, possibilities - 1), of: possibilities }
      path[depth] = turn
      depth += 1
      return turn.chosen
    })
    path.length = depth
    while (path.length > 0 && lastOf(path).chosen + 1 >= lastOf(path).of) path.pop()
    if (path.length === 0) return runs
    lastOf(path).chosen += 1
  }
}

function lastOf<T>(list: readonly T[]): T {
  return list.at(-1) as T
}

/** How far requests have come, by flow. */
export interface Progress {
  entered(flow: string): boolean
  left(flow: string): boolean
}

/** Turns of the event loop after which a request that is neither held nor answered waits for another one. */
const patience = 40
/** Polls of the network before a request counts as hung. */
const mostPolls = 200_000

/**
 * Lets held operations go on one at a time until all flows have been answered; whenever several flows are held, `choose` decides which of them moves.
 *
 * @returns the order in which they moved
 */
export async function release(
  gate: Gate,
  progress: Progress,
  flows: readonly string[],
  choose: Choose,
): Promise<string> {
  const order: string[] = []
  const heldOf = (flow: string): Pending | undefined => gate.waiting().find((pending) => pending.flow === flow)
  const rests = (flow: string): boolean => progress.left(flow) || heldOf(flow) !== undefined
  await until(() => flows.every((flow) => progress.entered(flow)))
  for (;;) {
    for (let turn = 0; turn < patience && !flows.every(rests); turn++) await setImmediate()
    await until(() => flows.every(progress.left) || flows.some((flow) => heldOf(flow) !== undefined))
    const held = flows.map(heldOf).filter((pending) => pending !== undefined)
    if (held.length === 0) return order.join(' ')
    const next = held[held.length === 1 ? 0 : choose(held.length)] as Pending
    order.push(`${next.flow}:${next.name}:${next.phase}`)
    gate.release(next)
    await setImmediate()
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let poll = 0; !holds(); poll++) {
    if (poll > mostPolls) throw new Error('a request has hung')
    await setImmediate()
  }
}
