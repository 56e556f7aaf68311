import type { IncomingMessage } from 'node:http'
import { type Answer, problem } from '../http/problem.ts'
import { openApi } from './admin/openapi.ts'
import { operations } from './admin/routes.ts'
import { consoleBundle } from './console/bundle.ts'
import type { Desk } from './desk.ts'
import { managementAnswer } from './operations/management.ts'
import { type Asset, assets, favicon } from './pages/assets.ts'

const byPath = new Map(assets.map((asset) => [asset.path, asset]))
const ofConsole = ['/assets/console.js', '/assets/console.css']
const keysPath = '/.well-known/jwks.json'
const paths = new Set([
  ...byPath.keys(),
  ...ofConsole,
  keysPath,
  '/favicon.ico',
  '/openapi.json',
  '/healthz',
  '/readyz',
  '/metrics',
])

/** Answers that have nothing to do with who asks: style, script, icon, keys, health, and metrics for this machine. null: not one of these paths. */
export function publicAnswer(request: IncomingMessage, desk: Desk): Answer | Promise<Answer> | null {
  const [path = ''] = (request.url ?? '').split('?', 1)
  if (!paths.has(path) || (path === '/metrics' && !maySeeMetrics(request, desk))) return null
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return problem('method_not_allowed', { allow: ['GET', 'HEAD'] })
  const asset = byPath.get(path) ?? consoleAsset(path)
  if (asset === null) return problem('not_found')
  if (asset !== undefined)
    return {
      status: 200,
      headers: [
        ['Content-Type', asset.contentType],
        ['Cache-Control', 'public, max-age=31536000, immutable'],
      ],
      body: asset.body,
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
  if (path === '/openapi.json') return described()
  if (path !== keysPath) return managementAnswer(path, desk.operations)
  return desk.auth.keys().then(
    (keys) => keysAnswer(keys.jwks()),
    () => problem('store_unavailable'),
  )
}

/** null: the console was not built; undefined: not one of its files. */
function consoleAsset(path: string): Asset | null | undefined {
  if (!ofConsole.includes(path)) return undefined
  const bundle = consoleBundle()
  return bundle === null ? null : path === bundle.script.path ? bundle.script : bundle.style
}

/** Where they have no port of their own: somebody on this machine, and not through a proxy on it. */
function maySeeMetrics({ socket, headers }: IncomingMessage, { metricsHere }: Desk): boolean {
  const isLocal = isLoopbackAddress(socket.remoteAddress ?? '')
  return metricsHere && isLocal && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}

function described(): Answer {
  const headers = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'public, max-age=300'],
  ] as const
  return { status: 200, headers, body: openApiText }
}

const openApiText = JSON.stringify(openApi(operations))

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
