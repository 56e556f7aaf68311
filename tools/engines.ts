// Writes the figures of docs/engines.md from evidence/{nodes,faults,engine-races,engines}.json: `node tools/engines.ts`.
import { existsSync, readFileSync } from 'node:fs'
import { type Marked, onDisk, update } from './markers.ts'

export const marked: Marked = { path: 'docs/engines.md', name: 'figures' }

type Row = Readonly<Record<string, unknown>>

interface Evidence {
  readonly n: number
  readonly at: string
  readonly result: Readonly<Record<string, Row>>
}

/** Null where it was not made yet. */
function read(name: string): Evidence | null {
  const path = onDisk(`evidence/${name}.json`)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Evidence) : null
}

export function figures(): string {
  const parts = [lag(read('nodes')), faults(read('faults')), races(read('engine-races')), sizes(read('engines'))]
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`
}

function lag(evidence: Evidence | null): string | null {
  if (evidence === null) return null
  const head = `Eight processes on one engine, ${count(evidence.n)} checks that race with revocations: from the acknowledged revocation to the last acceptance at any of them, in milliseconds.`
  const rows = Object.entries(evidence.result).map(([name, row]) =>
    cells([name, row.revocations, row.p50, row.p99, row.max, row.late, row.ackP99]),
  )
  return table(head, ['on', 'revocations', 'p50', 'p99', 'max', 'later than promised', 'p99 of `revoke`'], rows)
}

function faults(evidence: Evidence | null): string | null {
  if (evidence === null) return null
  const head = 'What is out of reach, with R = 1 s and a deadline of 1 s: in milliseconds.'
  const outages = Object.entries(evidence.result).filter(([, row]) => 'recovery' in row)
  const rows = outages.map(([name, row]) => cells([name, row.answeredFor, row.slowest, row.recovery, row.wrong]))
  const others = Object.entries(evidence.result).filter(([, row]) => !('recovery' in row))
  const list = others.map(([name, row]) => `- ${name}: ${words(row)}`)
  const columns = ['', 'answered from memory for', 'slowest answer', 'normal again after', 'wrong accepts']
  return `${table(head, columns, rows)}\n\n${list.join('\n')}`
}

function races(evidence: Evidence | null): string | null {
  if (evidence === null) return null
  const head = 'Interleaved operations of 64 flows over three nodes.'
  const columns = [
    '',
    'operations',
    'lost updates',
    'resurrections',
    'double successors',
    'index errors',
    'left behind',
  ]
  const rows = Object.entries(evidence.result).map(([name, row]) =>
    cells([
      name,
      row.operations,
      row.lostUpdates,
      row.resurrections,
      row.doubleSuccessors,
      row.indexErrors,
      row.leaked,
    ]),
  )
  return table(head, columns, rows)
}

function sizes(evidence: Evidence | null): string | null {
  if (evidence === null) return null
  const { calls, redis, postgres } = evidence.result
  const bytes = [
    ...Object.entries((redis?.bytes ?? {}) as Row).map(([kind, value]) => ['Redis', kind, value] as const),
    ...Object.entries((postgres?.['bytes, with indexes'] ?? {}) as Row).map(
      ([kind, value]) => ['Postgres', kind, value] as const,
    ),
  ]
  const rows = bytes.map(([engine, kind, value]) => cells([engine, kind, Math.round(Number(value))]))
  const ended = redis?.['a million of one tenant ended'] as Row | undefined
  const more = [
    `- Calls of the engine for each 1,000 requests, at 0.1 requests a second and session: ${calls?.perThousand}; by requests whose snapshot stands: ${calls?.onChecks}. Heartbeats, one a second and node, are not counted.`,
    `- A million sessions of one tenant ended by one event: ${ended?.ms} ms; ${ended?.standing} of 1,000 were left.`,
  ]
  return `${table('Bytes a session, its place in the index included.', ['engine', 'session, how many', 'bytes'], rows)}\n\n${more.join('\n')}`
}

function table(head: string, columns: readonly string[], rows: readonly string[]): string {
  return [head, '', cells(columns), `|${'---|'.repeat(columns.length)}`, ...rows].join('\n')
}

function cells(values: readonly unknown[]): string {
  return `| ${values.map((value) => (typeof value === 'number' ? count(value) : String(value))).join(' | ')} |`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function words(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? count(value) : value}`)
    .join(', ')
}

if (import.meta.main) update(marked, figures())
