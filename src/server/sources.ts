import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Fault } from '../base/fault.ts'
import { betterAuthSessions, expressSessions, ironSessions, type Source } from '../migrate/index.ts'

const products = { expressSessions, ironSessions, betterAuthSessions }

/** What a module of `--migrate` exports as `sources`. */
export type Sources = (given: typeof products) => readonly Source[] | Promise<readonly Source[]>

/**
 * The sessions of other products that this server adopts: what the module at that path makes of `sources`. None without a path.
 *
 * @throws Fault `invalid_option` saying what is wrong with the module
 */
export async function loadSources(path: string | null): Promise<readonly Source[]> {
  if (path === null) return []
  const module = await load(path)
  if (typeof module.sources !== 'function')
    throw new Fault(
      'invalid_option',
      `${path} must export a function sources. To see one: handstamp migrate new express-session`,
    )
  const sources: unknown = await (module.sources as Sources)(products)
  if (!Array.isArray(sources) || sources.length === 0 || !sources.every(isSource))
    throw new Fault('invalid_option', `sources in ${path} must return a list of what it was given made, at least one.`)
  return sources
}

async function load(path: string): Promise<{ readonly sources?: unknown }> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as { readonly sources?: unknown }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('invalid_option', `${path} cannot be loaded: ${why}`, { cause })
  }
}

function isSource(value: unknown): value is Source {
  const { name, cookie, read } = (value ?? {}) as Partial<Source>
  return typeof name === 'string' && typeof cookie === 'string' && typeof read === 'function'
}
