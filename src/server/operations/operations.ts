import type { Clock } from '../../base/clock.ts'
import type { AnyAuth } from '../../http/auth.ts'
import type { Backend } from '../../model/backend.ts'
import { createEventHub, type EventHub } from './event-hub.ts'
import { createHealth, type Health } from './health.ts'
import { createLog, type Logger, type LogLevel, logEvents } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { observedBackend } from './observed-backend.ts'
import { createSeries, type Series } from './series.ts'

/** What those who run the server look at. */
export interface Operations {
  readonly log: Logger
  readonly hub: EventHub
  readonly metrics: Metrics
  readonly health: Health
  readonly series: Series
}

/** The same before there are sessions to look at. */
export interface Watch {
  readonly log: Logger
  readonly hub: EventHub
  /** The backend, with its calls being timed. */
  observed(backend: Backend): Backend
  /** What sessions do is told to `hub.emit`. */
  over(auth: AnyAuth, backend: Backend): Operations
}

export function createWatch(level: LogLevel, clock: Clock, write?: (line: string) => void): Watch {
  const log = createLog(level, write)
  const hub = createEventHub((error) => log.error(error, 'a listener failed'))
  const metrics = createMetrics()
  let watched: AnyAuth | null = null
  const series = createSeries(hub, clock, () => watched?.status()?.leaseAge ?? null)
  logEvents(log, hub)
  return {
    log,
    hub,
    observed: (backend) =>
      observedBackend(backend, (...call) => {
        metrics.engineCall(...call)
        series.engineCall(...call)
      }),
    over: (auth, backend) => {
      watched = auth
      metrics.follow(hub, auth)
      return { log, hub, metrics, series, health: createHealth(auth, backend, clock) }
    },
  }
}
