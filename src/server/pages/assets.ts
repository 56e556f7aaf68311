import { createHash } from 'node:crypto'
import { render } from './html.ts'
import { script } from './script.ts'
import { icon } from './stamp.ts'
import { style } from './style.ts'

/** A file that the pages load from this server. Holds nothing about a user: cache it for a year. */
export interface Asset {
  readonly path: string
  readonly contentType: string
  readonly body: string
  /** Twelve hex digits of the SHA-256 of the body. */
  readonly hash: string
  /** The path with the hash, as the pages link it. */
  readonly href: string
}

export const stylesheet: Asset = asset('/assets/handstamp.css', 'text/css; charset=utf-8', style)
export const moduleScript: Asset = asset('/assets/handstamp.js', 'text/javascript; charset=utf-8', script)
export const favicon: Asset = asset('/assets/handstamp.svg', 'image/svg+xml', render(icon))

/** Everything to serve under `/assets/`. The pages link nothing else and call no other host. */
export const assets: readonly Asset[] = [stylesheet, moduleScript, favicon]

function asset(path: string, contentType: string, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  return { path, contentType, body, hash, href: `${path}?v=${hash}` }
}
