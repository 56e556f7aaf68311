import { nearest } from '../base/nearest.ts'
import { type Configuration, readConfig, type Usage } from '../server/config.ts'
import { exit, type Io } from './io.ts'

/** One thing that a command does: `handstamp COMMAND ACTION …`. */
export interface Action {
  readonly usage: Usage
  run(configuration: Configuration, io: Io): Promise<number>
}

/** Carries out the action that the first word names. @returns the exit code */
export async function runAction(
  command: string,
  actions: ReadonlyMap<string, Action>,
  argv: readonly string[],
  io: Io,
): Promise<number> {
  const [name = '', ...rest] = argv
  const action = actions.get(name)
  if (action !== undefined) return action.run(readConfig(rest, io.env, io.readFile, action.usage), io)
  const known = [...actions.keys()]
  const what =
    name === '' ? `say what to do: ${known.join(', ')}` : `there is no ${command} ${name}${nearest(name, known)}`
  io.fail(`handstamp ${command}: ${what}`)
  return exit.usage
}

/** Lines of a table, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
