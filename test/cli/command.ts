import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Call {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs `handstamp …` as a process of its own, in an environment that holds nothing of ours but what is given. */
export async function handstamp(argv: readonly string[], call: Call = {}): Promise<Finished> {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...call.env }
  const child = spawn(process.execPath, ['--conditions=handstamp-source', main, ...argv], { env })
  const text = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk
  })
  child.stdin.on('error', () => {}) // a command that ends early does not read it
  child.stdin.end(call.input ?? '')
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...text }
}

/** A folder of its own for each test file, gone afterwards. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'handstamp-cli-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
