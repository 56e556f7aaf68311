import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Millis, second } from '../../base/clock.ts'
import type { AnyAuth } from '../../http/auth.ts'
import type { EventHub, ServerEvent } from './event-hub.ts'
import type { ObserveCall } from './observed-backend.ts'

/** What the server counts, in the text format of Prometheus. No label holds a user, an address or a session. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  readonly engineCall: ObserveCall
  answered(method: string, route: string, status: number, took: Millis): void
  verified(status: number): void
  /** Counts what this hub tells, and reads how this node follows its engine each time it is asked. */
  follow(hub: EventHub, auth: AnyAuth): void
}

const engineBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `handstamp_${name}`, help, labelNames, registers })
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ) => new Histogram({ name: `handstamp_${name}`, help, labelNames, buckets, registers })
  const engine = histogram('engine_call_seconds', 'Calls of the engine', ['call', 'outcome'], engineBuckets)
  const http = histogram(
    'http_request_seconds',
    'Requests to the server',
    ['method', 'route', 'status'],
    [...engineBuckets, 5],
  )
  const verifications = counter('verify_total', 'Questions of proxies, by status', ['status'])
  const byStatus = new Map<number, Counter.Internal>()
  const counters = {
    started: counter('sessions_started_total', 'Sessions that began on this node', ['presentation']),
    renewed: counter('sessions_renewed_total', 'Renewals on this node', ['how']),
    ended: counter('sessions_ended_total', 'Sessions that this node ended one by one', ['cause']),
    revocations: counter('revocations_total', 'Ends of all sessions of a user, a tenant or everyone', [
      'scope',
      'cause',
    ]),
    reuse: counter('reuse_alarms_total', 'Credentials that came back after they were replaced: an alarm'),
    reported: counter('sessions_reported_total', 'Sessions that their user says are not theirs: an alarm'),
    logins: counter('logins_total', 'Passwords judged, by result', ['result']),
    trouble: counter('engine_trouble_total', 'Work beside the requests that failed', ['work']),
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    engineCall: (call, took, ok) => engine.observe({ call, outcome: ok ? 'ok' : 'failed' }, took / second),
    answered: (method, route, status, took) => http.observe({ method, route, status: String(status) }, took / second),
    verified: (status) => {
      let child = byStatus.get(status)
      if (child === undefined) {
        child = verifications.labels(String(status))
        byStatus.set(status, child)
      }
      child.inc()
    },
    follow: (hub, auth) => {
      hub.listen((event) => count(counters, event))
      watchNode(registry, auth)
    },
  }
}

type Counters = Readonly<
  Record<'started' | 'renewed' | 'ended' | 'revocations' | 'reuse' | 'reported' | 'logins' | 'trouble', Counter>
>

function count(counters: Counters, event: ServerEvent): void {
  switch (event.kind) {
    case 'session.created':
      counters.started.inc({ presentation: event.presentation })
      break
    case 'session.renewed':
      counters.renewed.inc({ how: event.how })
      break
    case 'session.ended':
      counters.ended.inc({ cause: event.cause })
      break
    case 'sessions.ended':
      counters.revocations.inc({ scope: event.scope.kind, cause: event.cause })
      break
    case 'session.reuse':
      counters.reuse.inc()
      break
    case 'session.reported':
      counters.reported.inc()
      break
    case 'login.judged':
      counters.logins.inc({ result: event.result })
      break
    case 'engine.trouble':
      counters.trouble.inc({ work: event.work })
      break
  }
}

/** How well this node follows its engine, read when somebody asks. */
function watchNode(registry: Registry, auth: AnyAuth): void {
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name: `handstamp_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  const status = auth.status
  gauge('node_current', '1 while this node may answer from memory', () => Number(status()?.isCurrent ?? false))
  gauge(
    'lease_age_seconds',
    'Age of the oldest lease; 0 where none is needed',
    () => (status()?.leaseAge ?? 0) / second,
  )
  gauge('lease_lapses', 'How often the lease of this node ran out', () => status()?.lapses ?? 0)
  gauge('heartbeats', 'Heartbeats to the engine', () => status()?.heartbeats ?? 0)
  gauge('heartbeats_failed', 'Heartbeats that got no answer', () => status()?.failedHeartbeats ?? 0)
  gauge('log_adoptions', 'How often the log had another history', () => status()?.adoptions ?? 0)
  gauge('log_reasserted', 'Revocations that the engine had lost and was told again', () => status()?.reasserted ?? 0)
  gauge('revocations_remembered', 'Revocations in memory', () => status()?.remembered ?? 0)
}
