import { memory } from '../../src/stores/memory.ts'
import { backendContract } from '../../src/testing/contract/backend.ts'
import { manualClock } from '../support/manual-clock.ts'

for (const partitions of [1, 16]) {
  backendContract(`memory with ${partitions} partition${partitions === 1 ? '' : 's'}`, async () => {
    const clock = manualClock()
    return { backend: memory({ clock, partitions }), clock }
  })
}
