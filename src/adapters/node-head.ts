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
  return new NodeHead(request)
}

/** A class, because there is one for each request (decision 022). */
class NodeHead implements RequestHead {
  readonly method: string
  readonly peer: string | null
  readonly encrypted: boolean
  readonly #request: IncomingMessage | Http2ServerRequest

  constructor(request: IncomingMessage | Http2ServerRequest) {
    const { socket } = request
    this.method = request.method ?? ''
    // Now, because a client that goes away takes its address along.
    this.peer = socket?.remoteAddress ?? null
    this.encrypted = socket != null && 'encrypted' in socket && socket.encrypted === true
    this.#request = request
  }

  get target(): string {
    const request = this.#request
    if ('originalUrl' in request && typeof request.originalUrl === 'string') return request.originalUrl
    return request.url ?? ''
  }

  header(name: string): string | undefined {
    if (name === 'host') return this.#authority() ?? this.#request.headers.host
    const value: unknown = this.#request.headers[name]
    if (typeof value === 'string') return value
    return Array.isArray(value) ? value.join(', ') : undefined
  }

  count(name: string): number {
    const lines = this.#request.rawHeaders
    let count = name === 'host' ? this.#authorityLines() : 0
    for (let at = 0; at < lines.length; at += 2) {
      const line = lines[at] as string
      if (line.length === name.length && line.toLowerCase() === name) count++
    }
    return count
  }

  #authority(): string | undefined {
    const authority = this.#request.headers[':authority']
    return typeof authority === 'string' ? authority : undefined
  }

  /** `:authority` and an equal Host are one line; two that differ are two (RFC 9113 8.3.1). */
  #authorityLines(): number {
    const authority = this.#authority()
    return authority === undefined || authority === this.#request.headers.host ? 0 : 1
  }
}
