import { backendContract } from '../../src/testing/contract/backend.ts'
import { manualClock } from '../support/manual-clock.ts'
import { slowBackend } from '../support/slow-backend.ts'

for (const seed of [1, 2, 3]) {
  backendContract(`a slow engine with four partitions (seed ${seed})`, async () => {
    const clock = manualClock()
    return { backend: slowBackend({ clock, seed }), clock }
  })
}
