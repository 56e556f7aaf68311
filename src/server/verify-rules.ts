import { second } from '../base/clock.ts'
import type { RequestHead } from '../base/head.ts'
import type { Guard } from '../http/gate.ts'

/** Says what a location needs: `role=admin|editor, level=2, max-age=900`. Set by the proxy; a client that sends it asks more of itself. */
export const requireHeader = 'X-Auth-Require'

/** What every session satisfies. */
export const anybody: Guard = Object.freeze({})

/** @returns null for a rule that is not understood: nobody is let in by what it was meant to say */
export function readRules(head: RequestHead): Guard | null {
  const text = head.header('x-auth-require')
  if (text === undefined || text.trim() === '') return anybody
  const rules: { level?: 1 | 2 | 3; maxAge?: number; claim?: { role: readonly string[] } } = {}
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.trim().split('=', 2)
    if (name === 'level' && /^[123]$/.test(value)) rules.level = Math.max(rules.level ?? 1, Number(value)) as 1 | 2 | 3
    else if (name === 'max-age' && /^[1-9][0-9]{0,8}$/.test(value))
      rules.maxAge = Math.min(rules.maxAge ?? Number.POSITIVE_INFINITY, Number(value) * second)
    else if (name === 'role' && value !== '') {
      const roles = value.split('|')
      // Named twice, both hold.
      rules.claim = { role: rules.claim?.role.filter((role) => roles.includes(role)) ?? roles }
    } else return null
  }
  return rules
}
