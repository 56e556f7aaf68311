import { readFileSync } from 'node:fs'
import type { Attack } from './attack.ts'
import type { Column } from './matrix.ts'
import type { Run } from './run.ts'
import type { Entry } from './transcript.ts'

/** A run of every trial, kept for readers without a browser to drive. Written by `npm run evidence lab`. */
export interface Recording {
  /** Day of the run. */
  readonly at: string
  readonly versions: Readonly<Record<string, string>>
  readonly seconds: number
  readonly runs: readonly Run[]
  readonly columns: readonly Column[]
}

/** Beside the source, which is part of the package: `dist/` has no copy. */
export const recordingFile = new URL('../../src/lab/recorded.json', import.meta.url)

let read: Recording | null = null

export function recording(): Recording {
  read ??= JSON.parse(readFileSync(recordingFile, 'utf8')) as Recording
  return read
}

/** The recorded run of an attack with these defences; null for several at once, which are not recorded. */
export function recordedRun(attack: Attack, present: string, on: ReadonlySet<string>): Run | null {
  const same = (run: Run): boolean =>
    run.attack === attack.id && run.present === present && run.on.length === on.size && run.on.every((id) => on.has(id))
  return recording().runs.find(same) ?? null
}

const [first, last] = [8, 4]

/** Hundreds of messages of one kind say no more than their beginning and their end. */
export function shortened(entries: readonly Entry[]): readonly Entry[] {
  const left = entries.length - first - last
  if (left < 2) return entries
  const gap: Entry = { kind: 'happening', lane: 'everybody', text: `… ${left} more like these …` }
  return [...entries.slice(0, first), gap, ...entries.slice(-last)]
}
