import type { Auth, Backend } from '../../../src/index.ts'
import { Fault, handstamp, memory } from '../../../src/index.ts'
import { type Gate, gate } from '../../../src/testing/gate.ts'
import { intercept } from '../../../src/testing/intercept.ts'
import { manualClock } from '../../support/manual-clock.ts'

/** What the suite may do behind an application's back. Only asynchronous and plain values, so that an application in another process can offer it: see `remote.ts`. */
export interface Control {
  /** Time goes by. */
  advance(ms: number): Promise<void>
  /** `down`: every operation of the store fails. `held`: operations wait until it is `up` again. */
  store(state: 'up' | 'down' | 'held'): Promise<void>
  /** Resolves once an operation is held. */
  held(): Promise<void>
  /** How many sessions of that user live. */
  sessionsOf(user: string): Promise<number>
  /** Resolves once a body is being sent or received. */
  busy(): Promise<void>
  /** Resolves once none is any more. */
  idle(): Promise<void>
}

/** What the application of a door is made of. */
export interface World {
  readonly auth: Auth
  readonly control: Control
  /** Counts a body that is being sent or received; call what it returns when it is over. */
  begin(): () => void
  close(): Promise<void>
}

const secret = 'Kf8-suite-2mXw0_qVtZ6rJyB4nLd9cH'

export async function createWorld(): Promise<World> {
  const clock = manualClock()
  const gated = gate(memory({ clock }))
  gated.open()
  const { backend, cut } = cuttable(gated.backend)
  const auth = handstamp({ backend, clock, secrets: secret, present: 'both', claims: { role: 'string' } })
  await auth.ready()
  const bodies = createCounter()
  const control: Control = {
    advance: async (ms) => clock.advance(ms),
    store: async (state) => {
      cut(state === 'down')
      if (state === 'held') gated.shut()
      else gated.open()
    },
    held: () => held(gated),
    sessionsOf: async (user) => (await auth.list(user)).length,
    busy: bodies.busy,
    idle: bodies.idle,
  }
  return { auth, control, begin: bodies.begin, close: () => auth.close() }
}

function cuttable(inner: Backend): { readonly backend: Backend; cut(down: boolean): void } {
  let isDown = false
  const check = (): void => {
    if (isDown) throw new Fault('store_unavailable', 'The test has cut off the store.')
  }
  const backend = intercept(inner, {
    call: async ({ args }, carryOut) => {
      check()
      return carryOut(args)
    },
    callNow: check,
  })
  return {
    backend,
    cut: (down) => {
      isDown = down
    },
  }
}

async function held(gated: Gate): Promise<void> {
  if (gated.waiting().length > 0) return
  await new Promise<void>((resolve) => {
    const stop = gated.onArrival(() => {
      stop()
      resolve()
    })
  })
}

interface Counter {
  begin(): () => void
  busy(): Promise<void>
  idle(): Promise<void>
}

function createCounter(): Counter {
  const count = { now: 0 }
  const changed: (() => void)[] = []

  function move(by: number): void {
    count.now += by
    for (const wake of changed.splice(0)) wake()
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => changed.push(resolve))
  }

  return {
    begin: () => {
      let over = false
      move(1)
      return () => {
        if (!over) move(-1)
        over = true
      }
    },
    busy: () => until(() => count.now > 0),
    idle: () => until(() => count.now === 0),
  }
}
