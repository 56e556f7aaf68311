/** Who takes part. */
export type Lane = 'victim' | 'application' | 'attacker'

/** One request and its answer, with the headers that matter here. */
export interface Exchange {
  readonly kind: 'exchange'
  readonly from: Lane
  readonly to: Lane
  readonly request: readonly string[]
  readonly status: number
  readonly answer: readonly string[]
}

/** What happens without a message: time goes by, a page is opened, somebody reads along. */
export interface Happening {
  readonly kind: 'happening'
  readonly lane: Lane | 'everybody'
  readonly text: string
}

export type Entry = Exchange | Happening

/** What went on in a run, in its order. */
export interface Transcript {
  add(entry: Entry): void
  entries(): readonly Entry[]
}

/** Longer ones say nothing more. */
const most = 400

export function createTranscript(): Transcript {
  const entries: Entry[] = []
  return {
    add: (entry) => {
      if (entries.length < most) entries.push(entry)
    },
    entries: () => entries,
  }
}

/**
 * A line as it is shown: long words, which credentials and tokens are, are cut to their two ends, so that the same one can be told from another. Credentials of the lab open nothing
 * but the lab's own targets, which are gone by then; nobody gets used to seeing whole ones all the same.
 */
export function shown(line: string): string {
  return line.replaceAll(/[A-Za-z0-9_.%+/-]{33,}/g, (word) => `${word.slice(0, 12)}…${word.slice(-6)}`).slice(0, 300)
}
