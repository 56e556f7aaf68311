import { nearest } from '../base/nearest.ts'
import { readCookies } from '../http/cookie.ts'
import type { Source } from '../migrate/index.ts'
import type { Configuration } from '../server/config.ts'
import { loadSources } from '../server/sources.ts'
import { type Action, runAction } from './actions.ts'
import { exit, type Io } from './io.ts'
import { migrateModules } from './migrate-modules.ts'

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['new', { run: write, usage: { positionals: ['PRODUCT'] } }],
  ['check', { run: check, usage: { positionals: ['FILE'] } }],
])

const longestInput = 16 * 1024 * 1024

/** `handstamp migrate new | check`: sessions of another product that this server takes over. */
export function migrate(argv: readonly string[], io: Io): Promise<number> {
  return runAction('migrate', actions, argv, io)
}

async function write({ positionals }: Configuration, io: Io): Promise<number> {
  const [name = ''] = positionals
  const text = migrateModules.get(name)
  if (text === undefined) {
    const known = [...migrateModules.keys()]
    io.fail(`handstamp migrate: there is no product ${name}${nearest(name, known)}. Known: ${known.join(', ')}`)
    return exit.usage
  }
  io.out(text)
  return exit.ok
}

/** Says whose sessions these are, as the server would see them, and changes nothing. */
async function check({ config, positionals }: Configuration, io: Io): Promise<number> {
  const sources = await loadSources(positionals[0] ?? '')
  const text = await io.input(longestInput)
  if (text === null) {
    io.fail('handstamp migrate: standard input is too long, or no text.')
    return exit.usage
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  let good = 0
  for (const line of lines) {
    const judged = await judge(sources, line.trim())
    if (judged.user !== null) good++
    io.out(config.json ? JSON.stringify(judged) : `${judged.source ?? '-'}  ${judged.user ?? 'nobody'}`)
  }
  io.note(`${good} of ${lines.length} would stay signed in. Nothing was changed.`)
  return good === lines.length ? exit.ok : exit.failed
}

interface Judged {
  readonly source: string | null
  readonly user: string | null
}

/** @param line a Cookie header, or `name=value` */
async function judge(sources: readonly Source[], line: string): Promise<Judged> {
  const header = line.replace(/^cookie:\s*/i, '')
  const values = readCookies(
    header,
    sources.map(({ cookie }) => cookie),
  )
  for (const [index, source] of sources.entries()) {
    const value = values[index]
    const found = typeof value === 'string' ? await source.read(value) : null
    if (found !== null) return { source: source.name, user: found.migrant.user }
  }
  return { source: null, user: null }
}
