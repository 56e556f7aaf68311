import type { BenchResult } from './bench.ts'
import type { Measured } from './measure.ts'
import type { Speed } from './rounds.ts'

/** A figure that was promised, and what was found. */
export interface Verdict {
  readonly what: string
  readonly promised: string
  readonly found: string
  readonly held: boolean
}

/** Judges by medians of one run. What was not measured is not judged. */
export function judge(result: BenchResult): readonly Verdict[] {
  return [...judgeSpeed(result), ...judgeTokens(result), ...judgeRefusals(result), ...judgeMemory(result)]
}

function atMost(what: string, found: number | undefined, most: number, unit: string, than = ''): readonly Verdict[] {
  if (found === undefined) return []
  const promised = `at most ${digits(most)} ${unit}${than}`
  return [{ what, promised, found: `${digits(found)} ${unit}`, held: found <= most }]
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** Microseconds of a bare request on the machine that the promises were made for. */
const bareThen = 12

function judgeSpeed({ speed }: BenchResult): readonly Verdict[] {
  const find = (name: string): Speed | undefined => speed.find((one) => one.name === name)
  const cached = find('fast-jwt HS256, cache')
  return (['cookie', 'token'] as const).flatMap((present) => {
    const name = `Handstamp ${present}, memory`
    const sqlite = [`Handstamp ${present}, SQLite`, `Handstamp ${present}, SQLite, 100 commits/s`]
    const beside = cached === undefined ? [] : judgeBeside(find(name), cached)
    const far = [`Handstamp ${present}, Redis`, `Handstamp ${present}, Postgres`]
    const all = [...sqlite.map((one) => [one, 7] as const), ...far.map((one) => [one, 3] as const)]
    return [...judgeAdded(find(name), 3), ...beside, ...all.flatMap(([one, most]) => judgeAdded(find(one), most))]
  })
}

function judgeAdded(one: Speed | undefined, most: number): readonly Verdict[] {
  if (one === undefined) return []
  const share = atMost(
    `${one.name}: added CPU, of a bare request`,
    one.share.median * 100,
    (most / bareThen) * 100,
    '%',
    `, as ${most} µs are of ${bareThen} µs`,
  )
  return [...atMost(`${one.name}: added CPU`, one.added.median, most, 'µs'), ...share]
}

function judgeBeside(one: Speed | undefined, other: Speed): readonly Verdict[] {
  if (one === undefined) return []
  return atMost(
    `${one.name}: added CPU`,
    one.added.median,
    other.added.median,
    'µs',
    ', as fast-jwt HS256 with its cache',
  )
}

function judgeTokens({ tokens }: BenchResult): readonly Verdict[] {
  const cpu = (name: string): number | undefined => tokens.find((one) => one.name === name)?.cpu.median
  return ['HS256', 'RS256', 'ES256', 'EdDSA'].flatMap((alg) => {
    const [raw, ours] = [cpu(`${alg}: raw node:crypto`), cpu(`${alg}: Handstamp`)]
    if (raw === undefined || ours === undefined) return []
    const most = alg === 'ES256' || alg === 'EdDSA' ? raw * 1.2 : raw + 5
    const than = alg === 'ES256' || alg === 'EdDSA' ? ', 1.2 × the bare check' : ', the bare check and 5 µs'
    const others = ['fast-jwt', 'jose', 'jsonwebtoken'].flatMap((name) => cpu(`${alg}: ${name}`) ?? [])
    return [
      ...atMost(`a first-seen ${alg} token`, ours, most, 'µs', than),
      ...atMost(`a first-seen ${alg} token`, ours, Math.min(...others), 'µs', ', the fastest of the others'),
    ]
  })
}

function judgeRefusals({ steps }: BenchResult): readonly Verdict[] {
  const find = (name: string): Measured | undefined => steps.find((one) => one.name === name)
  const refusals = steps.filter(({ name }) =>
    /^refuse a (token|cookie) (of garbage|of an unknown key|with a forged)/.test(name),
  )
  return refusals.flatMap((refused) => {
    const present = refused.name.includes('token') ? 'token' : 'cookie'
    const accepted = find(`check a first-seen ${present}, memory`)
    if (accepted === undefined) return []
    const cost = atMost(
      refused.name,
      refused.cpu.median,
      accepted.cpu.median,
      'µs',
      ', as a good one seen for the first time',
    )
    return [...cost, ...atMost(`${refused.name}: calls of the store`, refused.storeCalls ?? 0, 0, 'calls')]
  })
}

function judgeMemory({ memory }: BenchResult): readonly Verdict[] {
  const million = memory.find(({ subject, count }) => subject === 'session in memory()' && count === 1_000_000)
  const ids = memory.filter(({ subject }) => subject === 'revoked id').map(({ bytes }) => bytes)
  const filled = memory
    .filter(({ subject, count }) => subject === 'revoked id' && isFilled(count))
    .map(({ bytes }) => bytes)
  return [
    ...atMost('a session in memory(), of a million', million?.bytes, 400, 'bytes'),
    ...atMost('a revoked id, at worst', ids.length === 0 ? undefined : Math.max(...ids), 56, 'bytes'),
    ...atMost('a revoked id, well filled', filled.length === 0 ? undefined : Math.max(...filled), 32, 'bytes'),
  ]
}

/** The table is as full as it gets. */
function isFilled(count: number): boolean {
  return Number.isInteger(Math.log2(count / 0.75))
}
