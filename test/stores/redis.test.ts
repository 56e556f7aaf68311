import { after, describe } from 'node:test'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { type RedisClient, redis } from '../../src/stores/redis.ts'
import { backendContract } from '../../src/testing/contract/backend.ts'
import { manualClock } from '../support/manual-clock.ts'
import { redisServer, withRedis } from '../support/redis-server.ts'

const server = withRedis && (await redisServer())

describe('Redis', { skip: server === false && 'there is no redis-server on this machine' }, () => {
  if (server === false) return
  const nodeRedis = createClient({ url: server.url })
  const ioRedis = new Redis(server.url)
  const clients: Readonly<Record<string, RedisClient>> = { 'node-redis': nodeRedis, ioredis: ioRedis }
  let made = 0
  after(() => {
    nodeRedis.destroy()
    ioRedis.disconnect()
  })
  for (const [name, client] of Object.entries(clients)) {
    backendContract(`redis by ${name}`, async () => {
      const clock = manualClock()
      const prefix = `contract${++made}:`
      const open = () => redis({ client, prefix, clock })
      const backend = open()
      await backend.ready()
      const reopen = async (): Promise<typeof backend> => {
        await backend.close()
        return open()
      }
      return { backend, clock, reopen }
    })
  }
})
