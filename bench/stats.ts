/** Figures of repeated measurements. Nothing here assumes a distribution. */

/** The value below which this part of a sorted list lies. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/** A median with the interval that holds the true one in at least 95 % of cases. */
export interface Estimate {
  readonly median: number
  readonly low: number
  readonly high: number
  /** How many measurements. */
  readonly n: number
}

/**
 * The median and its interval by order statistics (the sign test turned round): of n independent measurements, the k-th smallest and the k-th largest
 * enclose the true median with the probability that a fair coin shows between k and n-k heads. Below six measurements no such interval exists, and the range is given.
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = [...values].sort((a, b) => a - b)
  const k = rank(sorted.length)
  return {
    median: median(sorted),
    low: sorted[k] ?? Number.NaN,
    high: sorted[sorted.length - 1 - k] ?? Number.NaN,
    n: sorted.length,
  }
}

/** How many may be left out on each side, so that 95 % remain. */
function rank(n: number): number {
  let below = 0
  let chance = 0.5 ** n
  for (let k = 0; k < n; k++) {
    below += chance
    if (2 * below > 0.05) return Math.max(0, k - 1)
    chance = (chance * (n - k)) / (k + 1)
  }
  return 0
}

/** The differences of two series, measured in the same rounds. */
export function paired(ours: readonly number[], theirs: readonly number[]): Estimate {
  return estimate(ours.map((value, round) => value - (theirs[round] ?? Number.NaN)))
}
