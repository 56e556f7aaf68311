// Writes the table of docs/reasons.md from the table of reasons: `node tools/reasons.ts`.
import { reasons } from '../src/base/reasons.ts'
import { type Marked, update } from './markers.ts'

export const marked: Marked = { path: 'docs/reasons.md', name: 'reasons' }

/** One row for each reason, in the order of the source. */
export function reasonsTable(): string {
  const rows = Object.entries(reasons).map(
    ([reason, { status, sentence, remedy, source }]) =>
      `| \`${reason}\` | ${status} | ${sentence} | ${remedy} | ${source} |`,
  )
  return `${['| reason | status | what happened | what to do | from |', '|---|---|---|---|---|', ...rows].join('\n')}\n`
}

if (import.meta.main) update(marked, reasonsTable())
