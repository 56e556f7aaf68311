import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Follower, genesis, type LogPage, type Poke, type RevocationLog } from '../model/log.ts'
import type { LogEntry, Position, Revocation } from '../model/revocation.ts'
import { mayAnswer, sequencesOf } from './followers.ts'
import { createHints, pokesOf } from './hints.ts'
import { createListeners } from './listeners.ts'
import { countOf } from './record.ts'
import type { Calls } from './redis-calls.ts'
import type { RedisDriver } from './redis-client.ts'
import { entryOf, type StreamEntry } from './redis-rows.ts'
import { decodeText, encodeText } from './redis-text.ts'

export const partitions = 16
/** The letters of the partitions, as sids begin with them. */
export const letters = 'ABCDEFGHIJKLMNOP'

/** What the script says that it has appended. */
export type Logged = readonly [seq: string, chain: string, follows: string, at: string]

export interface RedisLog {
  readonly log: RevocationLog
  /** Tells this node and the others. */
  appended(partition: number, logged: Logged, revocation: Revocation): void
  /** The same where the entry is not at hand. */
  news(partition: number): void
  close(): void
}

type Page = readonly [seq: string, chain: string, known: string, entries: readonly StreamEntry[]]

export function redisLog(calls: Calls, driver: RedisDriver, channel: string): RedisLog {
  const ear = createEar(driver, channel)
  const hints = createHints((text) => calls.publish(channel, text))

  const log: RevocationLog = {
    partitions,
    heartbeat: async (node, applied, lease = 0) => {
      const sequences = JSON.stringify(sequencesOf(applied, partitions))
      const args = [encodeText(node), String(lease), sequences, letters]
      const [at, heads] = await calls.run<[string, string[]]>('heartbeat', 'A', args, 'read')
      const positions = Array.from({ length: partitions }, (_, index) =>
        positionOf(heads[2 * index] ?? '0', heads[2 * index + 1] ?? ''),
      )
      return { heads: positions, at: Number(at) }
    },
    followers: async () => {
      const [now, flat] = await calls.run<[string, string[]]>('followers', 'A', [], 'read')
      const at = Number(now)
      const nodes: Follower[] = []
      for (let index = 0; index < flat.length; index += 2)
        nodes.push(nodeOf(flat[index] ?? '', flat[index + 1] ?? '{}'))
      return { at, nodes: nodes.filter((node) => mayAnswer(node, at)) }
    },
    leave: async (node) => {
      await calls.run('leave', 'A', [encodeText(node)], 'change')
    },
    askForHeartbeats: async () => {
      ear.hear({ kind: 'heartbeat' })
      await hints.askForHeartbeats()
    },
    read: async (partition, after, limit) => {
      const letter = letterOf(partition)
      if (!Number.isSafeInteger(after.seq) || after.seq < 0) return { kind: 'diverged' }
      const page = await calls.run<Page>('read', letter, [letter, String(after.seq), String(countOf(limit))], 'read')
      return page[2] === `=${after.chain}` ? pageOf(partition, page) : { kind: 'diverged' }
    },
    tail: async (partition, since: Millis) => {
      const letter = letterOf(partition)
      return pageOf(partition, await calls.run<Page>('tail', letter, [letter, String(since)], 'read'))
    },
    local: null,
    onPoke: ear.onPoke,
  }

  return {
    log,
    appended: (partition, [seq, chain, follows, at], revocation) => {
      const entry: LogEntry = { partition, position: { seq: Number(seq), chain }, at: Number(at), revocation }
      ear.hear({ kind: 'entry', entry, follows })
      hints.tell({ entry, follows })
    },
    news: (partition) => {
      ear.hear({ kind: 'news', partition })
      hints.tellNews(partition)
    },
    close: () => {
      hints.close()
      ear.close()
    },
  }
}

interface Ear {
  onPoke(listener: (poke: Poke) => void): () => void
  hear(poke: Poke): void
  close(): void
}

/** Hears the channel for as long as somebody listens. */
function createEar(driver: RedisDriver, channel: string): Ear {
  const { add, hear, clear } = createListeners()
  let stop: (() => void) | null = null

  /** What was told while nobody heard. */
  function catchUp(): void {
    for (let partition = 0; partition < partitions; partition++) hear({ kind: 'news', partition })
  }

  function close(): void {
    clear()
    stop?.()
    stop = null
  }

  return {
    onPoke: (listener) => {
      const leave = add(listener)
      stop ??= driver.subscribe(
        channel,
        (text) => {
          for (const poke of pokesOf(text)) hear(poke)
        },
        catchUp,
      )
      return () => {
        if (leave()) close()
      }
    },
    hear,
    close,
  }
}

function nodeOf(name: string, text: string): Follower {
  const { at, lease, applied } = JSON.parse(text) as Omit<Follower, 'node'>
  return { node: decodeText(name), applied, at, lease }
}

function positionOf(seq: string, chain: string): Position {
  return seq === '0' ? genesis : { seq: Number(seq), chain }
}

function pageOf(partition: number, [seq, chain, , entries]: Page): LogPage & { readonly kind: 'entries' } {
  return {
    kind: 'entries',
    entries: entries.map((entry) => entryOf(partition, entry)),
    head: positionOf(seq, chain),
  }
}

function letterOf(partition: number): string {
  const letter = Number.isInteger(partition) ? letters.charAt(partition) : ''
  if (letter === '') throw new Fault('invalid_value', `There is no partition ${partition} in this store.`)
  return letter
}
