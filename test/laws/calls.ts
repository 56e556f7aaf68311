import { second } from '../../src/base/clock.ts'
import { handstamp } from '../../src/http/auth.ts'
import { memory } from '../../src/stores/memory.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { manualClock } from '../support/manual-clock.ts'

export interface Calls {
  readonly requests: number
  /** Calls of the engine in all, but for heartbeats, for each 1,000 requests. */
  readonly perThousand: number
  /** Calls by requests whose snapshot stood. */
  readonly onChecks: number
  readonly renewals: number
  readonly byName: Readonly<Record<string, number>>
}

/** Sessions that are used every ten seconds, on an engine that many nodes share: how often is it asked? */
export async function callsPerThousand(sessions: number, rounds: number): Promise<Calls> {
  const clock = manualClock()
  const byName: Record<string, number> = {}
  const counted = intercept(memory({ clock, partitions: 16 }), {
    call: ({ name, args }, carryOut) => {
      byName[name] = (byName[name] ?? 0) + 1
      return carryOut(args)
    },
  })
  const { log } = counted
  const far = {
    partitions: log.partitions,
    heartbeat: log.heartbeat,
    followers: log.followers,
    leave: log.leave,
    askForHeartbeats: log.askForHeartbeats,
    read: log.read,
    tail: log.tail,
    local: null,
    onPoke: log.onPoke,
  }
  let beat = (): void => {}
  const heard: typeof far = {
    ...far,
    onPoke: (listener) => {
      beat = () => listener({ kind: 'heartbeat' })
      return far.onPoke(listener)
    },
  }
  const auth = handstamp({
    backend: { ...counted, log: heard },
    clock,
    secrets: 'Ca8-calls-Yq2Wn8Rk5Lm0Xc3Zt6Bd9Hf',
    present: 'token',
  })
  await auth.ready()
  const held: { access: string; refresh: string }[] = []
  for (let index = 0; index < sessions; index++) {
    const made = await auth.create({ user: `user ${index}` })
    if (!made.ok) throw new Error(made.reason)
    held.push({ access: made.value.snapshot, refresh: made.value.credential })
    clock.advance((10 * second) / sessions)
  }
  const total = (): number =>
    Object.entries(byName).reduce((sum, [name, times]) => (name === 'log.heartbeat' ? sum : sum + times), 0)
  const before = total()
  let [requests, onChecks, renewals] = [0, 0, 0]
  for (let round = 0; round < rounds; round++) {
    for (const [index, session] of held.entries()) {
      clock.advance((10 * second) / sessions)
      if (index % Math.ceil(sessions / 20) === 0) {
        const beats = auth.status()?.heartbeats ?? 0
        beat()
        while ((auth.status()?.heartbeats ?? 0) === beats) await new Promise((resolve) => setImmediate(resolve))
      }
      requests++
      const since = total()
      const answer = await auth.validate({ accessToken: session.access })
      if (answer.ok) {
        onChecks += total() - since
        continue
      }
      renewals++
      const renewed = await auth.refresh(session.refresh)
      if (!renewed.ok) throw new Error(renewed.reason)
      session.access = renewed.value.access_token
      session.refresh = renewed.value.refresh_token ?? session.refresh
    }
  }
  const perThousand = Math.round(((total() - before) / requests) * 1_000 * 100) / 100
  await auth.close()
  return { requests, perThousand, onChecks, renewals, byName }
}
