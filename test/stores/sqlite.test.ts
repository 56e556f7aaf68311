import { join } from 'node:path'
import { sqlite } from '../../src/stores/sqlite.ts'
import { backendContract } from '../../src/testing/contract/backend.ts'
import { manualClock } from '../support/manual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let made = 0

backendContract('sqlite', async () => {
  const clock = manualClock()
  const path = join(folder, `${++made}.db`)
  const backend = sqlite({ path, clock })
  await backend.ready()
  const reopen = async (): Promise<typeof backend> => {
    await backend.close()
    return sqlite({ path, clock })
  }
  return { backend, clock, reopen }
})
