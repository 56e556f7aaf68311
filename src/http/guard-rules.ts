import { Fault } from '../base/fault.ts'
import { nearest } from '../base/nearest.ts'
import type { Guard } from './gate.ts'

const names: readonly (keyof Guard)[] = ['level', 'maxAge', 'claim', 'signIn']

/**
 * Checks the rules of a guard where it is made, all at once: a rule that is misspelt would let everybody in.
 *
 * @throws Fault `invalid_option` listing every finding
 */
export function checkedGuard(rules: Guard): Guard {
  const findings = findFlaws(rules)
  if (findings.length > 0)
    throw new Fault('invalid_option', `requireSession() cannot use these rules:\n- ${findings.join('\n- ')}`)
  return rules
}

function findFlaws(rules: Guard): string[] {
  if (typeof rules !== 'object' || rules === null) return [`it takes an object like { claim: { role: 'admin' } }`]
  const findings = Object.keys(rules)
    .filter((name) => !(names as readonly string[]).includes(name))
    .map((name) => `${name} is not a rule${nearest(name, names)}`)
  const { level, maxAge, claim, signIn } = rules
  if (level !== undefined && ![1, 2, 3].includes(level)) findings.push('level must be 1, 2 or 3')
  if (maxAge !== undefined && !(typeof maxAge === 'number' && maxAge > 0))
    findings.push('maxAge must be a number of milliseconds, e.g. 5 * minute')
  if (claim !== undefined && !(typeof claim === 'object' && claim !== null && !Array.isArray(claim)))
    findings.push(`claim must be an object like { role: 'admin' }`)
  if (signIn !== undefined && !(typeof signIn === 'string' && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(signIn)))
    findings.push('signIn must be a path of this application, e.g. /login')
  return findings
}
