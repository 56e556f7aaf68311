import { Fault, isFault } from '../base/fault.ts'
import { type Json, parseJson } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import { secretFindings } from '../crypto/keyring.ts'
import { defaultPolicy, definePolicy, type Policy } from '../model/policy.ts'
import type { Presentation } from '../model/session.ts'
import { type EngineChoice, placeOf, readEngineChoice } from './engine-choice.ts'
import { type Flag, readFlags } from './flags.ts'
import type { LogLevel } from './operations/log.ts'
import { type ServerAlg, type Setting, settings, splitList } from './setting.ts'

/** What the server runs with. Holds the secrets: never print it, print the settings of the `Configuration`. */
export interface Config {
  readonly port: number
  readonly host: string
  /** Path of the data folder. */
  readonly data: string
  /** Where sessions and accounts are kept. */
  readonly engine: EngineChoice
  readonly origin: string | null
  readonly trustedOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  /** The first signs, all verify. Empty when none was given: see `sessionSecrets`. */
  readonly secrets: readonly string[]
  /** Path of a module with sessions of another product, to be taken over. */
  readonly migrate: string | null
  /** What administrators without a second factor show; null: none do. */
  readonly adminSecret: string | null
  /** How a login that does not say is answered. */
  readonly present: Presentation
  readonly policy: Policy
  readonly signingAlg: ServerAlg
  readonly insecureHttp: boolean
  readonly logLevel: LogLevel
  /** null: health and metrics are on the main port. */
  readonly managementPort: number | null
  readonly managementHost: string
  /** In seconds. */
  readonly drainDelay: number
  /** Answers for machines: one JSON text. */
  readonly json: boolean
  /** NODE_ENV is `production`. */
  readonly production: boolean
}

/** A setting as it may be shown: secrets are only counted. */
export interface ShownSetting {
  readonly name: string
  readonly value: Json
  /** `flag --port`, `env PORT`, `file PATH` or `default`. */
  readonly source: string
}

export interface Configuration {
  readonly config: Config
  readonly settings: readonly ShownSetting[]
  /** Values of the command's own flags. */
  readonly flags: ReadonlyMap<string, string | true>
  readonly positionals: readonly string[]
}

/** What a command takes besides the settings. */
export interface Usage {
  readonly flags?: readonly Flag[]
  /** What each positional is called, e.g. `NAME`. All are required, and no more are taken. */
  readonly positionals?: readonly string[]
}

export type Environment = Readonly<Record<string, string | undefined>>

const secretNames = ['SESSION_SECRET', 'SESSION_SECRETS', 'SESSION_SECRET_FILE'] as const
const adminSecretName = 'HANDSTAMP_ADMIN_SECRET'
const table: readonly Setting<unknown>[] = Object.values(settings)

/** The flags that every command understands. */
export const configFlags: readonly Flag[] = [
  ...table.map(({ flag, isSwitch }) => ({ name: flag, isSwitch })),
  { name: 'secret-file', isSwitch: false },
  { name: 'config', isSwitch: false },
  { name: 'json', isSwitch: true },
]

/**
 * Reads the configuration: flag over environment over file over default. An empty variable counts as not set, but for the secrets. Does not touch the
 * machine but by `readFile`.
 *
 * @param argv what follows the command
 * @param readFile the text of a file; throws when there is none
 * @throws Fault `invalid_option` listing every finding; no value of a secret stands in it
 */
