import type { RequestHead } from '../base/head.ts'

/**
 * The head of a fetch Request.
 *
 * Several lines of one name arrive joined with `, `, so `count` says 1 for them: a joined value is none that any rule accepts. Host is that of the URL where the platform keeps the header to itself.
 *
 * @param peer address of the client's end of the connection, where the platform tells it (unknown: no proxy is believed)
 */
export function fetchHead(request: Request, peer: string | null = null): RequestHead {
  const { method, url, headers } = request
  const { host, pathname, search, protocol } = new URL(url)
  const header = (name: string): string | undefined => headers.get(name) ?? (name === 'host' ? host : undefined)
  return {
    method,
    target: pathname + search,
    header,
    count: (name) => (header(name) === undefined ? 0 : 1),
    peer,
    encrypted: protocol === 'https:',
  }
}
