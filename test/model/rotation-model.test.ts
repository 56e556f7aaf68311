import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { handovers, lawfulCases, mostHandovers, unguardedCases } from './rotation-cases.ts'

describe('the rotation table, searched exhaustively', () => {
  for (const { name, search } of lawfulCases) {
    test(name, (t) => {
      const started = Date.now()
      const { states, broken, trace } = search()
      t.diagnostic(`${states} states, ${Date.now() - started} ms`)
      assert.equal(broken, null, trace?.join('\n'))
    })
  }
})

test(`renewing passes between victim and thief at most ${mostHandovers} times`, () => {
  for (const found of handovers()) assert.equal(found, mostHandovers)
})

describe('each guard removed turns the search red', () => {
  for (const { name, search, breaks } of unguardedCases) {
    test(name, (t) => {
      const { broken, trace } = search()
      assert.equal(broken, breaks)
      t.diagnostic(`${name}: ${broken}\n  ${trace?.join('\n  ')}`)
    })
  }
})
