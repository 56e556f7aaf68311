import { describe } from 'node:test'
import { memory } from '../../src/stores/memory.ts'
import { backendRaces } from '../../src/testing/contract/races.ts'
import { sharedEngines } from '../support/engines.ts'

const engines = await sharedEngines()

backendRaces('memory', async () => [memory({ partitions: 16 })])

describe('engines that many nodes share', { skip: engines.length === 0 && 'none is installed' }, () => {
  for (const engine of engines)
    backendRaces(engine.name, async () =>
      [engine.node(), engine.node(), engine.node()].map(({ backend, close }) => ({ ...backend, close })),
    )
})
