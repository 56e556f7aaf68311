import { randomInt } from 'node:crypto'
import { type Clock, type Millis, second } from '../../base/clock.ts'
import type { EventHub, ServerEvent } from './event-hub.ts'
import type { ObserveCall } from './observed-backend.ts'

/** What happened on this node in ten seconds. */
export interface Sample {
  /** When they began. */
  readonly at: Millis
  readonly logins: number
  readonly failures: number
  readonly started: number
  readonly renewals: number
  /** Ends one by one and of many at once, by cause. */
  readonly ended: Readonly<Record<string, number>>
  /** Credentials that came back after they were replaced, and sessions that their users do not know. */
  readonly alarms: number
  readonly engineCalls: number
  /** Latency of engine calls, in ms; null where there were none. */
  readonly engineMedian: number | null
  readonly engineP99: number | null
  /** The oldest that the lease was at a heartbeat, in ms; null where none is needed. */
  readonly leaseAge: Millis | null
  /** Sessions that lived on all nodes, where somebody had them counted. */
  readonly active: number | null
}

export const sampleEvery: Millis = 10 * second
/** An hour. */
const mostSamples = 360
/** Latencies kept for the quantiles of one sample; of more, a random part. */
const mostLatencies = 512

/** The last hour of this node, ten seconds at a time. In memory, and gone with it. */
export interface Series {
  readonly engineCall: ObserveCall
  counted(active: number): void
  /** The oldest first, the present one last. */
  samples(): readonly Sample[]
}

interface Open {
  at: Millis
  logins: number
  failures: number
  started: number
  renewals: number
  ended: Record<string, number>
  alarms: number
  engineCalls: number
  latencies: number[]
  leaseAge: Millis | null
  active: number | null
}

/** @param leaseAge of this node, in ms; null where it needs none */
export function createSeries(hub: EventHub, clock: Clock, leaseAge: () => Millis | null): Series {
  const closed: Sample[] = []
  let open = emptyAt(startOf(clock.now()))

  /** The present sample, after closing those that are over. */
  function present(): Open {
    const start = startOf(clock.now())
    if (start === open.at) return open
    closed.push(sampleOf(open))
    const missed = Math.min(mostSamples, Math.max(0, (start - open.at) / sampleEvery - 1))
    for (let back = missed; back > 0; back--) closed.push(sampleOf(emptyAt(start - back * sampleEvery)))
    closed.splice(0, Math.max(0, closed.length - mostSamples + 1))
    open = emptyAt(start)
    return open
  }

  hub.listen((event) => count(present(), event))
  return {
    engineCall: (name, took) => {
      const sample = present()
      sample.engineCalls++
      keep(sample, took)
      if (name !== 'log.heartbeat') return
      const age = leaseAge()
      if (age !== null) sample.leaseAge = Math.max(age, sample.leaseAge ?? 0)
    },
    counted: (active) => {
      present().active = active
    },
    samples: () => {
      const last = present()
      return [...closed, sampleOf(last)]
    },
  }
}

function startOf(now: Millis): Millis {
  return Math.floor(now / sampleEvery) * sampleEvery
}

function emptyAt(at: Millis): Open {
  const counts = { logins: 0, failures: 0, started: 0, renewals: 0, alarms: 0, engineCalls: 0 }
  return { at, ...counts, ended: {}, latencies: [], leaseAge: null, active: null }
}

function count(sample: Open, event: ServerEvent): void {
  switch (event.kind) {
    case 'login.judged':
      if (event.result === 'ok') sample.logins++
      else sample.failures++
      break
    case 'session.created':
      sample.started++
      break
    case 'session.renewed':
      sample.renewals++
      break
    case 'session.ended':
    case 'sessions.ended':
      sample.ended[event.cause] = (sample.ended[event.cause] ?? 0) + 1
      break
    case 'session.reuse':
    case 'session.reported':
      sample.alarms++
      break
  }
}

/** Every latency has the same chance to be kept. */
function keep({ latencies, engineCalls }: Open, took: Millis): void {
  const place = engineCalls <= mostLatencies ? engineCalls - 1 : randomInt(engineCalls)
  if (place < mostLatencies) latencies[place] = took
}

function sampleOf({ latencies, ...counts }: Open): Sample {
  const sorted = latencies.toSorted((a, b) => a - b)
  return { ...counts, ended: { ...counts.ended }, engineMedian: at(sorted, 0.5), engineP99: at(sorted, 0.99) }
}

function at(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return value === undefined ? null : Math.round(value * 1000) / 1000
}
