import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { Fault } from '../base/fault.ts'
import type { Backend } from '../model/backend.ts'
import { intercept } from './intercept.ts'

/** An operation that is held. */
export interface Pending {
  /** Order of arrival. */
  readonly id: number
  /** e.g. `store.kill` */
  readonly name: string
  readonly args: readonly unknown[]
  /** `before` it is carried out, or `after`, before its answer is delivered. */
  readonly phase: 'before' | 'after'
  /** The flow that it belongs to; '' outside of any. */
  readonly flow: string
}

export interface Gate {
  readonly backend: Backend
  /** What is held now, by arrival. */
  waiting(): readonly Pending[]
  /** Lets one go on to its next phase, in which it is held again. */
  release(pending: Pending): void
  /** Lets everything through, what is held and what comes. */
  open(): void
  /** Holds what comes. So it begins. */
  shut(): void
  /** Calls back whenever something is held. Returns how to stop. */
  onArrival(listener: (pending: Pending) => void): () => void
  /** Everything that starts inside belongs to that flow. */
  flow<T>(name: string, run: () => Promise<T>): Promise<T>
  /** Until nothing moves any more without a release. */
  settle(): Promise<void>
  /** The next operation of that name fails: without having been carried out, or although it was. `local.since` too (`before` only). */
  fail(name: string, when: 'before' | 'after', fault?: Fault): void
  /** How many operations have come, by name. */
  counts(): ReadonlyMap<string, number>
}

interface Held {
  readonly pending: Pending
  readonly resume: () => void
}

/** How many turns of the event loop a flow may take between two operations. */
const turns = 5

/** Holds every operation of a backend twice, so that a test decides in which order flows overlap. Begins shut. */
export function gate(inner: Backend): Gate {
  const held = new Map<Pending, Held>()
  const listeners = new Set<(pending: Pending) => void>()
  const failures: { readonly name: string; readonly when: 'before' | 'after'; readonly fault: Fault }[] = []
  const counts = new Map<string, number>()
  const flows = new AsyncLocalStorage<string>()
  let isOpen = false
  let arrivals = 0

  function hold(name: string, args: readonly unknown[], phase: 'before' | 'after'): Promise<void> | undefined {
    if (isOpen) return undefined
    const pending: Pending = { id: ++arrivals, name, args, phase, flow: flows.getStore() ?? '' }
    const waited = new Promise<void>((resume) => held.set(pending, { pending, resume }))
    for (const listener of listeners) listener(pending)
    return waited
  }

  function failIfDue(name: string, when: 'before' | 'after'): void {
    const index = failures.findIndex((failure) => failure.name === name && failure.when === when)
    if (index >= 0) throw failures.splice(index, 1)[0]?.fault
  }

  function release(pending: Pending): void {
    const found = held.get(pending)
    if (found === undefined) throw new Error(`${pending.name} is not held`)
    held.delete(pending)
    found.resume()
  }

  function note(name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }

  const backend = intercept(inner, {
    call: async ({ name, args }, carryOut) => {
      note(name)
      await hold(name, args, 'before')
      failIfDue(name, 'before')
      const answer = await settled(carryOut(args))
      await hold(name, args, 'after')
      failIfDue(name, 'after')
      return answer()
    },
    callNow: ({ name }) => {
      note(name)
      failIfDue(name, 'before')
    },
  })
  return {
    backend,
    waiting: () => [...held.keys()],
    release,
    open: () => {
      isOpen = true
      for (const pending of [...held.keys()]) release(pending)
    },
    shut: () => {
      isOpen = false
    },
    onArrival: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    flow: (name, run) => flows.run(name, run),
    settle,
    fail: (name, when, fault = new Fault('store_unavailable', 'The test has cut off the store.')) => {
      failures.push({ name, when, fault })
    },
    counts: () => counts,
  }
}

/** The answer, or the failure, to be given later. */
async function settled(promise: Promise<unknown>): Promise<() => unknown> {
  try {
    const value = await promise
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate()
}

export type Flows = Readonly<Record<string, () => Promise<unknown>>>

/**
 * Starts the flows and releases their operations in this order: each name lets that flow go one phase on (a flow that is not held is passed over). What is left in
 * the end runs freely.
 *
 * @returns how each flow ended, by name
 */
export async function play(
  gated: Gate,
  flows: Flows,
  order: readonly string[],
): Promise<ReadonlyMap<string, PromiseSettledResult<unknown>>> {
  const names = Object.keys(flows)
  gated.shut()
  const running = Promise.allSettled(names.map((name) => gated.flow(name, flows[name] as () => Promise<unknown>)))
  await gated.settle()
  for (const name of order) {
    const next = gated.waiting().find((pending) => pending.flow === name)
    if (next === undefined) continue
    gated.release(next)
    await gated.settle()
  }
  gated.open()
  const results = await running
  return new Map(names.map((name, index) => [name, results[index] as PromiseSettledResult<unknown>]))
}

/**
 * All orders in which flows of so many steps can be interleaved, each flow's own steps in order: `{ a: 2, b: 1 }` gives aab, aba, baa. An operation is two steps (its
 * phases).
 */
export function interleavings(steps: Readonly<Record<string, number>>): readonly (readonly string[])[] {
  const left = Object.entries(steps).filter(([, count]) => count > 0)
  if (left.length === 0) return [[]]
  return left.flatMap(([name, count]) =>
    interleavings({ ...steps, [name]: count - 1 }).map((order) => [name, ...order]),
  )
}
