import { after, describe } from 'node:test'
import { postgres } from '../../src/stores/postgres.ts'
import { backendContract } from '../../src/testing/contract/backend.ts'
import { manualClock } from '../support/manual-clock.ts'
import { postgresServer, withPostgres } from '../support/postgres-server.ts'

const server = withPostgres && (await postgresServer())
let made = 0

describe('Postgres', { skip: server === false && 'there is no postgres on this machine' }, () => {
  if (server === false) return
  const pool = server.pool()
  after(() => pool.end())

  backendContract('postgres', async () => {
    const clock = manualClock()
    const schema = `contract_${++made}`
    const open = () => postgres({ pool, schema, clock })
    const backend = open()
    await backend.ready()
    const reopen = async (): Promise<typeof backend> => {
      await backend.close()
      return open()
    }
    return { backend, clock, reopen }
  })
})
