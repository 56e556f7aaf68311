import { readFileSync } from 'node:fs'
import { isFault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import { commands, helpOf } from './help.ts'
import { exit, type Io, processIo } from './io.ts'

type Command = (argv: readonly string[], io: Io) => Promise<number>

/** A command is loaded when it is called: help and version need no store. */
const table: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serve],
  ['sessions', async () => (await import('./sessions.ts')).sessions],
  ['keys', async () => (await import('./keys.ts')).keys],
  ['config', async () => (await import('./config.ts')).config],
  ['advise', async () => (await import('./advise.ts')).advise],
  ['lab', async () => (await import('./lab.ts')).lab],
  ['migrate', async () => (await import('./migrate.ts')).migrate],
  ['users', async () => (await import('./users.ts')).users],
])

/** Carries out one command line and gives the exit code. */
async function run(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  if (argv.slice(0, end).some((word) => word === '--help' || word === '-h')) return say(io, helpOf(name))
  if (name === 'help') return say(io, helpOf(rest[0]))
  if (name === '--version' || name === '-v') return say(io, version())
  if (name === undefined) {
    io.note(helpOf(undefined))
    return exit.usage
  }
  const load = table.get(name)
  if (load === undefined) {
    io.fail(`handstamp: there is no command ${name}${nearest(name, [...commands.keys()])}`)
    io.note('handstamp --help lists them.')
    return exit.usage
  }
  return guarded(load, rest, io)
}

/** A breakage becomes a sentence and an exit code; only what nobody foresaw shows its stack. */
async function guarded(load: () => Promise<Command>, argv: readonly string[], io: Io): Promise<number> {
  try {
    return await (await load())(argv, io)
  } catch (error) {
    if (!isFault(error)) {
      io.fail(`handstamp: something unforeseen went wrong. ${error instanceof Error ? error.stack : ''}`)
      return exit.failed
    }
    io.fail(`handstamp: ${error.message}`)
    return error.kind === 'invalid_option' || error.kind === 'invalid_value' ? exit.usage : exit.failed
  }
}

function say(io: Io, text: string): number {
  io.out(text)
  return exit.ok
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return known ? String(manifest.version) : 'unknown'
}

// `handstamp users list | head -1`: the reader has gone, and so do we.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? exit.ok : exit.failed),
)
process.exitCode = await run(process.argv.slice(2), processIo())
