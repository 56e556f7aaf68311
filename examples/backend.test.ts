// An engine of your own, and its tests: `npm run test:only examples/backend.test.ts`. This one keeps everything in another place of the same process, and talks to it by messages as one would over a network.
import { type Backend, type Clock, Fault, memory } from 'handstamp'
import { backendContract, backendFaults, backendRaces, intercept, manualClock } from 'handstamp/testing'

interface Options {
  readonly place: Backend
  readonly deadline?: number
}

/** Whether the place answers at all. */
const line = { isCut: false }

/** Everything goes through one function, which is the only one that knows how to reach the place. */
function messageEngine({ place, deadline = 2000 }: Options): Backend {
  const far = intercept(place, {
    call: async ({ args }, carryOut) => {
      const copy = structuredClone(args)
      if (line.isCut) return late(deadline)
      await new Promise((resolve) => setImmediate(resolve))
      return carryOut(copy)
    },
  })
  // What is far cannot be seen without waiting: nodes follow its log.
  const { partitions, heartbeat, followers, leave, askForHeartbeats, read, tail, onPoke } = far.log
  const log = { partitions, heartbeat, followers, leave, askForHeartbeats, read, tail, onPoke, local: null }
  return { ...far, name: 'messages', log }
}

/** Nothing arrives: the caller is told so in time. */
function late(deadline: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fault = new Fault('store_unavailable', 'The place did not answer in time.')
    setTimeout(() => reject(fault), deadline)
  })
}

function newPlace(clock?: Clock): Backend {
  return memory({ partitions: 4, ...(clock && { clock }) })
}

// region readme
// Every law, one test each: an empty backend for each of them, going by the clock that it is given.
backendContract('messages', async () => {
  const clock = manualClock()
  return { backend: messageEngine({ place: newPlace(clock) }), clock }
})

// A few thousand operations of 64 flows over several connections, judged by what was acknowledged.
backendRaces('messages', async () => {
  const place = newPlace()
  return [messageEngine({ place }), messageEngine({ place })]
})

// The engine is put out of reach: every operation is a Fault within its deadline, and everything works again afterwards.
backendFaults('messages', async () => ({
  backend: messageEngine({ place: newPlace(), deadline: 200 }),
  interrupt: () => {
    line.isCut = true
  },
  resume: () => {
    line.isCut = false
  },
  deadline: 200,
}))
// endregion
