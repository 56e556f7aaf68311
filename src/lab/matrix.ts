import type { Presentation } from '../model/session.ts'
import type { Attack, Takes, Trial } from './attack.ts'
import { attacks } from './attacks/index.ts'
import { browserMissing } from './browsers.ts'
import { carryOut, everyTrial, type Run } from './run.ts'
import type { Other } from './stage.ts'

/** One cell of the matrix: an attack without any defence, or with one. */
export interface Row {
  readonly attack: string
  /** Null: without any. */
  readonly defence: string | null
  readonly presentation: Presentation
  /** Null where nothing is expected: of other products. */
  readonly expected: 'succeeds' | 'fails' | null
  readonly observed: 'succeeds' | 'fails' | 'broke'
  /** One sentence: what was seen. */
  readonly evidence: string
  readonly milliseconds: number
}

/** What another product did under the attacks that can be tried on it, as its documentation sets it up. */
export interface Column {
  readonly product: string
  readonly version: string
  readonly presentation: Presentation
  readonly rows: readonly Row[]
}

export interface Matrix {
  readonly rows: readonly Row[]
  readonly columns: readonly Column[]
  /** What was left out, and why. */
  readonly notices: readonly string[]
  /** Something was tried, and every row is as expected. */
  readonly passed: boolean
}

export interface MatrixOptions {
  /** (all) */
  readonly attacks?: readonly Attack[]
  /** (with one, where there is one) */
  readonly inBrowser?: boolean
  /** Other products to be tried beside ours (none). */
  readonly others?: readonly OtherProduct[]
  readonly notices?: readonly string[]
  readonly progress?: (row: Row, product: string) => void
  /** Asked before each run; true: the rest is left out. */
  readonly stopped?: () => boolean
  /** Told each run of ours. */
  readonly seen?: (run: Run) => void
}

export interface OtherProduct extends Other {
  readonly version: string
  readonly present: Presentation
  /** Which attacks it can be tried with. */
  readonly takes: readonly Takes[]
}

/** Carries out every attack without any defence and with each of them alone, one after the other. */
export async function fillMatrix(options: MatrixOptions = {}): Promise<Matrix> {
  const {
    attacks: chosen = attacks,
    inBrowser = true,
    others = [],
    progress = () => {},
    stopped = () => false,
    seen,
  } = options
  const missing = inBrowser ? await browserMissing() : 'no browser was asked for'
  const possible = chosen.filter((attack) => missing === null || !attack.inBrowser)
  const notices = [...(options.notices ?? [])]
  const left = chosen.filter((attack) => !possible.includes(attack)).map(({ id }) => id)
  if (left.length > 0) notices.push(`Left out, for want of a browser (${missing}): ${left.join(', ')}.`)
  const rows: Row[] = []
  for (const trial of everyTrial(possible)) {
    if (stopped()) break
    const row = await tried(trial, null, seen)
    rows.push(row)
    progress(row, 'Handstamp')
  }
  const columns: Column[] = []
  for (const { name, version, present, rows } of stopped() ? [] : await tryOthers(possible, others)) {
    columns.push({ product: name, version, presentation: present, rows })
    for (const row of rows) progress(row, name)
  }
  return {
    rows,
    columns,
    notices,
    passed: rows.length > 0 && rows.every(({ expected, observed }) => expected === observed),
  }
}

type Tried = Pick<OtherProduct, 'name' | 'version' | 'present'> & { readonly rows: Row[] }

/** A product that is tried with requests and with pages has one column. */
async function tryOthers(possible: readonly Attack[], others: readonly OtherProduct[]): Promise<readonly Tried[]> {
  const byName = new Map<string, Tried>()
  for (const other of others) {
    const { name, version, present } = other
    const sofar = byName.get(name) ?? { name, version, present, rows: [] }
    byName.set(name, sofar)
    for (const attack of possible)
      if (typeof attack.others === 'string' && other.takes.includes(attack.others) && attack.presents.includes(present))
        sofar.rows.push(await tried({ attack, present, on: new Set() }, other))
  }
  return [...byName.values()]
}

async function tried(trial: Trial, other: Other | null, seen: (run: Run) => void = () => {}): Promise<Row> {
  const [defence = null] = trial.on
  const about = { attack: trial.attack.id, defence, presentation: trial.present }
  const expected = other !== null ? null : defence === null ? 'succeeds' : 'fails'
  try {
    const run = await carryOut(trial, other)
    seen(run)
    const { milliseconds } = run
    const { succeeded, evidence } = run.observed
    return { ...about, expected, observed: succeeded ? 'succeeds' : 'fails', evidence, milliseconds }
  } catch (error) {
    const evidence = `It broke: ${error instanceof Error ? error.message : String(error)}`
    return { ...about, expected, observed: 'broke', evidence, milliseconds: 0 }
  }
}
