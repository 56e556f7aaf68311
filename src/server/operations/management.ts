import { createServer, type Server } from 'node:http'
import { send } from '../../adapters/node-entry.ts'
import { type Answer, problem } from '../../http/problem.ts'
import { type Health, readyAnswer } from './health.ts'
import type { Metrics } from './metrics.ts'

export const alive: Answer = {
  status: 200,
  headers: [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
  ],
  body: '{"status":"ok"}',
}

/** The answer at the path of a health check or of the metrics; null: another path. */
export function managementAnswer(path: string, watched: Watched): Answer | Promise<Answer> | null {
  if (path === '/healthz') return alive
  if (path === '/readyz') return readyAnswer(watched.health)
  return path === '/metrics' ? metricsAnswer(watched.metrics) : null
}

export interface Watched {
  readonly health: Health
  readonly metrics: Metrics
}

async function metricsAnswer(metrics: Metrics): Promise<Answer> {
  const headers = [
    ['Content-Type', metrics.contentType],
    ['Cache-Control', 'no-store'],
  ] as const
  return { status: 200, headers, body: await metrics.text() }
}

/** A server of its own for health and metrics, on a port that nobody else reaches. Not listening yet. */
export function createManagement(watched: Watched): Server {
  return createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(response, problem('method_not_allowed', { allow: ['GET', 'HEAD'] }))
    const answer = managementAnswer(path, watched) ?? problem('not_found')
    if (!(answer instanceof Promise)) return send(response, answer)
    answer.then(
      (late) => send(response, late),
      () => send(response, problem('store_unavailable')),
    )
  })
}
