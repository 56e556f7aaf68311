import type { Document, Documents, Once } from '../model/backend.ts'
import { partitionOfUser } from '../model/partition.ts'
import { countOf } from './record.ts'
import type { Calls } from './redis-calls.ts'
import { letters, partitions } from './redis-log.ts'
import { numberText } from './redis-rows.ts'
import { decodeText, encodeText } from './redis-text.ts'

export function redisDocuments(calls: Calls): Documents {
  const place = (kind: string, key: string): readonly string[] => [encodeText(kind), encodeText(key)]
  return {
    insert: async (kind, key, value) =>
      (await calls.run<string>('insertDocument', 'A', [...place(kind, key), encodeText(value)], 'change')) === '1',
    find: async (kind, key) => {
      const text = await calls.run<string>('findDocument', 'A', place(kind, key), 'read')
      return text === '' ? null : documentOf(key, text)
    },
    replace: async (kind, key, from, value) => {
      const args = [...place(kind, key), numberText(from), encodeText(value)]
      return (await calls.run<string>('replaceDocument', 'A', args, 'change')) === '1'
    },
    remove: async (kind, key) => (await calls.run<string>('removeDocument', 'A', place(kind, key), 'change')) === '1',
    list: async (kind, limit, after) => {
      const beginning = after === undefined ? '-' : `(${encodeText(after)}`
      const args = [encodeText(kind), String(countOf(limit)), beginning]
      const flat = await calls.run<string[]>('listDocuments', 'A', args, 'read')
      return Array.from({ length: flat.length / 2 }, (_, index) =>
        documentOf(decodeText(flat[2 * index] ?? ''), flat[2 * index + 1] ?? ''),
      )
    },
  }
}

function documentOf(key: string, text: string): Document {
  const end = text.indexOf(' ')
  return { key, value: decodeText(text.slice(end + 1)), version: Number(text.slice(0, end)) }
}

export function redisOnce(calls: Calls): Once {
  return {
    first: async (key, until) => {
      const letter = letters.charAt(partitionOfUser(key, partitions))
      const args = [letter, encodeText(key), numberText(until)]
      return (await calls.run<string>('once', letter, args, 'change')) === '1'
    },
  }
}
