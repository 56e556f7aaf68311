import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endingNames } from '../application.ts'
import type { Door } from '../door.ts'
import { remoteDoor } from '../remote.ts'
import { endings } from './fetch.ts'

const run = promisify(execFile)
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const modules = at('../../../../examples/next/node_modules')

const next: Omit<Door, 'open'> = {
  name: 'next',
  protocol: 'http1',
  lacks: {
    hints: 'A Response has no interim answers.',
    uploads: 'Next reads a body to its end before it lets a request from its proxy to a route.',
    upgrade: 'Next hangs up on an upgrade to a path that one of its routes has.',
  },
  endings: endingNames(endings),
}

/**
 * The app of `suite/next/`, built by `next build` in a temporary folder, and served by Next in a process of its own: proxy and route as Next calls them, over its own
 * server. Needs what `examples/next` depends on.
 */
export const atNext: Door = {
  ...next,
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'handstamp-suite-next-'))
    const remove = (): void => rmSync(folder, { recursive: true, force: true })
    try {
      await build(folder)
      const args = ['--conditions=handstamp-source', at('../serve-next.ts'), modules, folder]
      const open = await remoteDoor(next, process.execPath, args).open()
      return { ...open, close: () => open.close().finally(remove) }
    } catch (error) {
      remove()
      throw error
    }
  },
}

async function build(folder: string): Promise<void> {
  cpSync(at('../next'), folder, { recursive: true })
  symlinkSync(modules, join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, NEXT_TELEMETRY_DISABLED: '1' }
  await run(process.execPath, [join(modules, 'next', 'dist', 'bin', 'next'), 'build', folder], { cwd: folder, env })
}
