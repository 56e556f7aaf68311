/** One full figure: what it shows, how large it is, and how it is made. */
export interface Figure {
  readonly name: string
  readonly shows: string
  /** `measurements`: what was tried are measurements, not tries that could have failed, so no bound follows from their number (tries). */
  readonly counts?: 'tries' | 'measurements'
  run(progress: (line: string) => void, seed: number): Promise<Finding>
}

export interface Finding {
  /** How many were tried. */
  readonly n: number
  /** Whether the law held. */
  readonly passed: boolean
  /** What was seen; goes into the file and onto the terminal. */
  readonly result: Readonly<Record<string, unknown>>
}
