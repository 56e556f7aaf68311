import type { IncomingMessage } from 'node:http'
import { type Answer, problem } from '../http/problem.ts'
import { assets, favicon } from './pages/assets.ts'

const byPath = new Map(assets.map((asset) => [asset.path, asset]))
const paths = new Set([...byPath.keys(), '/healthz', '/.well-known/jwks.json', '/favicon.ico'])

/** Answers that have nothing to do with who asks: style, script, icon, health, keys. null: not one of these paths. */
export function publicAnswer(request: IncomingMessage, jwks: () => Promise<unknown>): Answer | Promise<Answer> | null {
  const [path = ''] = (request.url ?? '').split('?', 1)
  if (!paths.has(path)) return null
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return problem('method_not_allowed', { allow: ['GET', 'HEAD'] })
  const asset = byPath.get(path)
  if (asset !== undefined)
    return {
      status: 200,
      headers: [
        ['Content-Type', asset.contentType],
        ['Cache-Control', 'public, max-age=31536000, immutable'],
      ],
      body: asset.body,
    }
  if (path === '/healthz')
    return {
      status: 200,
      headers: [
        ['Content-Type', 'application/json'],
        ['Cache-Control', 'no-store'],
      ],
      body: '{"status":"ok"}',
    }
  if (path === '/favicon.ico')
    return {
      status: 200,
      headers: [
        ['Content-Type', favicon.contentType],
        ['Cache-Control', 'public, max-age=86400'],
      ],
      body: favicon.body,
    }
  return jwks().then(keysAnswer, () => problem('store_unavailable'))
}

function keysAnswer(keys: unknown): Answer {
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/jwk-set+json'],
      ['Cache-Control', 'public, max-age=300'],
    ],
    body: JSON.stringify(keys),
  }
}
