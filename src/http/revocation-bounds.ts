import type { Millis } from '../base/clock.ts'
import { nearest } from '../base/nearest.ts'
import type { Policy } from '../model/policy.ts'

/**
 * R of routes that have one of their own, by path: milliseconds (0 asks the record at each request: money, passwords, administration), or the name of one of `policy.availability`. `/money/*` is
 * `/money` and all below, the longest that fits counts.
 */
export type RevocationBounds = Readonly<Record<string, Millis | string>>

/** R of a request; undefined: the policy's. */
export type BoundOf = (target: string) => Millis | undefined

export interface DefinedBounds {
  readonly boundOf: BoundOf
  readonly findings: readonly string[]
}

/** Of a request whose path is not known, as in components of Next: the policy's R counts. No request line has it. */
export const unknownTarget = ''

interface Rule {
  /** In lower case, without the star. */
  readonly path: string
  readonly below: boolean
  readonly bound: Millis
}

/** How a target may be written in more than one way: escapes, fragments, doubled or turned slashes, dots, parameters. */
const ambiguous = /[%\\;#]|\/\/|\/\.|^[^/]/

/**
 * Whatever can be read in more than one way gets the shortest bound of all: no spelling of a path is worth anything. Capitals count for nothing.
 */
export function defineBounds(options: RevocationBounds | undefined, policy: Policy): DefinedBounds {
  if (options === undefined) return { boundOf: () => undefined, findings: [] }
  if (typeof options !== 'object' || options === null)
    return { boundOf: () => undefined, findings: [`revocationBounds must be an object like { '/money/*': 0 }`] }
  const findings = Object.entries(options).flatMap(([pattern, bound]) => boundFindings(pattern, bound, policy))
  if (findings.length > 0) return { boundOf: () => undefined, findings }
  const rules = Object.entries(options).map(([pattern, bound]) => ruleOf(pattern, bound, policy))
  // Of equal length an exact path comes before all below it, and the shorter bound before the longer.
  rules.sort((a, b) => b.path.length - a.path.length || Number(a.below) - Number(b.below) || a.bound - b.bound)
  const shortest = Math.min(policy.revocationBound, ...rules.map(({ bound }) => bound))
  return { boundOf: (target) => boundOf(rules, shortest, target), findings: [] }
}

function boundOf(rules: readonly Rule[], shortest: Millis, target: string): Millis | undefined {
  if (target === unknownTarget) return undefined
  const end = target.indexOf('?')
  const path = (end < 0 ? target : target.slice(0, end)).toLowerCase()
  if (ambiguous.test(path)) return shortest
  return rules.find((rule) => fits(rule, path))?.bound
}

function fits(rule: Rule, path: string): boolean {
  if (!path.startsWith(rule.path)) return false
  const rest = path.slice(rule.path.length)
  return rest === '' || rest === '/' || (rule.below && (rule.path === '' || rest.startsWith('/')))
}

function ruleOf(pattern: string, bound: Millis | string, { availability }: Policy): Rule {
  const below = pattern.endsWith('/*')
  const path = (below ? pattern.slice(0, -2) : pattern.replace(/\/$/, '')).toLowerCase()
  return { path, below, bound: typeof bound === 'number' ? bound : (availability[bound] as Millis) }
}

function boundFindings(pattern: string, bound: unknown, policy: Policy): string[] {
  const place = `revocationBounds['${pattern}']`
  const path = pattern.endsWith('/*') ? pattern.slice(0, -2) : pattern
  if (!pattern.startsWith('/') || ambiguous.test(pattern) || /[*?#\s]/.test(path))
    return [`${place} must be a path like '/money' or '/money/*'`]
  if (typeof bound === 'string') {
    const names = Object.keys(policy.availability)
    if (names.includes(bound)) return []
    return [`${place}: '${bound}' is not in policy.availability${nearest(bound, names)}`]
  }
  if (Number.isInteger(bound) && (bound as number) >= 0 && (bound as number) <= policy.revocationBound) return []
  return [
    `${place} must be whole milliseconds from 0 to policy.revocationBound; a longer one has a name in policy.availability`,
  ]
}
