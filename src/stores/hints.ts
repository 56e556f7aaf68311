import type { Millis } from '../base/clock.ts'
import type { Poke } from '../model/log.ts'
import type { LogEntry } from '../model/revocation.ts'

/** An entry, and the chain that it follows. */
export interface Appended {
  readonly entry: LogEntry
  readonly follows: string
}

/** Tells other nodes what was appended. */
export interface Hints {
  tell(appended: Appended): void
  /** Something was appended that is not at hand. */
  tellNews(partition: number): void
  askForHeartbeats(): Promise<void>
  close(): void
}

/**
 * At most one hint of a node in this time, and one more after it with all that came meanwhile: so that what the others do does not grow with the number of revocations (R6). Shorter than the 20 ms of
 * hints that have to be followed by a reading, because these carry their entries.
 */
const shortest: Millis = 4
/** Longest payload, in bytes; Postgres takes 8,000. */
const longest = 7_500

/**
 * Hints as texts: `e` with entries, `n` with partitions in which there is news, `h` for heartbeats.
 *
 * @param send a text to all nodes; what fails is lost
 */
export function createHints(send: (text: string) => Promise<void>): Hints {
  let waiting: Appended[] = []
  let news = new Set<number>()
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  function flush(): void {
    timer = null
    if (waiting.length === 0 && news.size === 0) return
    const texts = textsOf(waiting, news)
    waiting = []
    news = new Set()
    for (const text of texts) send(text).catch(ignore)
    timer = setTimeout(flush, shortest)
    timer.unref()
  }

  function soon(): void {
    if (timer === null && !isClosed) flush()
  }

  return {
    tell: (appended) => {
      waiting.push(appended)
      soon()
    },
    tellNews: (partition) => {
      news.add(partition)
      soon()
    },
    askForHeartbeats: () => send('h'),
    close: () => {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function textsOf(waiting: readonly Appended[], news: ReadonlySet<number>): readonly string[] {
  const partitions = new Set(news)
  const text = `e${JSON.stringify(waiting)}`
  const isShort = Buffer.byteLength(text) <= longest
  if (!isShort) for (const { entry } of waiting) partitions.add(entry.partition)
  return [
    ...(isShort && waiting.length > 0 ? [text] : []),
    ...(partitions.size > 0 ? [`n${JSON.stringify([...partitions])}`] : []),
  ]
}

/** What a hint says; nothing for what is none of ours. */
export function pokesOf(text: string): readonly Poke[] {
  try {
    const kind = text.charAt(0)
    if (kind === 'h') return [{ kind: 'heartbeat' }]
    if (kind === 'e')
      return (JSON.parse(text.slice(1)) as readonly Appended[]).map((one) => ({ kind: 'entry', ...one }))
    if (kind === 'n')
      return (JSON.parse(text.slice(1)) as readonly number[]).map((partition) => ({ kind: 'news', partition }))
  } catch {
    // Anybody who may send there may send anything: it is a hint, and the next heartbeat reads.
  }
  return []
}

function ignore(): void {}
