import { readConfig } from '../server/config.ts'
import { columns } from './actions.ts'
import { exit, type Io } from './io.ts'

/** `handstamp config`: each setting with its value and where it comes from. Secrets are only counted. */
export async function config(argv: readonly string[], io: Io): Promise<number> {
  const { config: read, settings } = readConfig(argv, io.env, io.readFile)
  if (read.json) io.out(JSON.stringify(Object.fromEntries(settings.map(({ name, ...rest }) => [name, rest]))))
  else for (const line of columns(settings.map(({ name, value, source }) => [name, shown(value), source]))) io.out(line)
  return exit.ok
}

function shown(value: unknown): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(', ')
  return String(value)
}
