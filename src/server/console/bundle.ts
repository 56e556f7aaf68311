import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Asset } from '../pages/assets.ts'

/** Script and style of the console, built from `client/` by `npm run build:console`; shipped with the package. */
export interface Bundle {
  readonly script: Asset
  readonly style: Asset
}

/** The same from `src` and from `dist`. */
const folder = new URL('../../../dist/console/', import.meta.url)

/** Read when it is first asked for. null: it was not built. */
export function consoleBundle(): Bundle | null {
  loaded ??= load()
  return loaded
}

let loaded: Bundle | null = null

function load(): Bundle | null {
  try {
    return {
      script: asset('console.js', 'text/javascript; charset=utf-8'),
      style: asset('console.css', 'text/css; charset=utf-8'),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function asset(name: string, contentType: string): Asset {
  const body = readFileSync(fileURLToPath(new URL(name, folder)), 'utf8')
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  const path = `/assets/${name}`
  return { path, contentType, body, hash, href: `${path}?v=${hash}` }
}
