import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sharedEngines } from '../support/engines.ts'
import { engineRaces } from './engine-races.ts'

const engines = await sharedEngines()
const seed = Number(process.env.SEED ?? 20260101)

describe('P-D1 P-D2 P-P1 races on engines that many nodes share', {
  skip: engines.length === 0 && 'none is installed',
}, () => {
  for (const engine of engines) {
    test(`${engine.name}: nothing is lost, nothing comes back, nobody is renewed twice, nothing is left (seed ${seed})`, async (context) => {
      const nodes = [engine.node(), engine.node(), engine.node()]
      try {
        const { operations, acknowledged, ...wrong } = await engineRaces(
          nodes.map(({ backend }) => backend),
          6_000,
          seed,
        )
        context.diagnostic(JSON.stringify({ operations, acknowledged }))
        assert.deepEqual(wrong, { lostUpdates: 0, resurrections: 0, doubleSuccessors: 0, indexErrors: 0, leaked: 0 })
        for (const name of ['insert', 'kill', 'increment', 'successor', 'amend'])
          assert.ok((acknowledged[name] ?? 0) > 20, name)
      } finally {
        await Promise.all(nodes.map((node) => node.close()))
      }
    })
  }
})
