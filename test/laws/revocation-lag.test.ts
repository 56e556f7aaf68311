import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { second } from '../../src/base/clock.ts'
import { sharedEngines } from '../support/engines.ts'
import { revocationLag } from './revocation-lag.ts'

const engines = await sharedEngines()

describe('R9 P-I1 processes on one engine', { skip: engines.length === 0 && 'no postgres, no redis-server' }, () => {
  for (const engine of engines) {
    test(`R9 ${engine.name}: an ended session is accepted nowhere after R, with hints`, async (context) => {
      const lag = await revocationLag(engine, { nodes: 3, revocations: 40, bound: 5 * second })
      context.diagnostic(JSON.stringify(lag))
      assert.equal(lag.late, 0)
      assert.ok(lag.checks > 120)
    })

    test(`R10 ${engine.name}: nor without any hint, by the heartbeats alone`, async (context) => {
      const lag = await revocationLag(engine, { nodes: 3, revocations: 20, bound: second, isDeaf: true })
      context.diagnostic(JSON.stringify(lag))
      assert.equal(lag.late, 0)
    })

    test(`P-I2 ${engine.name}: a confirmed end is refused by every node from then on`, async (context) => {
      const lag = await revocationLag(engine, { nodes: 3, revocations: 20, bound: 2 * second, confirm: true })
      context.diagnostic(JSON.stringify(lag))
      assert.equal(lag.late, 0)
    })
  }
})
