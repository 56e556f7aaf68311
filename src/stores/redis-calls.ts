import { hash } from 'node:crypto'
import { type Clock, type Millis, systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { late, within } from './deadline.ts'
import type { RedisDriver } from './redis-client.ts'
import { codeOf, redisFault } from './redis-errors.ts'
import { type ScriptName, scripts } from './redis-scripts.ts'

/** Scripts with a deadline. Throws nothing but Faults. */
export interface Calls {
  /**
   * One script, and its answer.
   *
   * @param part letter of the partition
   * @throws Fault `store_unavailable`, `not_stored`
   */
  run<T>(name: ScriptName, part: string, args: readonly string[], work: 'read' | 'change'): Promise<T>
  publish(channel: string, text: string): Promise<void>
  /** @throws Fault `store_unavailable` once it is closed */
  guard(): void
  close(): void
}

export interface CallOptions {
  readonly driver: RedisDriver
  readonly prefix: string
  readonly deadline: Millis
  /** The engine's own where it is null. */
  readonly clock: Clock | null
  /** Before the first call. */
  readonly open: () => Promise<void>
}

const shas = new Map(Object.entries(scripts).map(([name, text]) => [name, hash('sha1', text)]))

export function createCalls({ driver, prefix, deadline, clock, open }: CallOptions): Calls {
  let isClosed = false
  /** The engine's time where our monotonic clock is 0, at most; null before the first answer. */
  let offset: Millis | null = null

  function guard(): void {
    if (isClosed) throw new Fault('store_unavailable', 'The store was closed: make a new one.')
  }

  /**
   * A change that arrives when it has been given up is not carried out: the script looks at the engine's clock.
   *
   * @param end the deadline, on our monotonic clock
   */
  async function once(name: ScriptName, part: string, args: readonly string[], end: Millis): Promise<unknown> {
    if (offset === null) await learnTime(end)
    const sent = systemClock.monotonic()
    if (sent >= end) throw late
    const notAfter = String(Math.ceil((offset ?? 0) + end))
    const given = clock === null ? '' : String(clock.now())
    const rest = ['1', `${prefix}{${part}}h`, given, notAfter, prefix, ...args]
    const [time, result] = (await evaluate(driver, name, rest)) as readonly [time: string, result: unknown]
    learn(Number(time), sent, end)
    return result
  }

  async function learnTime(end: Millis): Promise<void> {
    const sent = systemClock.monotonic()
    const [seconds, micros] = (await driver.command(['TIME'])) as readonly [string, string]
    learn(Number(seconds) * 1000 + Math.floor(Number(micros) / 1000), sent, end)
  }

  /** An answer that was too late tells how long it took rather than what time it is. */
  function learn(time: Millis, sent: Millis, end: Millis): void {
    if (systemClock.monotonic() < end) offset = time - sent
  }

  async function run<T>(name: ScriptName, part: string, args: readonly string[], work: 'read' | 'change'): Promise<T> {
    guard()
    await open()
    const end = systemClock.monotonic() + deadline
    try {
      return (await within(deadline, async () => {
        const answer = await once(name, part, args, end)
        if (answer !== 'late') return answer
        // The engine's clock was set forward: now we know its time.
        const again = await once(name, part, args, end)
        if (again === 'late') throw late
        return again
      })) as T
    } catch (error) {
      throw redisFault(error, work)
    }
  }

  return {
    run,
    guard,
    publish: async (channel, text) => {
      try {
        await within(deadline, () => driver.command(['PUBLISH', channel, text]))
      } catch (error) {
        throw redisFault(error, 'read')
      }
    },
    close: () => {
      isClosed = true
    },
  }
}

async function evaluate(driver: RedisDriver, name: ScriptName, rest: readonly string[]): Promise<unknown> {
  try {
    return await driver.command(['EVALSHA', shas.get(name) ?? '', ...rest])
  } catch (error) {
    if (codeOf(error) !== 'NOSCRIPT') throw error
    return driver.command(['EVAL', scripts[name], ...rest])
  }
}
