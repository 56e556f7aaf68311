import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { RequestHead } from '../base/head.ts'

/**
 * The head of a Node request, without copying its headers.
 *
 * `header` is what Node makes of several lines: joined, except for the names of which it keeps only the first (Host, Authorization,
 * Referer and others); `count` looks at the lines themselves. In HTTP/2 `:authority` is the host. The target is the one that was sent,
 * also inside a mounted Express or Connect router.
 */
export function pickHead(request: IncomingMessage | Http2ServerRequest): RequestHead {
  const { headers, socket } = request
  const authority = headers[':authority']
  const host = typeof authority === 'string' ? authority : undefined
  return {
    method: request.method ?? '',
    target: sentTarget(request),
    header: (name) => {
      if (name === 'host' && host !== undefined) return host
      const value: unknown = headers[name]
      if (Array.isArray(value)) return value.join(', ')
      return typeof value === 'string' ? value : undefined
    },
    count: (name) => countLines(request.rawHeaders, name) + (name === 'host' ? authorityLines(host, headers.host) : 0),
    peer: socket?.remoteAddress ?? null,
    encrypted: socket != null && 'encrypted' in socket && socket.encrypted === true,
  }
}

function sentTarget(request: IncomingMessage | Http2ServerRequest): string {
  if ('originalUrl' in request && typeof request.originalUrl === 'string') return request.originalUrl
  return request.url ?? ''
}

function countLines(lines: readonly string[], name: string): number {
  let count = 0
  for (let index = 0; index < lines.length; index += 2) {
    const line = lines[index] as string
    if (line.length === name.length && line.toLowerCase() === name) count++
  }
  return count
}

/** `:authority` and an equal Host are one line; two that differ are two (RFC 9113 8.3.1). */
function authorityLines(authority: string | undefined, host: string | undefined): number {
  return authority === undefined || authority === host ? 0 : 1
}
