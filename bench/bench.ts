import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Behaviour, watchBehaviour } from './behaviour.ts'
import type { Contestant } from './contestant.ts'
import { loadContestants } from './field.ts'
import type { Measured } from './measure.ts'
import { pins } from './processes.ts'
import { measureSpeed, type Speed } from './rounds.ts'

export const parts = ['speed', 'behaviour', 'steps', 'tokens', 'memory'] as const
export type Part = (typeof parts)[number]

/** Everything that one run has found. Parts that were not asked for are empty. */
export interface BenchResult {
  /** Server and driver each had a core of their own. */
  readonly pinned: boolean
  readonly rounds: number
  readonly requests: number
  readonly speed: readonly Speed[]
  readonly behaviour: readonly Behaviour[]
  readonly steps: readonly Measured[]
  readonly tokens: readonly Measured[]
  readonly memory: readonly Weight[]
  /** Contestants that could not take part, and why. */
  readonly missing: readonly string[]
}

/** Bytes that one of so many things takes. */
export interface Weight {
  readonly subject: string
  readonly count: number
  readonly bytes: number
}

export interface BenchOptions {
  readonly parts: readonly Part[]
  /** Small numbers, to see whether it works. */
  readonly quick: boolean
  /** Contestants whose names contain one of these; all where there are none. */
  readonly only: readonly string[]
  readonly seed: number
  readonly progress: (line: string) => void
}

export async function runBench(options: BenchOptions): Promise<BenchResult> {
  installPeers(options.progress)
  const all = (await loadContestants()).filter(({ name }) => !options.quick || !name.startsWith('Better Auth, memory'))
  const chosen = all.filter(({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part)))
  const present = chosen.filter((one) => (one.missing?.() ?? null) === null)
  const missing = chosen.flatMap((one) => one.missing?.() ?? [])
  const has = (part: Part): boolean => options.parts.includes(part)
  const speed = has('speed') ? await speedOf(present, options) : []
  return {
    pinned: pins,
    rounds: speed[0]?.added.n ?? 0,
    requests: speed.reduce((sum, one) => sum + one.requests, 0),
    speed,
    behaviour: has('behaviour') ? await behaviourOf(present, options) : [],
    steps: has('steps') ? await microOf('steps', options) : [],
    tokens: has('tokens') ? await microOf('tokens', options) : [],
    memory: has('memory') ? await weigh(options) : [],
    missing,
  }
}

function installPeers(progress: BenchOptions['progress']): void {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  if (existsSync(`${folder}node_modules/fast-jwt`)) return
  progress('installing what Handstamp is compared with (npm ci --prefix bench)')
  execFileSync('npm', ['ci', '--prefix', folder], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Bare servers take part beside each of the others, and by themselves only where nothing is below them. */
function speedOf(present: readonly Contestant[], { quick, seed, progress }: BenchOptions): Promise<readonly Speed[]> {
  const contestants = present.filter(({ carries, framework }) => carries !== 'nothing' || framework === 'net')
  const sizes = quick
    ? { rounds: 6, slot: 200, lead: 50, warmUp: 6, sessions: 500 }
    : { rounds: 7, slot: 1000, lead: 300, warmUp: 3 }
  return measureSpeed({ contestants, ...sizes, seed, progress: (line) => progress(`speed: ${line}`) })
}

function behaviourOf(present: readonly Contestant[], options: BenchOptions): Promise<readonly Behaviour[]> {
  const isLimit = ({ name }: Contestant): boolean => name === 'Map look-up' || name === 'crypto.verify ES256'
  // What differs in speed only is watched once.
  const isAgain = ({ name }: Contestant): boolean => /commits\/s|Express$|Handstamp token (HS256|EdDSA)/.test(name)
  const contestants = present.filter((one) => one.carries !== 'nothing' && !isLimit(one) && !isAgain(one))
  const sizes = options.quick
    ? { lifetime: 3, trials: 5, forgeries: 60 }
    : { lifetime: 300, trials: 100, forgeries: 1500 }
  const progress = (line: string): void => options.progress(`behaviour: ${line}`)
  return watchBehaviour({ contestants, ...sizes, seed: options.seed, progress })
}

const run = promisify(execFile)

/** Steps and memory are measured in processes of their own, so that nothing of this one is in the figures. */
async function inProcess<Result>(
  file: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Result> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const node = [process.execPath, '--conditions=handstamp-source', '--expose-gc', ...flags, path, ...args]
  const [command = '', ...rest] = pins ? ['taskset', '-c', '0', ...node] : node
  const env = { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' }
  const { stdout } = await run(command, rest, { env, maxBuffer: 2 ** 26 })
  return JSON.parse(stdout) as Result
}

async function microOf(which: 'steps' | 'tokens', { quick, progress }: BenchOptions): Promise<readonly Measured[]> {
  progress(`${which}: measuring`)
  // Room enough that no collection comes into the figures of bytes.
  return inProcess('micro-process.ts', [which, quick ? 'quick' : 'full'], ['--max-semi-space-size=64'])
}

export const subjects = [
  'session in memory()',
  'session in express-session MemoryStore',
  'revoked id',
  'revoked id in a Set of strings',
  'cached snapshot, cookie',
  'cached snapshot, token',
] as const

async function weigh({ quick, progress }: BenchOptions): Promise<readonly Weight[]> {
  const weights: Weight[] = []
  for (const subject of subjects) {
    for (const count of countsFor(subject, quick)) {
      const bytes = await inProcess<number>(
        'memory-process.ts',
        [subject, String(count)],
        ['--max-old-space-size=8192'],
      )
      weights.push({ subject, count, bytes })
    }
    progress(`memory: ${subject}`)
  }
  return weights
}

/** From 10^4 to 10^6; for the table of revoked ids also just before and just after it grows, its best and its worst. */
function countsFor(subject: string, quick: boolean): readonly number[] {
  if (quick) return [10_000]
  const counts = [10_000, 30_000, 100_000, 300_000, 1_000_000]
  if (subject !== 'revoked id') return counts
  const turns = [14, 16, 18, 20].map((bits) => 0.75 * 2 ** bits)
  return [...counts, ...turns, ...turns.map((count) => count + 1)].sort((a, b) => a - b)
}