export function readConfig(
  argv: readonly string[],
  env: Environment,
  readFile: (path: string) => string,
  usage: Usage = {},
): Configuration {
  const line = readFlags(argv, [...configFlags, ...(usage.flags ?? [])])
  const findings: string[] = [...line.findings, ...positionalFindings(line.positionals, usage.positionals ?? [])]
  findings.push(...unknownVariables(env))
  const sources: Sources = { flags: line.flags, env, file: null, readFile, findings, shown: [] }
  readConfigFile(sources)
  const config: Config = {
    port: take(sources, settings.port),
    host: take(sources, settings.host),
    data: take(sources, settings.data),
    engine: takeEngine(sources),
    origin: take(sources, settings.origin),
    trustedOrigins: take(sources, settings.trustedOrigins),
    trustedProxies: take(sources, settings.trustedProxies),
    present: take(sources, settings.present),
    policy: takePolicy(sources),
    signingAlg: take(sources, settings.signingAlg),
    insecureHttp: take(sources, settings.insecureHttp),
    migrate: take(sources, settings.migrate),
    logLevel: take(sources, settings.logLevel) ?? (env.NODE_ENV === 'production' ? 'info' : 'warn'),
    managementPort: take(sources, settings.managementPort),
    managementHost: take(sources, settings.managementHost),
    drainDelay: take(sources, settings.drainDelay),
    secrets: takeSecrets(sources),
    adminSecret: takeAdminSecret(sources),
    json: line.flags.has('json'),
    production: takeProduction(sources),
  }
  if (findings.length > 0) throw new Fault('invalid_option', `This cannot be used:\n- ${findings.join('\n- ')}`)
  const { flags, positionals } = line
  return Object.freeze({ config: Object.freeze(config), settings: sources.shown, flags, positionals })
}

interface Sources {
  readonly flags: ReadonlyMap<string, string | true>
  readonly env: Environment
  file: { readonly path: string; readonly members: { readonly [name: string]: Json } } | null
  readonly readFile: (path: string) => string
  readonly findings: string[]
  readonly shown: ShownSetting[]
}

interface Given {
  readonly value: Json
  /** As it stands in a finding. */
  readonly where: string
  readonly source: string
}

function given(sources: Sources, names: { flag: string; env: string | null; name: string }): Given | null {
  const { flags, env, file } = sources
  const flag = flags.get(names.flag)
  if (flag !== undefined) return { value: flag, where: `--${names.flag}`, source: `flag --${names.flag}` }
  const variable = names.env === null ? undefined : env[names.env]
  if (names.env !== null && variable !== undefined && variable !== '')
    return { value: variable, where: names.env, source: `env ${names.env}` }
  const member = file?.members[names.name]
  if (file === null || member === undefined) return null
  return { value: member, where: `${names.name} in ${file.path}`, source: `file ${file.path}` }
}

function take<T extends Json>(sources: Sources, setting: Setting<T>): T {
  const found = given(sources, setting)
  const value = found === null ? setting.fallback : setting.read(found.value)
  if (found !== null && value === undefined) sources.findings.push(`${found.where} must be ${setting.expects}`)
  const used = value ?? setting.fallback
  sources.shown.push({ name: setting.name, value: used, source: found?.source ?? 'default' })
  return used
}

function takePolicy(sources: Sources): Policy {
  const { idle, absolute, access } = settings
  const durations = { idle: take(sources, idle), absolute: take(sources, absolute), access: take(sources, access) }
  const inMillis = Object.fromEntries(Object.entries(durations).map(([name, seconds]) => [name, seconds * 1000]))
  try {
    return definePolicy(inMillis)
  } catch (fault) {
    if (!isFault(fault)) throw fault
    sources.findings.push(...fault.message.split('\n- ').slice(1))
    return defaultPolicy
  }
}

function takeEngine({ env, findings, shown }: Sources): EngineChoice {
  const { choice, source, findings: found } = readEngineChoice(env)
  findings.push(...found)
  shown.push({ name: 'engine', value: choice.kind === 'sqlite' ? 'SQLite' : placeOf(choice, ''), source })
  return choice
}

function takeProduction({ env, shown }: Sources): boolean {
  const production = env.NODE_ENV === 'production'
  shown.push({ name: 'production', value: production, source: production ? 'env NODE_ENV' : 'default' })
  return production
}

