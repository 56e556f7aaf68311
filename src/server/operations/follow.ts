import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from '../../adapters/node-entry.ts'
import { systemClock } from '../../base/clock.ts'
import type { Operations } from './operations.ts'
import { routeOf } from './routes.ts'
import { endSpan, startSpan, within } from './tracing.ts'

/**
 * Gives the answer the name of its request, and once it has left counts it, and logs it by method, path and status.
 *
 * @returns runs what answers the request as part of its span
 */
export function follow(
  { log, metrics }: Pick<Operations, 'log' | 'metrics'>,
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
): (work: () => void) => void {
  const since = systemClock.monotonic()
  const { method = '', url } = request
  const path = pathOf(url)
  const span = startSpan(request, methodOf(method), path)
  response.setHeader('X-Request-Id', requestId)
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : 499
    const took = systemClock.monotonic() - since
    endSpan(span, status)
    metrics.answered(methodOf(method), routeOf(path), status, took)
    if (log.isLevelEnabled('info')) log.info({ requestId, method, path, status, ms: Math.round(took) }, 'request')
  })
  return (work) => within(span, work)
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])

/** Few labels, whatever strangers send. */
function methodOf(method: string): string {
  return methods.has(method) ? method : 'other'
}
