import type { Behaviour } from './behaviour.ts'
import type { BenchResult, Weight } from './bench.ts'
import type { Measured } from './measure.ts'
import type { Estimate } from './stats.ts'

/** A table in Markdown, which reads well on a terminal too. */
export interface Table {
  readonly title: string
  readonly text: string
}

export function tables(result: BenchResult): readonly Table[] {
  const all: readonly [string, readonly unknown[], () => string][] = [
    ['What a checked request costs', result.speed, () => speedTable(result)],
    ['What else they do', result.behaviour, () => behaviourTable(result.behaviour)],
    ['Steps', result.steps, () => stepsTable(result.steps)],
    ['A token that was not seen before', result.tokens, () => tokensTable(result.tokens)],
    ['Memory', result.memory, () => memoryTable(result.memory)],
  ]
  return all.filter(([, found]) => found.length > 0).map(([title, , text]) => ({ title, text: text() }))
}

/** Columns are as wide as their widest cell; all but the first are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}

/** Three digits say enough. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function withInterval({ median, low, high }: Estimate): string {
  return `${short(median)} [${short(low)}, ${short(high)}]`
}

export function speedTable({ speed, behaviour }: Pick<BenchResult, 'speed' | 'behaviour'>): string {
  const head = [
    '',
    'added CPU, µs [95 %]',
    'of a bare request',
    'requests/s',
    'of the bare server’s',
    'p50, ms',
    'p99, ms',
    'a copy works after logout for',
  ]
  const sorted = [...speed].sort((a, b) => a.added.median - b.added.median)
  const rows = sorted.map((one) => [
    one.name,
    withInterval(one.added),
    `${Math.round(one.share.median * 100)} %`,
    Math.round(one.perSecond.median).toLocaleString('en'),
    (one.perSecond.median / one.barePerSecond.median).toFixed(2),
    short(one.p50.median),
    short(one.p99.median),
    acceptedFor(behaviour.find(({ name }) => name === one.name)),
  ])
  return table(head, rows)
}

/** In words. */
function acceptedFor(seen: Pick<Behaviour, 'acceptedFor' | 'watchedFor'> | undefined): string {
  if (seen === undefined) return ''
  if (seen.acceptedFor === null) return `more than ${Math.round(seen.watchedFor / 1000)} s`
  return seen.acceptedFor === 0 ? 'not at all' : `${short(seen.acceptedFor / 1000)} s`
}

export function behaviourTable(behaviour: readonly Behaviour[]): string {
  const head = [
    '',
    'a copy works after logout for',
    'the same, in another process',
    'brought back by a slow request',
    'lost one of two writes',
    'forged accepted',
    'store calls by forged',
    'ends by',
  ]
  const rows = behaviour.map((one) => [
    one.name,
    acceptedFor(one),
    one.acceptedElsewhereFor === undefined ? '' : acceptedFor({ ...one, acceptedFor: one.acceptedElsewhereFor }),
    one.races === null ? '' : `${one.races.revived} of ${one.races.trials}`,
    one.races === null ? '' : `${one.races.lost} of ${one.races.trials}`,
    `${one.forged.accepted} of ${one.forged.shown}`,
    one.forged.storeCalls === null ? 'no store' : String(one.forged.storeCalls),
    one.endsBy,
  ])
  return table(head, rows)
}

export function stepsTable(steps: readonly Measured[]): string {
  const head = ['', 'CPU, µs [95 %]', 'a second, one core', 'allocated, bytes', 'store calls']
  const rows = steps.map(({ name, cpu, bytes, storeCalls }) => [
    name,
    withInterval(cpu),
    Math.round(1e6 / cpu.median).toLocaleString('en'),
    bytes < 0 ? '–' : bytes.toLocaleString('en'),
    storeCalls === null ? '' : short(storeCalls),
  ])
  return table(head, rows)
}

/** Names are `ALG: WHO`. */
export function tokensTable(tokens: readonly Measured[]): string {
  const algorithms = [...new Set(tokens.map(({ name }) => name.split(': ')[0] as string))]
  const whos = [...new Set(tokens.map(({ name }) => name.split(': ')[1] as string))]
  const head = ['µs [95 %], and over the bare signature check', ...algorithms]
  const find = (alg: string, who: string): Measured | undefined => tokens.find(({ name }) => name === `${alg}: ${who}`)
  const rows = whos.map((who) => [
    who,
    ...algorithms.map((alg) => {
      const found = find(alg, who)
      const raw = find(alg, whos[0] as string)
      if (found === undefined || raw === undefined) return 'not supported'
      if (found === raw) return withInterval(found.cpu)
      const over = found.cpu.median - raw.cpu.median
      return `${withInterval(found.cpu)}: +${short(over)}, × ${(found.cpu.median / raw.cpu.median).toFixed(2)}`
    }),
  ])
  return table(head, rows)
}

export function memoryTable(memory: readonly Weight[]): string {
  const subjects = [...new Set(memory.map(({ subject }) => subject))]
  const counts = [...new Set(memory.map(({ count }) => count))].sort((a, b) => a - b)
  const find = (subject: string, count: number): string => {
    const found = memory.find((one) => one.subject === subject && one.count === count)
    return found === undefined ? '' : short(found.bytes)
  }
  const head = ['bytes each, of so many', ...subjects]
  const rows = counts.map((count) => [count.toLocaleString('en'), ...subjects.map((subject) => find(subject, count))])
  return table(head, rows)
}
