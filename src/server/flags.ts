import { parseArgs } from 'node:util'
import { nearest } from '../base/nearest.ts'

/** A flag of a command line. A switch stands alone; any other flag takes a value. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string
  readonly isSwitch: boolean
}

export interface CommandLine {
  /** Values by flag; `true` for a switch. */
  readonly flags: ReadonlyMap<string, string | true>
  readonly positionals: readonly string[]
  /** What is wrong, in sentences. No value stands in them: it could be a secret. */
  readonly findings: readonly string[]
}

/** Reads `--flag value`, `--flag=value`, `--switch` and, after `--`, anything. Each flag once. */
export function readFlags(argv: readonly string[], known: readonly Flag[]): CommandLine {
  const flags = new Map<string, string | true>()
  const positionals: string[] = []
  const findings: string[] = []
  const options = Object.fromEntries(known.map(({ name, isSwitch }) => [name, { type: typeOf(isSwitch) }]))
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const flag = known.find(({ name }) => name === token.name)
    const finding = flag === undefined ? unknown(token.rawName, known) : misuse(flag, token, flags)
    if (finding !== null) findings.push(finding)
    else flags.set(token.name, token.value ?? true)
  }
  return { flags, positionals, findings }
}

interface Given {
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function misuse(flag: Flag, given: Given, before: ReadonlyMap<string, unknown>): string | null {
  if (before.has(flag.name)) return `--${flag.name} is given twice`
  if (flag.isSwitch) return given.value === undefined ? null : `--${flag.name} takes no value`
  const missing = given.value === undefined || (given.inlineValue !== true && given.value.startsWith('--'))
  return missing ? `--${flag.name} needs a value` : null
}

function unknown(rawName: string, known: readonly Flag[]): string {
  const names = known.map(({ name }) => `--${name}`)
  return `${rawName} is not known${nearest(rawName, names)}`
}

function typeOf(isSwitch: boolean): 'boolean' | 'string' {
  return isSwitch ? 'boolean' : 'string'
}
