// Writes the tables and plots of docs/performance.md from four files of evidence: `node tools/performance.ts`.
import { readFileSync, writeFileSync } from 'node:fs'
import type { BenchResult } from '../bench/bench.ts'
import { type Bar, drawBars, drawLines, type Series } from '../bench/plot.ts'
import { behaviourTable, memoryTable, speedTable, stepsTable, table, tokensTable } from '../bench/tables.ts'
import type { Verdict } from '../bench/verdicts.ts'
import { type Marked, onDisk, update } from './markers.ts'

const names = ['speed', 'behaviour', 'steps', 'memory'] as const
type Name = (typeof names)[number]

interface File {
  readonly at: string
  readonly seed: number
  readonly seconds: number
  readonly machine: {
    readonly cpus: number
    readonly model: string
    readonly memoryGb: number
    readonly platform: string
  }
  readonly versions: { readonly node: string; readonly openssl: string; readonly sqlite: string }
  readonly result: BenchResult & { readonly verdicts: readonly Verdict[] }
}

export type Evidence = Readonly<Record<Name, File>>

const path = 'docs/performance.md'

/** What stands between which marks, and the files with plots. */
export interface Made {
  readonly texts: readonly (readonly [marked: Marked, text: string])[]
  readonly files: ReadonlyMap<string, string>
}

export function readEvidence(): Evidence {
  const read = (name: Name): File => JSON.parse(readFileSync(onDisk(`evidence/${name}.json`), 'utf8')) as File
  return { speed: read('speed'), behaviour: read('behaviour'), steps: read('steps'), memory: read('memory') }
}

export function makePerformance(evidence: Evidence): Made {
  const { speed } = evidence.speed.result
  const { behaviour } = evidence.behaviour.result
  const { steps, tokens } = evidence.steps.result
  const { memory } = evidence.memory.result
  const verdicts = names.flatMap((name) => evidence[name].result.verdicts)
  const texts: Readonly<Record<string, string>> = {
    run: runText(evidence.speed),
    verdicts: table(
      ['', 'promised', 'found', ''],
      verdicts.map(({ what, promised, found, held }) => [what, promised, found, held ? 'held' : '**missed**']),
    ),
    speed: speedTable({ speed, behaviour }),
    behaviour: behaviourTable(behaviour),
    steps: stepsTable(steps),
    tokens: tokensTable(tokens),
    memory: memoryTable(memory),
  }
  const files = new Map([
    [
      'docs/performance-speed.svg',
      drawBars('What a checked request adds to the bare server', 'µs of CPU', barsOf(speed)),
    ],
    ['docs/performance-sessions.svg', growth(memory, 'A session in memory', 'session in')],
    ['docs/performance-revoked.svg', growth(memory, 'A revoked id', 'revoked id')],
  ])
  return { texts: Object.entries(texts).map(([name, text]) => [{ path, name }, `${text}\n`] as const), files }
}

function runText({ at, seed, machine, versions, result, seconds }: File): string {
  const { rounds, requests, pinned, missing } = result
  const where = `${machine.cpus} cores (${machine.model}), ${machine.memoryGb} GB, ${machine.platform}; Node ${versions.node}, OpenSSL ${versions.openssl}, SQLite ${versions.sqlite}`
  const how = `${rounds} rounds, ${requests.toLocaleString('en')} checked requests and as many to bare servers, ${Math.round(seconds / 60)} minutes, seed ${seed}`
  const cores = pinned ? 'server and driver on a core each' : 'server and driver not pinned to cores'
  const left = missing.length === 0 ? '' : ` Left out: ${missing.join('; ')}.`
  return `Run of ${at.slice(0, 10)}: ${where}. ${how}; ${cores}.${left}`
}

/** One configuration of ours for each presentation and store; all of the others. */
function barsOf(speed: BenchResult['speed']): readonly Bar[] {
  return speed
    .filter(({ name, added }) => added.median > 0 && !/commits|Express$|Handstamp token (HS256|EdDSA)/.test(name))
    .map(({ name, added }) => {
      return { name, value: added.median, low: added.low, high: added.high, strong: name.startsWith('Handstamp') }
    })
}

function growth(memory: BenchResult['memory'], title: string, subject: string): string {
  const subjects = [...new Set(memory.map((one) => one.subject))].filter((name) => name.startsWith(subject))
  const series: Series[] = subjects.map((name) => {
    const points = memory.filter((one) => one.subject === name).map(({ count, bytes }) => ({ x: count, y: bytes }))
    return { name, points: points.sort((a, b) => a.x - b.x) }
  })
  return drawLines({ title, x: 'how many there are', y: 'bytes each', series })
}

if (import.meta.main) {
  const { texts, files } = makePerformance(readEvidence())
  for (const [marked, text] of texts) update(marked, text)
  for (const [file, text] of files) writeFileSync(onDisk(file), text)
}
