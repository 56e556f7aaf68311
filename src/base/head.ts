/**
 * The head of a request: all of a request that ever travels inward. Bodies stay with the application.
 */
export interface RequestHead {
  readonly method: string
  /** Path and query as sent, e.g. `/me?x=1`. */
  readonly target: string
  /**
   * The value of a header, by lower-case name; several lines of one name are joined with `, ` (`; ` for Cookie).
   */
  header(name: string): string | undefined
  /** How many lines of that header the request has. */
  count(name: string): number
  /** Address of the peer of the connection, not of a forwarded header; null when unknown. */
  readonly peer: string | null
  /** Whether the connection to this process is itself encrypted. */
  readonly encrypted: boolean
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Safe in the sense of RFC 9110 9.2.1: does not ask for a change of state. */
export function isSafeMethod(method: string): boolean {
  return safeMethods.has(method)
}

/** Whether a body follows the head (RFC 9112 6.3): a length above zero, or a transfer coding. */
export function hasBody(head: RequestHead): boolean {
  if (head.header('transfer-encoding') !== undefined) return true
  const length = head.header('content-length')
  return length !== undefined && length.trim() !== '0'
}

/** A request to turn the connection into a WebSocket (RFC 6455 4.1): a GET by its method, but an act by what follows. */
export function isWebSocketHandshake(head: RequestHead): boolean {
  return head.header('upgrade')?.toLowerCase().includes('websocket') === true
}
