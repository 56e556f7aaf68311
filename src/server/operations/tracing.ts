import type { IncomingMessage } from 'node:http'
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
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

/** @param status 499: the client went away before the answer had left */
export function endSpan(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status)
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
