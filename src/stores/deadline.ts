import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'

/** For all that was given up. */
export const late = new Fault('store_unavailable', 'The session database did not answer in time.')

/**
 * What is under way when the deadline passes is given up.
 *
 * @throws `late`, or what `run` throws
 */
export async function within<T>(limit: Millis, run: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late), limit)
  })
  const running = run()
  running.catch(() => {})
  try {
    return await Promise.race([running, expired])
  } finally {
    clearTimeout(timer)
  }
}
