import { type Difference, differences } from './differences.ts'
import type { Door } from './door.ts'
import type { Transcript } from './run.ts'

/** How a door's transcript compares with another one. */
export interface Verdict {
  /** Cases that both have gone through. */
  readonly compared: number
  /** Names of the cases that the door cannot go through. */
  readonly lacking: readonly string[]
  /** One text for each case that is different: its name and the lines. */
  readonly findings: readonly string[]
  /** What the door says its own way and may, as far as it did. */
  readonly own: readonly Difference[]
}

export function judge(door: Door, expected: Transcript, actual: Transcript): Verdict {
  const lacking: string[] = []
  const findings: string[] = []
  const own = new Set<Difference>()
  for (const [name, lines] of expected) {
    const found = actual.get(name) ?? null
    if (lines === null || found === null) {
      lacking.push(name)
      continue
    }
    const allowed = differences.filter(({ doors, cases }) => doors.includes(door.name) && cases.test(name))
    const [left, right] = [without(lines, allowed), without(found, allowed)]
    if (left.join('\n') !== right.join('\n')) findings.push([name, ...compare(left, right)].join('\n'))
    else if (lines.join('\n') !== found.join('\n'))
      for (const one of allowed) if (matters(one, lines, found)) own.add(one)
  }
  return { compared: expected.size - lacking.length, lacking, findings, own: [...own] }
}

function without(lines: readonly string[], allowed: readonly Difference[]): readonly string[] {
  const own = new Set(allowed.flatMap((one) => linesIn(one, lines)))
  return lines.filter((_line, index) => !own.has(index))
}

/** Where the lines are that this difference is about. */
function linesIn({ asked = /^/, lines: own }: Difference, lines: readonly string[]): readonly number[] {
  let label = ''
  return lines.flatMap((line, index) => {
    if (line.startsWith('> ')) label = line.slice(2)
    return asked.test(label) && own.test(line) ? [index] : []
  })
}

function matters(one: Difference, expected: readonly string[], actual: readonly string[]): boolean {
  const said = (lines: readonly string[]): string =>
    linesIn(one, lines)
      .map((index) => lines[index])
      .join('\n')
  return said(expected) !== said(actual)
}

/** The lines that only one of them has, with `-` and `+`, below the request that they answer; by longest common subsequence. */
export function compare(expected: readonly string[], actual: readonly string[]): readonly string[] {
  const common = commonLengths(expected, actual)
  const shown: string[] = []
  let asked = ''
  for (let i = 0, j = 0; i < expected.length || j < actual.length; ) {
    const [left, right] = [expected[i], actual[j]]
    if (left !== undefined && left === right) {
      if (left.startsWith('> ')) asked = left
      i++
      j++
      continue
    }
    if (asked !== '') shown.push(`    ${asked}`)
    asked = ''
    const takeLeft = right === undefined || (left !== undefined && at(common, i + 1, j) >= at(common, i, j + 1))
    shown.push(takeLeft ? `  - ${left}` : `  + ${right}`)
    if (takeLeft) i++
    else j++
  }
  return shown
}

function commonLengths(expected: readonly string[], actual: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: expected.length + 1 }, () => new Array<number>(actual.length + 1).fill(0))
  for (let i = expected.length - 1; i >= 0; i--)
    for (let j = actual.length - 1; j >= 0; j--)
      (table[i] as number[])[j] =
        expected[i] === actual[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1))
  return table
}

function at(table: readonly (readonly number[])[], i: number, j: number): number {
  return table[i]?.[j] ?? 0
}
