import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

/** The script of axe-core, for `addInitScript`. */
export const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The same page in other colours differs in nothing but its contrasts. */
export type Rules = 'all' | 'contrast'

/** What axe-core finds serious or critical on the page as it is now. */
export async function violations(page: Page, where: string, rules: Rules = 'all'): Promise<readonly string[]> {
  const only = rules === 'all' ? {} : { runOnly: { type: 'rule', values: ['color-contrast'] } }
  const found = (await page.evaluate(`axe.run(${JSON.stringify({ resultTypes: ['violations'], ...only })})`)) as {
    readonly violations: readonly {
      readonly id: string
      readonly impact: string | null
      readonly nodes: readonly { readonly html: string }[]
    }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html}`)
}

/** How pages are looked at: on a phone by day, by all rules; at a desk by night, for its contrasts. */
export const lookedAt = [
  { colorScheme: 'light', viewport: { width: 390, height: 844 }, rules: 'all' },
  { colorScheme: 'dark', viewport: { width: 1280, height: 800 }, rules: 'contrast' },
] as const
