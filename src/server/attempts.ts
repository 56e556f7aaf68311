import { createHash } from 'node:crypto'
import { day, hour, type Millis, minute, second } from '../base/clock.ts'
import type { Limits, Rate } from '../model/limits.ts'
import type { KnownSources } from './known-sources.ts'
import { sourceOf } from './source.ts'
import { usernameKey } from './username.ts'

/** Who tries a password. */
export interface Candidate {
  /** As typed, whether there is such an account or not: both are counted alike (L4). */
  readonly username: string
  readonly address: string | null
  /** The session of that user in which it is tried, if there is one. */
  readonly session?: string
}

/** One try, which has to be told how it went: one that is told nothing has failed. */
export interface Attempt {
  readonly ok: true
  succeeded(): Promise<void>
  /** The password was not looked at. */
  abandoned(): Promise<void>
}

export interface TooMany {
  readonly ok: false
  /** Until the next try, in ms. */
  readonly wait: Millis
}

/**
 * How often passwords may be tried (L5; SP 800-63B-4 3.2.2), counted by all nodes together. Looks at no password.
 *
 * An account has lanes, so that whoever attacks it does not lock its owner out: in a session of the account, and from where somebody has signed in to it
 * before, tries are counted apart from those of strangers. Among strangers, the first try from a source takes another lane than those that follow.
 */
export interface Attempts {
  /** Cost: one read and up to six writes. @throws Fault `store_unavailable` */
  begin(candidate: Candidate): Promise<Attempt | TooMany>
  /** Forgets from where somebody has signed in to this account: for its erasure. Cost: four writes. */
  erase(username: string): Promise<void>
  /** Lets everybody try again, e.g. after a new password was set by whoever runs the server. Cost: three writes. */
  forgive(username: string): Promise<void>
}

/** Each number with its reason: docs/decisions/027. */
export const attemptRates = {
  /** All names that strangers try from one source. */
  source: { burst: 30, every: 6 * second },
  /** In a session, or from a known source. */
  own: { burst: 10, every: minute },
  /** Until then a source has tried its first. */
  first: { burst: 1, every: 6 * hour },
  /** First tries at one name, from all strangers together. */
  fresh: { burst: 10, every: 2 * minute },
  /** The later ones. */
  again: { burst: 10, every: 5 * minute },
  /** Failures in a row, until a sign-in succeeds. */
  row: { burst: 100, every: 365 * day },
} as const satisfies Readonly<Record<string, Rate>>

interface Lane {
  readonly key: string
  readonly rate: Rate
}

export function createAttempts(limits: Limits, known: KnownSources): Attempts {
  /** All of them, or the wait for the first that is used up. */
  async function take(lanes: readonly Lane[]): Promise<Millis> {
    for (const { key, rate } of lanes) {
      const wait = await limits.take(key, rate)
      if (wait > 0) return wait
    }
    return 0
  }

  async function begin({ username, address, session }: Candidate): Promise<Attempt | TooMany> {
    const account = digest(usernameKey(username) ?? username)
    const source = digest(sourceOf(address))
    const own = session ?? ((await known.has(account, source)) ? source : null)
    if (own !== null) {
      const lanes = [lane('own', account, own), lane('row', account, own)]
      if ((await take(lanes)) === 0) return attempt(account, source, lanes)
    }
    // Whoever shares the source or the session of the owner, and uses up its lane, leaves them these.
    const everybody = lane('source', source)
    const wait = await take([everybody])
    if (wait > 0) return { ok: false, wait }
    const isFirst = (await take([lane('first', account, source)])) === 0
    const lanes = [lane(isFirst ? 'fresh' : 'again', account), lane('row', account)]
    const longer = await take(lanes)
    return longer > 0 ? { ok: false, wait: longer } : attempt(account, source, [everybody, ...lanes])
  }

  function attempt(account: string, source: string, taken: readonly Lane[]): Attempt {
    return {
      ok: true,
      abandoned: async () => {
        await Promise.all(taken.map(({ key, rate }) => limits.give(key, rate)))
      },
      succeeded: async () => {
        const isRow = ({ rate }: Lane): boolean => rate === attemptRates.row
        const rows = [lane('row', account), lane('row', account, source), ...taken.filter(isRow)]
        await Promise.all([
          ...taken.filter((one) => !isRow(one)).map(({ key, rate }) => limits.give(key, rate)),
          ...[...new Set(rows.map(({ key }) => key))].map((key) => limits.forget(key)),
          known.learn(account, source),
        ])
      },
    }
  }

  async function forgive(username: string): Promise<void> {
    const account = digest(usernameKey(username) ?? username)
    for (const name of ['fresh', 'again', 'row'] as const) await limits.forget(lane(name, account).key)
  }

  return {
    begin,
    forgive,
    erase: async (username) => {
      await forgive(username)
      await known.forget(digest(usernameKey(username) ?? username))
    },
  }
}

function lane(name: keyof typeof attemptRates, ...about: readonly string[]): Lane {
  return { key: ['sign-in', name, ...about].join(' '), rate: attemptRates[name] }
}

/** Names and addresses are counted, not kept. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
