import type { Limits } from '../model/limits.ts'
import { partitionOfUser } from '../model/partition.ts'
import type { Calls } from './redis-calls.ts'
import { letters, partitions } from './redis-log.ts'
import { numberText } from './redis-rows.ts'
import { encodeText } from './redis-text.ts'

export function redisLimits(calls: Calls): Limits {
  const letterOf = (key: string): string => letters.charAt(partitionOfUser(key, partitions))
  const place = (key: string): readonly string[] => [letterOf(key), encodeText(key)]
  return {
    take: async (key, { burst, every }) => {
      const args = [...place(key), numberText(burst), numberText(every)]
      return Number(await calls.run<string>('take', letterOf(key), args, 'change'))
    },
    give: async (key, { every }) => {
      await calls.run('give', letterOf(key), [...place(key), numberText(every)], 'change')
    },
    forget: async (key) => {
      await calls.run('forget', letterOf(key), place(key), 'change')
    },
  }
}