/** From the environment only: a flag would stand in the list of processes. */
function takeAdminSecret({ env, findings, shown }: Sources): string | null {
  const secret = env[adminSecretName] ?? ''
  const isGiven = secret !== ''
  if (isGiven) findings.push(...secretFindings([secret]).map((finding) => `${adminSecretName}: ${finding}`))
  shown.push({
    name: 'adminSecret',
    value: isGiven ? '1 secret' : 'none',
    source: isGiven ? `env ${adminSecretName}` : 'default',
  })
  return isGiven ? secret : null
}

function takeSecrets(sources: Sources): readonly string[] {
  const { env, findings } = sources
  const set = secretNames.filter(
    (name) => env[name] !== undefined && (env[name] !== '' || name !== 'SESSION_SECRET_FILE'),
  )
  if (set.length > 1) findings.push(`${set.join(' and ')} are both set: keep one`)
  const file = given(sources, { flag: 'secret-file', env: 'SESSION_SECRET_FILE', name: 'secretFile' })
  const inVariables = set.length > 0 && !sources.flags.has('secret-file') && set[0] !== 'SESSION_SECRET_FILE'
  const from = inVariables ? { where: set[0] ?? '', source: `env ${set[0]}` } : file
  const secrets = inVariables ? secretsInVariables(env) : secretsInFile(sources, file)
  if (from !== null && secrets !== null)
    findings.push(...secretFindings(secrets).map((finding) => `${from.where}: ${finding}`))
  const count = secrets?.length ?? 0
  const value = count === 0 ? 'none' : count === 1 ? '1 secret' : `${count} secrets`
  sources.shown.push({ name: 'secrets', value, source: from?.source ?? 'default' })
  return secrets ?? []
}

function secretsInVariables(env: Environment): readonly string[] {
  return env.SESSION_SECRET === undefined ? splitList(env.SESSION_SECRETS ?? '') : [env.SESSION_SECRET]
}

/** One secret on each line, the first signs. */
function secretsInFile(sources: Sources, file: Given | null): readonly string[] | null {
  if (file === null) return null
  const text = typeof file.value === 'string' ? readText(sources, file.value, file.where) : null
  if (typeof file.value !== 'string') sources.findings.push(`${file.where} must be the path of a file`)
  return text === null ? null : text.split('\n').flatMap(splitLine)
}

function splitLine(line: string): string[] {
  return line.trim() === '' ? [] : [line.trim()]
}

function readConfigFile(sources: Sources): void {
  const found = given(sources, { flag: 'config', env: 'HANDSTAMP_CONFIG', name: 'config' })
  if (found === null || typeof found.value !== 'string') return
  const path = found.value
  const text = readText(sources, path, found.where)
  if (text === null) return
  const json = parseJson(text)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    sources.findings.push(`${path} must hold one JSON object`)
    return
  }
  const members = json as { readonly [name: string]: Json }
  sources.findings.push(...unknownMembers(path, Object.keys(members)))
  sources.file = { path, members }
}

function readText(sources: Sources, path: string, where: string): string | null {
  try {
    return sources.readFile(path)
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    sources.findings.push(`${where}: the file ${path} cannot be read${why}`)
    return null
  }
}

function unknownMembers(path: string, names: readonly string[]): string[] {
  const known = [...table.map(({ name }) => name), 'secretFile']
  return names.flatMap((name) => {
    if (known.includes(name)) return []
    if (name === 'secrets' || name === 'secret')
      return [`${name} in ${path}: keep secrets in a file of their own and name it with secretFile`]
    return [`${name} in ${path} is not known${nearest(name, known)}`]
  })
}

function unknownVariables(env: Environment): string[] {
  const known = [...table.map((setting) => setting.env), 'HANDSTAMP_CONFIG', adminSecretName]
  return Object.keys(env)
    .filter((name) => name.startsWith('HANDSTAMP_') && !known.includes(name))
    .map((name) => `${name} is not known${nearest(name, known)}`)
}

function positionalFindings(given: readonly string[], expected: readonly string[]): string[] {
  const missing = expected.slice(given.length).map((name) => `${name} is missing`)
  const after = expected.length === 0 ? '' : ` after ${expected.join(' ')}`
  return given.length > expected.length ? [`There is a word too many${after}`] : missing
}
