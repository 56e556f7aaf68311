import type { IncomingMessage } from 'node:http'
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Millis } from '../../base/clock.ts'
import { routeOf } from './routes.ts'

/**
 * A span for a request, by the semantic conventions for HTTP servers; it belongs to the trace that the request names (`traceparent`). Nothing is measured unless the
 * process has set up an OpenTelemetry SDK.
 *
 * Holds the route, never a query, a header, a user or a credential.
 */
export function startSpan(request: IncomingMessage, method: string, path: string): Span {
  const parent = propagation.extract(context.active(), request.headers)
  const route = routeOf(path)
  const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': 'http' }
  return trace.getTracer('handstamp').startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent)
}

/** What is done within runs as part of the span, where an SDK keeps track of that. */
export function within<T>(span: Span, work: () => T): T {
  return context.with(trace.setSpan(context.active(), span), work)
}

/**
 * A span for a call of the engine, within the request that asked for it: e.g. `store.find`. Holds no argument and no answer.
 *
 * @param startTime on the machine's clock
 */
export function startCall(name: string, startTime: Millis): Span {
  const attributes = { 'db.operation.name': name }
  const options = { kind: SpanKind.CLIENT, attributes, startTime }
  return trace.getTracer('handstamp').startSpan(name, options, context.active())
}

export function endCall(span: Span, ok: boolean): void {
  if (!ok) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

/** @param status 499: the client went away before the answer had left */
export function endSpan(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status)
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
